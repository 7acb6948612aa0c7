// SPDX-License-Identifier: MIT
// Batches: which token is whose target, what is padding, and which windows a text has.
#include "nn/data/batch.h"

#include <doctest/doctest.h>

#include <set>

using namespace gradus;

namespace {

std::vector<int> counting(int n) {
    std::vector<int> text;
    for (int i = 0; i < n; ++i) text.push_back(i);
    return text;
}

}  // namespace

TEST_CASE("every character of a document is a target, the first included; the rest is padding") {
    const Batch batch = document_batch({{5, 6, 9}, {7, 9}}, 9);
    CHECK(batch.inputs.shape == Shape{2, 3});
    CHECK(batch.inputs.id == std::vector<int>{9, 5, 6, 9, 7, 0});
    CHECK(batch.targets.id == std::vector<int>{5, 6, 9, 7, 9, -1});
}

TEST_CASE("an empty document is a row of padding, and no document at all is refused") {
    const Batch batch = document_batch({{}, {3, 4}}, 1);
    CHECK(batch.targets.id == std::vector<int>{-1, -1, 3, 4});
    CHECK_THROWS_AS(document_batch({}, 1), std::invalid_argument);
    CHECK_THROWS_WITH_AS(document_batch({{}, {}}, 1),
                         "data: no document, or only empty ones, in a batch of 2",
                         std::invalid_argument);
}

TEST_CASE("a batch of documents can be made longer than the longest") {
    const Batch batch = document_batch({{4, 5}}, 9, 4);
    CHECK(batch.inputs.shape == Shape{1, 4});
    CHECK(batch.targets.id == std::vector<int>{4, 5, -1, -1});
    CHECK(document_batch({{4, 5}}, 9, 1).inputs.shape == Shape{1, 2});
}

TEST_CASE("a document of one character makes a batch of one position") {
    const Batch batch = document_batch({{4}}, 9);
    CHECK(batch.inputs.id == std::vector<int>{9});
    CHECK(batch.targets.id == std::vector<int>{4});
}

TEST_CASE("a random window is a piece of the text and its targets are the next tokens") {
    const std::vector<int> text = counting(20);
    Random random(1, Stream::data);
    std::set<int> starts;
    for (int round = 0; round < 200; ++round) {
        const Batch batch = random_windows(text, 2, 5, random);
        REQUIRE(batch.inputs.shape == Shape{2, 5});
        for (std::size_t i = 0; i < 10; ++i) {
            CHECK(batch.targets.id[i] == batch.inputs.id[i] + 1);
            if (i % 5 > 0) CHECK(batch.inputs.id[i] == batch.inputs.id[i - 1] + 1);
        }
        starts.insert(batch.inputs.id[0]);
        starts.insert(batch.inputs.id[5]);
    }
    // Every start is possible, from the first to the last whose targets are still in the text.
    CHECK(starts.size() == 15);
    CHECK(*starts.begin() == 0);
    CHECK(*starts.rbegin() == 14);
}

TEST_CASE("the same random numbers give the same windows") {
    const std::vector<int> text = counting(50);
    Random a(3, Stream::data, 7), b(3, Stream::data, 7), c(3, Stream::data, 8);
    const Batch first = random_windows(text, 4, 5, a);
    CHECK(first.inputs.id == random_windows(text, 4, 5, b).inputs.id);
    CHECK(first.inputs.id != random_windows(text, 4, 5, c).inputs.id);
}

