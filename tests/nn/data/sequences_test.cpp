// SPDX-License-Identifier: MIT
// The sequence tasks: each row follows from its random part in the way that the header says, and
// that part is uniform.
#include "nn/data/sequences.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace gradus;

namespace {

using Ids = std::vector<int>;

Ids row(const Tokens& tokens, Index b) {
    const Index T = tokens.shape[1];
    return {tokens.id.begin() + b * T, tokens.id.begin() + (b + 1) * T};
}

// Whether n draws, each in [low, low + kinds), look uniform: every count within five standard
// deviations.
bool uniform(const Ids& draws, int low, int kinds) {
    std::vector<double> count(static_cast<std::size_t>(kinds));
    for (const int one : draws) {
        if (one < low || one >= low + kinds) return false;
        ++count[static_cast<std::size_t>(one - low)];
    }
    const double n = static_cast<double>(draws.size()), p = 1.0 / kinds;
    return std::all_of(count.begin(), count.end(), [&](double c) {
        return std::abs(c - n * p) < 5 * std::sqrt(n * p * (1 - p));
    });
}

// Rows depend on the seed, the stream and their number, and on nothing else.
void check_rows(const auto& task) {
    const Batch all = task.batch(3, Stream::data, 0, 6), some = task.batch(3, Stream::data, 2, 3);
    REQUIRE(all.inputs.shape == Shape{6, task.length()});
    REQUIRE(all.targets.shape == all.inputs.shape);
    for (Index b = 0; b < 3; ++b) {
        CHECK(row(some.inputs, b) == row(all.inputs, b + 2));
        CHECK(row(some.targets, b) == row(all.targets, b + 2));
    }
    std::set<Ids> different;
    for (Index b = 0; b < 6; ++b) different.insert(row(all.inputs, b));
    CHECK(different.size() == 6);
    CHECK(task.batch(4, Stream::data, 0, 6).inputs.id != all.inputs.id);
    CHECK(task.batch(3, Stream::validation, 0, 6).inputs.id != all.inputs.id);
    for (const int id : all.inputs.id) CHECK((id >= 0 && id < task.vocabulary()));
    for (const int id : all.targets.id) CHECK((id >= -1 && id < task.vocabulary()));
}

}  // namespace

TEST_CASE("copy task: symbols, a pause, a signal, and the symbols again") {
    const int _ = CopyTask::kBlank, go = CopyTask::kSignal;
    const Batch batch = CopyTask{3}.batch(1, Stream::data, 0, 2);
    for (Index b = 0; b < 2; ++b) {
        const Ids in = row(batch.inputs, b);
        const Ids s(in.begin(), in.begin() + 10);
        CHECK(in == Ids{s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], _, _,
                        go,   _,    _,    _,    _,    _,    _,    _,    _,    _,    _});
        CHECK(row(batch.targets, b) == Ids{_,    _,    _,    _,    _,    _,    _,    _,
                                           _,    _,    _,    _,    _,    s[0], s[1], s[2],
                                           s[3], s[4], s[5], s[6], s[7], s[8], s[9]});
    }
    // The shortest pause is the signal alone.
    CHECK(CopyTask{1}.length() == 21);
    CHECK(CopyTask{1}.batch(1, Stream::data, 0, 1).inputs.id[10] == go);
    check_rows(CopyTask{7});
}

TEST_CASE("copy task: uniform symbols, and the loss without memory") {
    const Batch batch = CopyTask{1}.batch(5, Stream::data, 0, 400);
    Ids symbols;
    for (Index b = 0; b < 400; ++b) {
        const Ids in = row(batch.inputs, b);
        symbols.insert(symbols.end(), in.begin(), in.begin() + 10);
    }
    CHECK(uniform(symbols, 0, 8));
    CHECK(CopyTask{20}.memoryless_loss() == doctest::Approx(0.51986).epsilon(1e-5));
    CHECK(CopyTask{50}.memoryless_loss() == doctest::Approx(0.29706).epsilon(1e-5));
    CHECK(CopyTask{20}.vocabulary() == 10);
}

TEST_CASE("latch: a symbol, noise, and a question at the end") {
    const Batch batch = LatchTask{4}.batch(1, Stream::data, 0, 2);
    for (Index b = 0; b < 2; ++b) {
        const Ids in = row(batch.inputs, b);
        CHECK(in.size() == 5);
        CHECK((in[0] >= 0 && in[0] < 8));
        for (std::size_t t = 1; t < 5; ++t) CHECK((in[t] >= 8 && in[t] < 16));
        CHECK(row(batch.targets, b) == Ids{-1, -1, -1, -1, in[0]});
    }
    const Batch shortest = LatchTask{1}.batch(1, Stream::data, 0, 1);
    CHECK(shortest.targets.id == Ids{-1, shortest.inputs.id[0]});
    check_rows(LatchTask{9});
}

