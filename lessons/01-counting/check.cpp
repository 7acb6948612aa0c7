// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <limits>

#include "lessons/01-counting/stories.h"

namespace gradus::lesson_01 {
namespace {

using Numbers = std::vector<Real>;
using Story = std::vector<int>;

// The text's toy language: 0 is the end, 1 is "a", 2 is "n".
const Story kAn = {1, 2}, kAnna = {1, 2, 2, 1}, kNan = {2, 1, 2};

Numbers count(const std::vector<Story>& stories, Index V, Real before = 0) {
    Numbers counts(static_cast<std::size_t>(V * V), before);
    for (const auto& story : stories)
        part().count_pairs(counts.data(), story.data(), static_cast<Index>(story.size()), V);
    return counts;
}

Numbers normalise(const Numbers& counts, Index V, Real smoothing) {
    Numbers p(counts.size(), 77);
    part().normalise_rows(p.data(), counts.data(), V, smoothing);
    return p;
}

Real loss(const Numbers& p, const Story& story, Index V) {
    return part().negative_log_likelihood(p.data(), story.data(), static_cast<Index>(story.size()),
                                          V);
}

double sample(const Numbers& row, Real u) {
    return static_cast<double>(part().sample_row(row.data(), static_cast<Index>(row.size()), u));
}

// n symbols from 1 to V - 1.
Story story_of(std::uint64_t seed, Index n, Index V) {
    Random random(seed);
    Story story(static_cast<std::size_t>(n));
    for (auto& symbol : story)
        symbol = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(V - 1)));
    return story;
}

// Probabilities with no zero among them, every row with sum 1.
Numbers probabilities(std::uint64_t seed, Index rows, Index V) {
    Random random(seed);
    Numbers p(static_cast<std::size_t>(rows * V));
    for (Index r = 0; r < rows; ++r) {
        Real sum = 0;
        for (Index j = 0; j < V; ++j) sum += p[r * V + j] = 0.1 + random.uniform();
        for (Index j = 0; j < V; ++j) p[r * V + j] /= sum;
    }
    return p;
}

// The story with its two ends: what the check's own loops walk along.
Story with_ends(const Story& story) {
    Story all = {0};
    all.insert(all.end(), story.begin(), story.end());
    all.push_back(0);
    return all;
}

const Fingerprint count_print("count_pairs", [] {
    // Symbols after a story's end, too, for answers that read on.
    const Story first = {2, 1, 1, 3, 1, 1, 2, 3, 3, 1}, second = {3, 3, 2, 1, 3, 1, 1, 2};
    Numbers counts = with_room(Numbers(16, 0.5));
    part().count_pairs(counts.data(), first.data(), 6, 4);
    part().count_pairs(counts.data(), second.data(), 3, 4);
    return counts;
});
// By itself: many an answer with another mistake reads before the first letter here.
const Fingerprint empty_print("count_pairs", [] {
    Numbers counts = with_room(Numbers(16, 0.5));
    part().count_pairs(counts.data(), Story{3, 1, 2}.data() + 1, 0, 4);
    return counts;
});
const Fingerprint normalise_print("normalise_rows", [] {
    Numbers p = with_room(Numbers(9, 77));
    part().normalise_rows(p.data(), with_room({5, 0, 1, 2, 7, 0, 3, 3, 4}).data(), 3, 1.5);
    return p;
});
const Fingerprint loss_print("negative_log_likelihood", [] {
    const Numbers p = with_room(probabilities(1, 4, 4));
    const Story some = {3, 1, 1, 2, 3, 2, 1, 1};
    return Numbers{part().negative_log_likelihood(p.data(), some.data(), 5, 4)};
});
const Fingerprint long_loss_print("negative_log_likelihood", [] {
    const Numbers p = probabilities(1, 4, 4);
    const Story many = story_of(2, 5010, 4);
    return Numbers{part().negative_log_likelihood(p.data(), many.data(), 5000, 4)};
});
const Fingerprint sample_print("sample_row", [] {
    const Numbers row = {0, 0.25, 0.5, 0, 0.25}, tenths(10, 0.1);
    Numbers drawn;
    for (const Real u : {0.0, 0.125, 0.25, 0.375, 0.625, 0.75, 0.875, 0.9375})
        drawn.push_back(static_cast<double>(part().sample_row(with_room(row).data(), 5, u)));
    drawn.push_back(sample({0.25, 0.5, 0.25}, 0.1));
    drawn.push_back(sample(tenths, std::nextafter(1.0, 0.0)));
    return drawn;
});

}  // namespace