TEST_CASE("an epoch visits adjacent pieces, each once, in a random order") {
    const int n = 103, T = 5;
    ShuffledWindows windows(counting(n), T, 1);
    const Index per_epoch = windows.per_epoch();
    CHECK(per_epoch == (n - T) / T);
    std::set<int> offsets;
    std::vector<int> orders;
    for (Index epoch = 0; epoch < 20; ++epoch) {
        std::set<int> starts;
        for (Index i = 0; i < per_epoch; ++i) {
            const Batch batch = windows.batch(static_cast<std::uint64_t>(epoch * per_epoch + i), 1);
            REQUIRE(batch.inputs.shape == Shape{1, T});
            for (std::size_t t = 0; t < T; ++t) {
                CHECK(batch.targets.id[t] == batch.inputs.id[t] + 1);
                if (t > 0) CHECK(batch.inputs.id[t] == batch.inputs.id[t - 1] + 1);
            }
            starts.insert(batch.inputs.id[0]);
            if (i == 0) orders.push_back(batch.inputs.id[0] / T);
        }
        CHECK(static_cast<Index>(starts.size()) == per_epoch);
        CHECK(*starts.rbegin() - *starts.begin() == T * (static_cast<int>(per_epoch) - 1));
        offsets.insert(*starts.begin());
    }
    CHECK(offsets == std::set<int>{0, 1, 2, 3, 4});  // every offset occurs
    CHECK(std::set<int>(orders.begin(), orders.end()).size() > 5);
}

TEST_CASE("which windows a batch holds is a function of its seed and index alone") {
    const std::vector<int> text = counting(64);
    ShuffledWindows a(text, 5, 3), b(text, 5, 3), c(text, 5, 4);
    std::vector<std::vector<int>> forward;
    int different = 0;
    for (std::uint64_t i = 0; i < 12; ++i) {
        forward.push_back(a.batch(i, 4).inputs.id);
        different += forward.back() != c.batch(i, 4).inputs.id;
    }
    for (std::uint64_t i = 12; i-- > 0;) CHECK(b.batch(i, 4).inputs.id == forward[i]);
    CHECK(different > 6);
    // Two batches of two rows are one of four.
    std::vector<int> halves = b.batch(6, 2).inputs.id;
    const std::vector<int> second = b.batch(7, 2).inputs.id;
    halves.insert(halves.end(), second.begin(), second.end());
    CHECK(halves == forward[3]);
}

TEST_CASE("consecutive windows cover the text once, in order") {
    for (const int n : {6, 10, 11, 16, 33}) {
        CAPTURE(n);
        std::vector<int> targets;
        for (const auto& batch : consecutive_windows(counting(n), 2, 5)) {
            CHECK(batch.inputs.shape[0] <= 2);
            for (std::size_t i = 0; i < batch.inputs.id.size(); ++i)
                CHECK(batch.targets.id[i] == batch.inputs.id[i] + 1);
            targets.insert(targets.end(), batch.targets.id.begin(), batch.targets.id.end());
        }
        const int windows = (n - 1) / 5;  // what does not fill a window is left out
        REQUIRE(targets.size() == static_cast<std::size_t>(windows * 5));
        for (int i = 0; i < windows * 5; ++i) CHECK(targets[static_cast<std::size_t>(i)] == i + 1);
    }
}

TEST_CASE("every third window is a third of them") {
    const auto batches = consecutive_windows(counting(101), 2, 5, 3);
    std::vector<int> starts;
    for (const auto& batch : batches)
        for (std::size_t i = 0; i < batch.inputs.id.size(); i += 5)
            starts.push_back(batch.inputs.id[i]);
    CHECK(starts == std::vector<int>{0, 15, 30, 45, 60, 75, 90});
}

TEST_CASE("a text too short for the context is refused with what it needs") {
    Random random(1);
    const char* message =
        "data: 5 tokens of text are too few for a context of 5 (it needs at least 6)";
    CHECK_THROWS_WITH_AS(random_windows(counting(5), 1, 5, random), message, std::invalid_argument);
    CHECK_THROWS_WITH_AS(consecutive_windows(counting(5), 1, 5), message, std::invalid_argument);
    CHECK(random_windows(counting(6), 1, 5, random).inputs.id == counting(5));
    CHECK(consecutive_windows(counting(6), 1, 5).size() == 1);
    CHECK_THROWS_WITH_AS(
        ShuffledWindows(counting(9), 5, 1),
        "data: 9 tokens of text are too few for a context of 5 (it needs at least 10)",
        std::invalid_argument);
    CHECK(ShuffledWindows(counting(10), 5, 1).batch(7, 3).inputs.count() == 15);
}
