// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <numeric>

#include "autograd/cross_entropy.h"
#include "autograd/reduce.h"
#include "autograd/softmax.h"

namespace gradus::lesson_13 {
namespace {

using Numbers = std::vector<Real>;

Numbers numbers(const Tokens& tokens) {
    return {tokens.id.begin(), tokens.id.end()};
}

// The table of the text: 3 letters, 2 numbers each.
const Numbers kTable = {1, 2, 3, 4, 5, 6};

Numbers gathered(const Numbers& table, const std::vector<int>& id, Index C) {
    Numbers y(id.size() * static_cast<std::size_t>(C), 99);  // rubbish, to be overwritten
    part().embedding_forward(y.data(), table.data(), id.data(), static_cast<Index>(id.size()), C);
    return y;
}

Numbers scattered(Numbers dtable, const Numbers& dy, const std::vector<int>& id, Index C) {
    part().embedding_backward(dtable.data(), dy.data(), id.data(), static_cast<Index>(id.size()), C,
                              static_cast<Index>(dtable.size()) / C);
    return dtable;
}

// n ids from 0 to V - 1, in an order that is the same every time.
std::vector<int> some_ids(std::uint64_t seed, Index n, Index V) {
    Random random(seed);
    std::vector<int> id(static_cast<std::size_t>(n));
    for (int& one : id) one = static_cast<int>(random.below(static_cast<std::uint64_t>(V)));
    return id;
}

Variable table_of(const Numbers& values, Index C) {
    return parameter(Tensor::from({static_cast<Index>(values.size()) / C, C}, values));
}

// The gradient of the table when the result of embedding() is multiplied by weights and added up.
Numbers table_gradient(const Variable& table, const Tokens& ids, const Numbers& weights) {
    const Variable y = part().embedding(table, ids);
    sum(y * Variable(Tensor::from(y.shape(), weights))).backward();
    return table.grad().to_vector();
}

std::vector<int> counting(int n) {
    std::vector<int> text(static_cast<std::size_t>(n));
    std::iota(text.begin(), text.end(), 0);
    return text;
}

// Two letters of context, two numbers each, two hidden units: to be worked out by hand.
LetterModel small_model() {
    LetterModel model(3, 2, 2, 2, Initialiser(1));
    model.table.value().copy_from(Tensor::matrix({{0, 0}, {1, 0.5}, {-1, 2}}));
    model.hidden.weight.value().copy_from(Tensor::matrix({{1, 0}, {0, 1}, {1, -1}, {0.5, 0}}));
    model.hidden.bias.value().copy_from(Tensor::from({0, 0.5}));
    model.scores.weight.value().copy_from(Tensor::matrix({{1, 0, -1}, {0, 2, 1}}));
    model.scores.bias.value().copy_from(Tensor::from({0, 0, 0.1}));
    return model;
}

// The scores by plain loops.
Numbers scores_by_loops(const LetterModel& model, const Tokens& ids) {
    const Index B = ids.shape[0], T = ids.shape[1], K = model.K, C = model.table.size(1);
    const Tensor &w1 = model.hidden.weight.value(), &w2 = model.scores.weight.value();
    Numbers all;
    for (Index b = 0; b < B; ++b)
        for (Index t = 0; t < T; ++t) {
            Numbers hidden = model.hidden.bias.value().to_vector(),
                    scores = model.scores.bias.value().to_vector();
            for (Index k = 0; k < K; ++k) {
                const Index at = t - (K - 1) + k;
                const int id = at < 0 ? 0 : ids.id[static_cast<std::size_t>(b * T + at)];
                for (Index c = 0; c < C; ++c)
                    for (std::size_t h = 0; h < hidden.size(); ++h)
                        hidden[h] +=
                            model.table.value().at(id, c) * w1.at(k * C + c, static_cast<Index>(h));
            }
            for (std::size_t h = 0; h < hidden.size(); ++h)
                for (std::size_t v = 0; v < scores.size(); ++v)
                    scores[v] +=
                        std::tanh(hidden[h]) * w2.at(static_cast<Index>(h), static_cast<Index>(v));
            all.insert(all.end(), scores.begin(), scores.end());
        }
    return all;
}

// The mean loss by plain arithmetic, for finite differences.
double mean_loss(const Numbers& scores, const std::vector<int>& targets, std::size_t V) {
    double sum = 0;
    for (std::size_t r = 0; r < targets.size(); ++r) {
        const Real* x = &scores[r * V];
        double z = 0;
        for (std::size_t v = 0; v < V; ++v) z += std::exp(x[v]);
        sum += std::log(z) - x[targets[r]];
    }
    return sum / static_cast<double>(targets.size());
}

// A table with room after its end, and rows that cannot be taken for one another.
const Fingerprint forward_print("embedding_forward", [] {
    const Numbers table = with_room(normal_numbers(1, 15));
    const std::vector<int> id = {3, 0, 4, 3};
    Numbers y = with_room(Numbers(12, 7));
    part().embedding_forward(y.data(), table.data(), id.data(), 4, 3);
    return y;
});
const Fingerprint backward_print("embedding_backward", [] {
    Numbers dtable = with_room(normal_numbers(2, 15));
    const Numbers dy = with_room(normal_numbers(3, 15));
    const std::vector<int> id = {3, 0, 4, 3, 3};
    part().embedding_backward(dtable.data(), dy.data(), id.data(), 5, 3, 5);
    return dtable;
});
const Fingerprint embedding_print("embedding", [] {
    // More rows than letters, for answers that take a place for a letter.
    const Variable table = table_of(normal_numbers(4, 30), 3);
    table.grad().fill(0.5);  // from an earlier backward
    const Tokens ids({2, 3}, {1, 0, 4, 1, 1, 2});
    const Variable y = part().embedding(table, ids);
    Numbers all = y.value().to_vector();
    for (const Index size : y.shape()) all.push_back(static_cast<Real>(size));
    all.push_back(y.requires_grad());
    if (y.requires_grad()) {
        sum(y * Variable(Tensor::from(y.shape(), normal_numbers(5, y.value().count())))).backward();
        const Numbers grad = table.grad().to_vector();
        all.insert(all.end(), grad.begin(), grad.end());
    }
    return all;
});
const Fingerprint batch_print("batch", [] {
    // A text whose letters say where they stand, with room on both sides.
    std::vector<int> text = counting(40);
    text[12] = 30, text[19] = 3;  // the next letter of the text is not that of the alphabet
    const Examples some = part().batch(text, {10, 17, 12}, 4);
    Numbers all;
    for (const Tokens* tokens : {&some.inputs, &some.targets}) {
        for (const Index size : tokens->shape) all.push_back(static_cast<Real>(size));
        const Numbers list = numbers(*tokens);
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
});
const Fingerprint contexts_print("contexts", [] {
    const Tokens found = part().contexts(Tokens({2, 5}, {4, 5, 6, 7, 8, 9, 3, 0, 1, 7}), 3);
    Numbers all = numbers(found);
    for (const Index size : found.shape) all.push_back(static_cast<Real>(size));
    return all;
});
const Fingerprint model_print("forward", [] {
    const LetterModel model(60, 3, 2, 4, Initialiser(2));  // room for n in place of C
    return part().forward(model, Tokens({2, 4}, {1, 4, 2, 3, 0, 1, 1, 4})).value().to_vector();
});

}  // namespace

TEST_CASE("embedding_forward: rows 2, 0 and 2 of the table from the text") {
    CHECK(same(gathered(kTable, {2, 0, 2}, 2), {5, 6, 1, 2, 5, 6}, {3, 2}));
}

TEST_CASE("embedding_forward: one letter, one number, none at all") {
    CHECK(same(gathered(kTable, {1}, 2), {3, 4}, {1, 2}));
    CHECK(same(gathered(kTable, {5, 0}, 1), {6, 1}, {2, 1}));
    CHECK(same(gathered(kTable, {}, 2), {}));
}

TEST_CASE("embedding_forward: many rows of a large table") {
    for (const Index C : {1, 3, 8}) {
        CAPTURE(C);
        const Index V = 20, n = 33;
        const Numbers table = normal_numbers(1, V * C);
        const std::vector<int> id = some_ids(2, n, V);
        Numbers expected;
        for (const int one : id)
            expected.insert(expected.end(), table.begin() + one * C, table.begin() + (one + 1) * C);
        CHECK(same(gathered(table, id, C), expected, {n, C}));
    }
}

TEST_CASE("embedding_backward: the gradients from the text, for letters 2, 0 and 2") {
    CHECK(same(scattered({0, 0, 0, 0, 0, 0}, {1, 2, 10, 20, 100, 200}, {2, 0, 2}, 2),
               {10, 20, 0, 0, 101, 202}, {3, 2}));
}

TEST_CASE("embedding_backward: adds to what is there, and leaves the other rows alone") {
    CHECK(same(scattered({1, 1, 2, 2, 3, 3}, {5, 6}, {1}, 2), {1, 1, 7, 8, 3, 3}, {3, 2}));
    CHECK(same(scattered({1, 1, 2, 2, 3, 3}, {}, {}, 2), {1, 1, 2, 2, 3, 3}, {3, 2}));
}

TEST_CASE("embedding_backward: many letters, many of them twice and more") {
    for (const Index C : {1, 3, 8}) {
        CAPTURE(C);
        const Index V = 7, n = 50;
        const std::vector<int> id = some_ids(3, n, V);
        const Numbers dy = normal_numbers(4, n * C);
        Numbers expected = normal_numbers(5, V * C);
        const Numbers before = expected;
        for (Index i = 0; i < n; ++i)
            for (Index c = 0; c < C; ++c) expected[id[i] * C + c] += dy[i * C + c];
        CHECK(same(scattered(before, dy, id, C), expected, {V, C}));
    }
}

TEST_CASE("embedding: rows of the table, with the shape of the ids and one axis more") {
    const Variable y = part().embedding(table_of(kTable, 2), Tokens({1, 3}, {2, 0, 2}));
    REQUIRE(shaped(y.shape(), {1, 3, 2}));
    CHECK(same(y.value().to_vector(), {5, 6, 1, 2, 5, 6}, {1, 3, 2}));
    const Variable rows = part().embedding(table_of(kTable, 2), Tokens({3, 1}, {2, 0, 2}));
    CHECK(shaped(rows.shape(), {3, 1, 2}));
}

TEST_CASE("embedding: backward() finds the way to the table") {
    const Variable table = table_of(kTable, 2);
    const Variable y = part().embedding(table, Tokens({1, 3}, {2, 0, 2}));
    REQUIRE(Comparison{y.requires_grad(),
                       "your result knows of no table: it was not recorded, or without "
                       "{table} among the inputs"});
    const Numbers weights = {1, 2, 10, 20, 100, 200};
    CHECK(named({"the gradient of the table"},
                same(table_gradient(table, Tokens({1, 3}, {2, 0, 2}), weights),
                     {10, 20, 0, 0, 101, 202}, {3, 2})));
    // A second use adds its gradient.
    CHECK(named({"the gradient of the table"},
                same(table_gradient(table, Tokens({1, 3}, {2, 0, 2}), weights),
                     {20, 40, 0, 0, 202, 404}, {3, 2})));
}

TEST_CASE("embedding: a table that needs no gradient gets none") {
    const Variable y = part().embedding(Tensor::from({3, 2}, kTable), Tokens({2, 2}, {1, 1, 0, 2}));
    CHECK(!y.requires_grad());
    CHECK(same(y.value().to_vector(), {3, 4, 3, 4, 1, 2, 5, 6}, {2, 2, 2}));
}

TEST_CASE("embedding: any table and any ids") {
    for (const Index K : {1, 4}) {
        CAPTURE(K);
        const Index n = 9, V = 6, C = 5;
        const Variable table = table_of(normal_numbers(6, V * C), C);
        const Tokens ids({n, K}, some_ids(7, n * K, V));
        const Numbers weights = normal_numbers(8, n * K * C);
        Numbers expected(static_cast<std::size_t>(V * C));
        for (Index i = 0; i < n * K; ++i)
            for (Index c = 0; c < C; ++c) expected[ids.id[i] * C + c] += weights[i * C + c];
        CHECK(named({"the gradient of the table"},
                    same(table_gradient(table, ids, weights), expected, {V, C})));
    }
}

TEST_CASE("batch: the windows from the text") {
    const Examples some = part().batch({7, 4, 11, 11, 14, 0}, {0, 2}, 3);
    REQUIRE(shaped(some.inputs.shape, {2, 3}));
    REQUIRE(shaped(some.targets.shape, {2, 3}));
    CHECK(named({"the inputs"}, same(numbers(some.inputs), {7, 4, 11, 11, 11, 14}, {2, 3})));
    CHECK(named({"the targets"}, same(numbers(some.targets), {4, 11, 11, 11, 14, 0}, {2, 3})));
}

TEST_CASE("batch: one letter, one window, the same window twice, and the last of the text") {
    const std::vector<int> text = {5, 6, 7, 8};
    const Examples one = part().batch(text, {2}, 1);
    REQUIRE(shaped(one.inputs.shape, {1, 1}));
    CHECK(named({"the inputs"}, same(numbers(one.inputs), {7})));
    CHECK(named({"the targets"}, same(numbers(one.targets), {8})));
    const Examples twice = part().batch(text, {0, 0}, 3);
    CHECK(named({"the inputs"}, same(numbers(twice.inputs), {5, 6, 7, 5, 6, 7}, {2, 3})));
    CHECK(named({"the targets"}, same(numbers(twice.targets), {6, 7, 8, 6, 7, 8}, {2, 3})));
}

TEST_CASE("batch: any windows") {
    const std::vector<int> text = some_ids(9, 100, 30);
    for (const Index T : {1, 5, 16}) {
        CAPTURE(T);
        const std::vector<Index> starts = {83, 0, 40, 41};
        const Examples some = part().batch(text, starts, T);
        Numbers inputs, targets;
        for (const Index start : starts)
            for (Index t = 0; t < T; ++t) {
                inputs.push_back(text[start + t]);
                targets.push_back(text[start + t + 1]);
            }
        CHECK(named({"the inputs"}, same(numbers(some.inputs), inputs, {4, T})));
        CHECK(named({"the targets"}, same(numbers(some.targets), targets, {4, T})));
    }
}

TEST_CASE("contexts: the rows from the text") {
    const Tokens found = part().contexts(Tokens({1, 4}, {7, 4, 11, 14}), 3);
    REQUIRE(shaped(found.shape, {4, 3}));
    CHECK(named({"the contexts"},
                same(numbers(found), {0, 0, 7, 0, 7, 4, 7, 4, 11, 4, 11, 14}, {4, 3})));
}

TEST_CASE("contexts: a 0 in the middle of a row is a letter like any other") {
    const Tokens found = part().contexts(Tokens({1, 4}, {7, 4, 0, 14}), 3);
    REQUIRE(shaped(found.shape, {4, 3}));
    CHECK(named({"the contexts"},
                same(numbers(found), {0, 0, 7, 0, 7, 4, 7, 4, 0, 4, 0, 14}, {4, 3})));
}

TEST_CASE("contexts: each row of ids by itself") {
    const Tokens found = part().contexts(Tokens({2, 2}, {5, 6, 8, 9}), 3);
    REQUIRE(shaped(found.shape, {4, 3}));
    CHECK(named({"the contexts"},
                same(numbers(found), {0, 0, 5, 0, 5, 6, 0, 0, 8, 0, 8, 9}, {4, 3})));
}

TEST_CASE("contexts: one letter of context, and more than there are letters") {
    const Tokens one = part().contexts(Tokens({2, 2}, {5, 6, 8, 9}), 1);
    REQUIRE(shaped(one.shape, {4, 1}));
    CHECK(named({"the contexts"}, same(numbers(one), {5, 6, 8, 9}, {4, 1})));
    const Tokens long_one = part().contexts(Tokens({1, 2}, {5, 6}), 4);
    REQUIRE(shaped(long_one.shape, {2, 4}));
    CHECK(named({"the contexts"}, same(numbers(long_one), {0, 0, 0, 5, 0, 0, 5, 6}, {2, 4})));
}

TEST_CASE("contexts: any rows") {
    for (const Index K : {2, 5}) {
        CAPTURE(K);
        const Index B = 3, T = 7;
        const Tokens ids({B, T}, some_ids(10, B * T, 30));
        Numbers expected;
        for (Index b = 0; b < B; ++b)
            for (Index t = 0; t < T; ++t)
                for (Index at = t - K + 1; at <= t; ++at)
                    expected.push_back(at < 0 ? 0 : ids.id[b * T + at]);
        const Tokens found = part().contexts(ids, K);
        REQUIRE(shaped(found.shape, {B * T, K}));
        CHECK(named({"the contexts"}, same(numbers(found), expected, {B * T, K})));
    }
}

TEST_CASE("forward: the model from the text") {
    const Variable y = part().forward(small_model(), Tokens({1, 2}, {1, 2}));
    REQUIRE(shaped(y.shape(), {2, 3}));
    CHECK(
        same(y.value().to_vector(),
             {0.8482836399, -0.9242343145, -1.2104007972, 0.7615941560, 1.9280551602, 0.3024334241},
             {2, 3}));
}

TEST_CASE("forward: any model and any rows of letters") {
    for (const Index K : {1, 2, 5}) {
        CAPTURE(K);
        const Index V = 6;
        const LetterModel model(V, K, 3, 4, Initialiser(3));
        const Tokens ids({2, 5}, some_ids(11, 10, V));
        const Variable y = part().forward(model, ids);
        REQUIRE(shaped(y.shape(), {10, V}));
        CHECK(same(y.value().to_vector(), scores_by_loops(model, ids), {10, V}));
    }
}

TEST_CASE("forward: the gradient of the loss reaches the table") {
    const Index V = 5;
    const LetterModel model(V, 2, 2, 3, Initialiser(4));
    const Tokens ids({1, 4}, {1, 4, 2, 1});
    const std::vector<int> targets = {4, 2, 1, 0};
    cross_entropy(part().forward(model, ids), Tokens({4}, targets)).backward();
    const Tensor& table = model.table.value();
    Numbers expected;
    for (Index i = 0; i < table.count(); ++i) {
        const Real before = table[i], h = 1e-5;
        table[i] = before + h;
        const double above = mean_loss(scores_by_loops(model, ids), targets, V);
        table[i] = before - h;
        const double below = mean_loss(scores_by_loops(model, ids), targets, V);
        table[i] = before;
        expected.push_back((above - below) / (2 * h));
    }
    CHECK(named({"the gradient of the table"},
                same(model.table.grad().to_vector(), expected, {V, 2}, 1e-6)));
}

}  // namespace gradus::lesson_13