TEST_CASE("count_pairs: the word \"an\" has the pairs #a, an and n#") {
    CHECK(same(count({kAn}, 3), {0, 1, 0, 0, 0, 1, 1, 0, 0}, {3, 3}));
}

TEST_CASE("count_pairs: \"an\" and \"anna\" together, the table from the text") {
    CHECK(same(count({kAn, kAnna}, 3), {0, 2, 0, 1, 0, 2, 1, 1, 1}, {3, 3}));
}

TEST_CASE("count_pairs: adds to what was counted before") {
    CHECK(same(count({kAn}, 3, 10), {10, 11, 10, 10, 10, 11, 11, 10, 10}, {3, 3}));
}

TEST_CASE("count_pairs: a story of one symbol, and one of none") {
    CHECK(same(count({{2}}, 3), {0, 0, 1, 0, 0, 0, 1, 0, 0}, {3, 3}));
    CHECK(same(count({{}}, 3), {1, 0, 0, 0, 0, 0, 0, 0, 0}, {3, 3}));
}

TEST_CASE("count_pairs: long stories, and any number of symbols") {
    for (const Index V : {2, 5, 42})
        for (const Index n : {1, 2, 9, 500}) {
            CAPTURE(V);
            CAPTURE(n);
            const Story story = story_of(3, n, V), all = with_ends(story);
            Numbers expected(static_cast<std::size_t>(V * V));
            for (std::size_t i = 1; i < all.size(); ++i) expected[all[i - 1] * V + all[i]] += 1;
            CHECK(same(count({story}, V), expected, {V, V}));
        }
}

TEST_CASE("normalise_rows: the table from the text, smoothing 1") {
    CHECK(same(normalise({0, 2, 0, 1, 0, 2, 1, 1, 1}, 3, 1),
               {0.2, 0.6, 0.2, 1.0 / 3, 1.0 / 6, 0.5, 1.0 / 3, 1.0 / 3, 1.0 / 3}, {3, 3}));
}

TEST_CASE("normalise_rows: without smoothing they are plain shares") {
    CHECK(same(normalise({3, 1, 2, 2}, 2, 0), {0.75, 0.25, 0.5, 0.5}, {2, 2}));
}

TEST_CASE("normalise_rows: a row that was never seen becomes 1 / V everywhere") {
    CHECK(same(normalise({0, 0, 0, 0, 4, 4, 4, 4, 0, 0, 0, 0, 4, 4, 4, 4}, 4, 0.25),
               Numbers(16, 0.25), {4, 4}));
}

TEST_CASE("normalise_rows: any table, each row on its own") {
    for (const Index V : {1, 2, 7})
        for (const Real smoothing : {0.01, 1.0, 3.0}) {
            CAPTURE(V);
            CAPTURE(smoothing);
            Random random(4);
            Numbers counts(static_cast<std::size_t>(V * V)), expected(counts.size());
            for (auto& c : counts) c = static_cast<Real>(random.below(9));
            for (Index a = 0; a < V; ++a) {
                Real total = smoothing * static_cast<Real>(V);
                for (Index b = 0; b < V; ++b) total += counts[a * V + b];
                for (Index b = 0; b < V; ++b)
                    expected[a * V + b] = (counts[a * V + b] + smoothing) / total;
            }
            const Numbers p = normalise(counts, V, smoothing);
            CHECK(same(p, expected, {V, V}));
            for (Index a = 0; a < V; ++a) {
                Real total = 0;
                for (Index b = 0; b < V; ++b) total += p[a * V + b];
                CHECK(same(total, 1));
            }
        }
}

TEST_CASE("negative_log_likelihood: \"an\" and \"nan\" from the text") {
    const Numbers p = {0.2, 0.6, 0.2, 1.0 / 3, 1.0 / 6, 0.5, 1.0 / 3, 1.0 / 3, 1.0 / 3};
    const auto cost = [](double q) { return -std::log(q); };
    {
        INFO("the prices of #a, an and n# are 0.5108, 0.6931 and 1.0986, their mean is 0.7675");
        CHECK(same(loss(p, kAn, 3), (cost(0.6) + cost(0.5) + cost(1.0 / 3)) / 3));
    }
    INFO(
        "the prices of #n, na, an and n# are 1.6094, 1.0986, 0.6931 and 1.0986, their mean is "
        "1.1250");
    CHECK(same(loss(p, kNan, 3), (cost(0.2) + cost(1.0 / 3) + cost(0.5) + cost(1.0 / 3)) / 4));
}

TEST_CASE("negative_log_likelihood: of equal probabilities it is ln V") {
    for (const Index V : {2, 3, 42}) {
        CAPTURE(V);
        const Numbers p(static_cast<std::size_t>(V * V), 1 / static_cast<Real>(V));
        for (const Index n : {0, 1, 10})
            CHECK(same(loss(p, story_of(5, n, V), V), std::log(static_cast<Real>(V))));
    }
}