TEST_CASE("latch: uniform symbols and noise, and the loss without memory") {
    const Batch batch = LatchTask{4}.batch(5, Stream::data, 0, 1000);
    Ids symbols, noise;
    for (Index b = 0; b < 1000; ++b) {
        const Ids in = row(batch.inputs, b);
        symbols.push_back(in[0]);
        noise.insert(noise.end(), in.begin() + 1, in.end());
    }
    CHECK(uniform(symbols, 0, 8));
    CHECK(uniform(noise, 8, 8));
    CHECK(LatchTask{50}.memoryless_loss() == doctest::Approx(2.07944).epsilon(1e-5));
    CHECK(LatchTask{50}.vocabulary() == 16);
}

TEST_CASE("associative recall: pairs, then every key once, with its value as the target") {
    const Batch one = RecallTask{1, 2}.batch(1, Stream::data, 0, 1);
    CHECK(one.inputs.id == Ids{0, 1, 0});  // the only row that there is
    CHECK(one.targets.id == Ids{-1, -1, 1});

    const RecallTask task{3, 10};
    const Batch batch = task.batch(1, Stream::data, 0, 50);
    std::set<Ids> orders;
    for (Index b = 0; b < 50; ++b) {
        CAPTURE(b);
        const Ids in = row(batch.inputs, b), out = row(batch.targets, b);
        std::set<int> keys, values, asked;
        Ids order;
        for (std::size_t p = 0; p < 3; ++p) {
            keys.insert(in[2 * p]), values.insert(in[2 * p + 1]), asked.insert(in[6 + p]);
            CHECK((in[2 * p] >= 0 && in[2 * p] < 5));
            CHECK((in[2 * p + 1] >= 5 && in[2 * p + 1] < 10));
            CHECK(out[2 * p] == -1);
            CHECK(out[2 * p + 1] == -1);
            const auto found = std::find(in.begin(), in.begin() + 6, in[6 + p]);
            REQUIRE(found != in.begin() + 6);
            CHECK(out[6 + p] == found[1]);
            order.push_back(static_cast<int>(found - in.begin()) / 2);
        }
        CHECK(keys.size() == 3);
        CHECK(values.size() == 3);
        CHECK(asked == keys);
        orders.insert(order);
    }
    CHECK(orders.size() == 6);  // every order of the three queries occurs
    check_rows(task);
}

TEST_CASE("associative recall: uniform keys, values and answers, and the two losses") {
    const RecallTask task{4, 16};
    const Batch batch = task.batch(5, Stream::data, 0, 1000);
    Ids first_keys, first_values, first_answers;
    for (Index b = 0; b < 1000; ++b) {
        first_keys.push_back(row(batch.inputs, b)[0]);
        first_values.push_back(row(batch.inputs, b)[1]);
        first_answers.push_back(row(batch.targets, b)[8]);
    }
    CHECK(uniform(first_keys, 0, 8));
    CHECK(uniform(first_values, 8, 8));
    CHECK(uniform(first_answers, 8, 8));
    CHECK(RecallTask{}.length() == 24);
    CHECK(RecallTask{}.memoryless_loss() == doctest::Approx(3.46574).epsilon(1e-5));
    CHECK(RecallTask{}.unpaired_loss() == doctest::Approx(2.07944).epsilon(1e-5));
}

TEST_CASE("a task that cannot be made is refused with what it needs") {
    CHECK_THROWS_WITH_AS(CopyTask{0}.batch(1, Stream::data, 0, 1),
                         "copy task: T is 0, must be at least 1", std::invalid_argument);
    CHECK_THROWS_WITH_AS(LatchTask{0}.batch(1, Stream::data, 0, 1),
                         "latch: T is 0, must be at least 1", std::invalid_argument);
    CHECK_THROWS_WITH_AS(LatchTask{}.batch(1, Stream::data, 0, 0),
                         "latch: 0 rows from row 0 on, must be at least 1 from row 0 on",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(CopyTask{}.batch(1, Stream::data, -1, 2),
                         "copy task: 2 rows from row -1 on, must be at least 1 from row 0 on",
                         std::invalid_argument);
    for (const RecallTask& task : {RecallTask{0, 8}, RecallTask{5, 8}, RecallTask{2, 7}})
        CHECK_THROWS_AS(task.batch(1, Stream::data, 0, 1), std::invalid_argument);
    CHECK_THROWS_WITH_AS((RecallTask{5, 8}.batch(1, Stream::data, 0, 1)),
                         "associative recall: 5 pairs from a vocabulary of 8, which must be even "
                         "and have at least 2 "
                         "tokens for each pair",
                         std::invalid_argument);
}