TEST_CASE("negative_log_likelihood: the mean over all n + 1 pairs") {
    for (const Index V : {2, 6})
        for (const Index n : {0, 1, 2, 17}) {
            CAPTURE(V);
            CAPTURE(n);
            const Numbers p = probabilities(6, V, V);
            const Story story = story_of(7, n, V), all = with_ends(story);
            double expected = 0;
            for (std::size_t i = 1; i < all.size(); ++i)
                expected -= std::log(p[all[i - 1] * V + all[i]]);
            CHECK(same(loss(p, story, V), expected / static_cast<double>(n + 1)));
        }
}

TEST_CASE("negative_log_likelihood: a story of 5000 symbols stays finite") {
    const Numbers p = probabilities(8, 9, 9);
    CHECK(finite({loss(p, story_of(9, 5000, 9), 9)}));
}

TEST_CASE("negative_log_likelihood: a pair of probability 0 costs infinity") {
    CHECK(same(loss({0, 1, 1, 0}, {1}, 2), 0, 0));
    CHECK(same(loss({0, 1, 1, 0}, {1, 1}, 2), std::numeric_limits<Real>::infinity()));
}

TEST_CASE("negative_log_likelihood: of 50 new tiny tales, after counting 200") {
    const Stories seen = read_stories(200, Stream::data);
    const Stories unseen = read_stories(50, Stream::validation);
    const Index V = seen.V();
    const Numbers p = normalise(count(seen.stories, V), V, 1);
    double sum = 0, pairs = 0;
    for (const auto& story : unseen.stories) {
        const auto n = static_cast<double>(story.size() + 1);
        sum += n * loss(p, story, V);
        pairs += n;
    }
    CHECK(same(sum / pairs, 1.84891912035354));
}

TEST_CASE("sample_row: the strip from the text") {
    const std::pair<Real, int> drawn[] = {{0.1, 0}, {0.3, 1}, {0.7, 1}, {0.8, 2}, {0.999, 2}};
    for (const auto& one : drawn) {
        const Real u = one.first;
        CAPTURE(u);
        CHECK(same(sample({0.25, 0.5, 0.25}, u), one.second));
    }
}

TEST_CASE("sample_row: where two pieces meet, the right one begins") {
    const std::pair<Real, int> drawn[] = {{0, 0}, {0.25, 1}, {0.75, 2}};
    for (const auto& one : drawn) {
        const Real u = one.first;
        CAPTURE(u);
        CHECK(same(sample({0.25, 0.5, 0.25}, u), one.second));
    }
}

TEST_CASE("sample_row: what has probability 0 is never drawn") {
    CHECK(same(sample({0, 0, 0.5, 0.5}, 0), 2));
    CHECK(same(sample({0.5, 0, 0.5}, 0.5), 2));
    CHECK(same(sample({0, 1, 0}, 0), 1));
    CHECK(same(sample({0, 1, 0}, 0.99), 1));
    CHECK(same(sample({1}, 0.5), 0));
}

TEST_CASE("sample_row: ten times 0.1 is a little less than 1, and u may lie behind it") {
    CHECK(same(sample(Numbers(10, 0.1), std::nextafter(1.0, 0.0)), 9));
}

TEST_CASE("sample_row: every symbol as often as its probability says") {
    const Numbers row = probabilities(10, 1, 42);
    Numbers drawn(42), expected;
    for (int i = 0; i < 42000; ++i) {
        const double j = sample(row, (i + 0.5) / 42000);
        REQUIRE(j >= 0);
        REQUIRE(j < 42);
        drawn[static_cast<std::size_t>(j)] += 1.0 / 42000;
    }
    CHECK(same(drawn, row, {}, 2.0 / 42000));
}

TEST_CASE("sample_row: a seeded story of the counted tales") {
    const Stories seen = read_stories(200, Stream::data);
    const Index V = seen.V();
    const Numbers p = normalise(count(seen.stories, V), V, 1);
    Random random(3);
    std::string story;
    for (Index symbol = 0; story.size() < 60;) {
        symbol = part().sample_row(p.data() + symbol * V, V, random.uniform());
        REQUIRE(symbol >= 0);
        REQUIRE(symbol < V);
        if (symbol == 0) break;
        story += seen.symbols[static_cast<std::size_t>(symbol)];
    }
    CHECK(story == "Zowourowlld RGms thughumCe foeeas Gd Duce. De oucave. Frocki");
}

}  // namespace gradus::lesson_01
