// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <fmt/ranges.h>

#include <limits>
#include <stdexcept>

#include "lessons/23-sampling/counted.h"
#include "lessons/23-sampling/install.h"
#include "tensor/ops.h"

namespace gradus::lesson_23 {
namespace {

using Numbers = std::vector<Real>;
using Ids = std::vector<int>;

constexpr Real kInfinity = std::numeric_limits<Real>::infinity();
constexpr int kNoEnd = -1;  // no token has this number

Numbers soften(const Numbers& scores, Real temperature) {
    Numbers p(scores.size(), 77);
    part().soften(p.data(), scores.data(), std::ssize(p), temperature);
    return p;
}

Numbers top_k(Numbers p, Index k) {
    part().top_k(p.data(), std::ssize(p), k);
    return p;
}

Numbers top_p(Numbers p, Real mass) {
    part().top_p(p.data(), std::ssize(p), mass);
    return p;
}

Numbers token_probabilities(const Numbers& scores, const Settings& settings) {
    Numbers p(scores.size(), 77);
    part().token_probabilities(p.data(), scores.data(), std::ssize(p), settings);
    return p;
}

// These numbers, and at their end again from the first; and random ones.
Uniform draws(Numbers list) {
    return [list = std::move(list), i = std::size_t{0}]() mutable {
        const Real u = list[i % list.size()];
        ++i;
        return u;
    };
}
Uniform random_draws(std::uint64_t seed) {
    return [random = Random(seed)]() mutable { return static_cast<Real>(random.uniform()); };
}

// A list of ids as numbers, for same().
Numbers write(const Next& next, const Ids& ids, Index n, int end, const Settings& settings,
              const Uniform& uniform) {
    const Next careful = [&, asked = 0](const Ids& all) mutable {
        if (++asked > 400)
            throw std::length_error(
                "the model is asked for the 401st time, and gives up: n was 40 at most");
        if (all.empty()) throw std::length_error("the model is given no ids at all, and gives up");
        return next(all);
    };
    const Ids fresh = part().write(careful, ids, n, end, settings, uniform);
    return {fresh.begin(), fresh.end()};
}

Numbers ln(Numbers p) {
    for (Real& number : p) number = std::log(number);
    return p;
}

// The rows of lesson 01: symbol 0 is the end, 1 is "a", 2 is "n".
Numbers an_and_anna(const Ids& ids) {
    const Numbers rows[] = {{0.2, 0.6, 0.2}, {1.0 / 3, 1.0 / 6, 0.5}, Numbers(3, 1.0 / 3)};
    if (ids.back() < 0 || ids.back() > 2)
        throw std::out_of_range("the model is given a token that it does not have");
    return ln(rows[static_cast<std::size_t>(ids.back())]);
}

// Scores of V tokens which depend on every one of the ids, and on their order.
struct Model {
    Index V;
    Numbers operator()(const Ids& ids) const {
        double all = 1;
        for (std::size_t i = 0; i < ids.size(); ++i)
            all += static_cast<double>((i + 3) % 11 + 1) * (ids[i] + 2);
        Numbers scores(static_cast<std::size_t>(V));
        for (Index j = 0; j < V; ++j)
            scores[j] = 1.5 * std::sin(all * static_cast<double>(j + 2)) - 1;
        return scores;
    }
};

// The check's own: tokens are ranked by counting those before them, without sorting.
Numbers by_loops(const Numbers& scores, const Settings& settings) {
    const std::size_t V = scores.size();
    const auto before = [&](std::size_t a, std::size_t b) {
        return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
    };
    Numbers p(V);
    Real best = -kInfinity, sum = 0;
    for (const Real score : scores) best = std::max(best, score);
    std::vector<Index> rank(V);
    for (std::size_t i = 0; i < V; ++i) {
        for (std::size_t j = 0; j < V; ++j) rank[i] += before(j, i);
        const bool kept = settings.top_k == 0 || rank[i] < settings.top_k;
        if (settings.temperature == 0)
            p[i] = rank[i] == 0;
        else
            p[i] = kept ? std::exp((scores[i] - best) / settings.temperature) : 0;
        sum += p[i];
    }
    Numbers left(V);
    Real kept = 0;
    for (std::size_t i = 0; i < V; ++i) {
        Real reached = 0;  // by the likelier ones
        for (std::size_t j = 0; j < V; ++j) reached += before(j, i) ? p[j] / sum : 0;
        if (settings.top_p >= 1 || rank[i] == 0 || reached < settings.top_p) left[i] = p[i] / sum;
        kept += left[i];
    }
    for (Real& number : left) number /= kept;
    return left;
}

// What write should return, and how often each token should come.
Numbers written_by_loops(const Next& next, Ids ids, Index n, int end, const Settings& settings,
                         const Uniform& uniform) {
    Numbers fresh;
    for (Index i = 0; i < n; ++i) {
        const Numbers p = by_loops(next(ids), settings);
        const Real u = uniform();
        Real reached = 0;
        int id = 0;
        while (id + 1 < std::ssize(p) && u >= reached + p[id]) reached += p[id++];
        ids.push_back(id);
        fresh.push_back(id);
        if (id == end) return fresh;
    }
    return fresh;
}

// The tokens that write has returned, and those that it should have.
Comparison tokens(const Numbers& yours, const Numbers& expected) {
    if (yours.size() != expected.size())
        return {false, fmt::format("yours is [{}], expected [{}]", fmt::join(yours, " "),
                                   fmt::join(expected, " "))};
    std::vector<std::string> names;
    for (std::size_t i = 0; i < expected.size(); ++i)
        names.push_back(fmt::format("new token {}", i + 1));
    return named(names, same(yours, expected));
}

// Pearson's chi-square of counts, given what is to be expected.
Comparison by_chance(const Numbers& counts, const Numbers& p, double bound) {
    double draws = 0, sum = 0;
    for (const Real count : counts) draws += count;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double expected = p[i] * draws;
        if (expected > 0) sum += (counts[i] - expected) * (counts[i] - expected) / expected;
        if (expected == 0 && counts[i] > 0) sum = kInfinity;
    }
    return {sum < bound,
            fmt::format("the draws do not follow the probabilities: chi-square is {:.1f}, and by "
                        "chance it would exceed {} once in a thousand times",
                        sum, bound)};
}

// How often each token comes, in 10,000 texts of one token.
Numbers counts_of(const Numbers& scores, const Settings& settings, std::uint64_t seed) {
    const Uniform uniform = random_draws(seed);
    Numbers counts(scores.size());
    for (int i = 0; i < 10000; ++i) {
        const Numbers fresh =
            write([&](const Ids&) { return scores; }, {0}, 1, kNoEnd, settings, uniform);
        if (fresh.size() != 1 || fresh[0] < 0 || fresh[0] >= Real(scores.size()))
            throw std::length_error("your write was asked for one token, with a number below V");
        counts[static_cast<std::size_t>(fresh[0])] += 1;
    }
    return counts;
}

// How often uniform() is called while so many tokens are written at temperature 0.
Index draws_of(Index tokens) {
    Index drawn = 0;
    write(Model{8}, {2}, tokens, kNoEnd, {0, 0, 1}, [&drawn] { return ++drawn, Real(0.5); });
    return drawn;
}
const Fingerprint draws_print("write", [] {
    return std::vector<double>{static_cast<double>(draws_of(1)), static_cast<double>(draws_of(4)),
                               static_cast<double>(draws_of(9))};
});

Real total(const Numbers& p) {
    Real sum = 0;
    for (const Real number : p) sum += number;
    return sum;
}

// n different probabilities with the sum 1.
Numbers some_probabilities(std::uint64_t seed, Index n) {
    Numbers p = normal_numbers(seed, n);
    for (Real& number : p) number = std::exp(number);
    const Real sum = total(p);
    for (Real& number : p) number /= sum;
    return p;
}

// Not in order, none of them equal, no sum of the likeliest near 0.8. The likeliest are 4, 1, 6, 3.
const Numbers kEight = {0.05, 0.21, 0.03, 0.14, 0.3, 0.08, 0.17, 0.02};

// Room for answers that step over the end, and behind what is compared.
Numbers softened(const Numbers& scores, Real temperature) {
    const Numbers with = with_room(scores);
    Numbers p = with_room(Numbers(scores.size(), 7));
    part().soften(p.data(), with.data(), std::ssize(scores), temperature);
    return p;
}
Numbers cut(const Numbers& p, const std::function<void(Real*, Index)>& function) {
    Numbers with = with_room(p);
    function(with.data(), std::ssize(p));
    return with;
}

const Fingerprint soften_print("soften", [] {
    Numbers all = softened({0.5, -1.5, 2, 1, -0.25}, 0.7);
    const Numbers more = softened({0.3, 1.2, -0.4}, 2.5);
    all.insert(all.end(), more.begin(), more.end());
    return all;
});
const Fingerprint large_print("soften", [] { return softened({20, 800, 795, 799.5}, 1); });
const Fingerprint low_print("soften", [] { return softened({-802, -800, -805, -801}, 1); });
const Fingerprint large_cold_print("soften", [] { return softened({998, 1000, 999, 997}, 0.5); });
const Fingerprint zero_print("soften", [] { return softened({1, 2.5, -4, 2.5, 2, 2.5, -1}, 0); });
const Fingerprint top_k_print("top_k", [] {
    return cut(kEight, [](Real* p, Index V) { part().top_k(p, V, 3); });
});
const Fingerprint top_0_print("top_k", [] {
    return cut(kEight, [](Real* p, Index V) { part().top_k(p, V, 0); });
});
const Fingerprint top_more_print("top_k", [] {
    return cut(kEight, [](Real* p, Index V) { part().top_k(p, V, V + 3); });
});
const Fingerprint equal_k_print("top_k", [] {
    return cut({0.1, 0.25, 0.25, 0.15, 0.25}, [](Real* p, Index V) { part().top_k(p, V, 2); });
});
const Fingerprint top_p_print("top_p", [] {
    Numbers all = cut(kEight, [](Real* p, Index V) { part().top_p(p, V, 0.8); });
    const Numbers less = cut(kEight, [](Real* p, Index V) { part().top_p(p, V, 0.45); });
    all.insert(all.end(), less.begin(), less.end());
    return all;
});
const Fingerprint low_mass_print("top_p", [] {
    return cut(kEight, [](Real* p, Index V) { part().top_p(p, V, 0.125); });
});
const Fingerprint exact_print("top_p", [] {
    return cut({0.125, 0.5, 0.125, 0.25}, [](Real* p, Index V) { part().top_p(p, V, 0.75); });
});
const Fingerprint equal_p_print("top_p", [] {
    return cut({0.04, 0.23, 0.23, 0.04, 0.23, 0.23},
               [](Real* p, Index V) { part().top_p(p, V, 0.07); });
});
const Fingerprint mass_0_print("top_p", [] {
    return cut(kEight, [](Real* p, Index V) { part().top_p(p, V, 0); });
});
const Fingerprint mass_1_print("top_p", [] {
    // Tokens so unlikely that they do not change the sum: 0 or not, seen through a glass.
    Numbers p = cut({1e-20, 0.5, 3e-20, 0.5}, [](Real* q, Index V) { part().top_p(q, V, 1); });
    p[0] *= 1e20, p[2] *= 1e20;
    return p;
});
const Fingerprint probabilities_print("token_probabilities", [] {
    const Numbers scores = {0.5, -1, 2, 1.1, -0.25, 1.4, 0.2, 0.8};
    Numbers all;
    // Sums after top-k and without it cross the mass at different tokens.
    for (const Settings& settings : {Settings{1.7, 6, 0.7},
                                     {0.8, 4, 0.7},
                                     {1.3, 0, 0.8},
                                     {2, 3, 1},
                                     {1.2, 3, 0.9},
                                     {1, 0, 1}}) {
        const Numbers with = with_room(scores);
        Numbers p = with_room(Numbers(scores.size(), 7));
        part().token_probabilities(p.data(), with.data(), std::ssize(scores), settings);
        all.insert(all.end(), p.begin(), p.end());
    }
    return all;
});
// Any tokens but `end`, which comes for certain as soon as there are `size` tokens.
Next ending(Index V, int end, std::size_t size) {
    return [=](const Ids& ids) {
        Numbers scores = Model{V}(ids);
        scores[static_cast<std::size_t>(end)] = ids.size() < size ? -90 : 90;
        return scores;
    };
}
// n tokens without an end; and an end that comes by chance, so that it need not come again.
const Fingerprint write_print("write", [] {
    Numbers all;
    for (const Settings& settings : {Settings{1, 0, 1}, {0.8, 4, 0.9}, {2, 0, 0.95}}) {
        const Numbers fresh =
            write(ending(11, 10, 25), {3, 1, 8}, 9, 10, settings, random_draws(5));
        all.push_back(static_cast<Real>(fresh.size()));
        all.insert(all.end(), fresh.begin(), fresh.end());
    }
    return all;
});
const Fingerprint end_print("write", [] {
    Numbers all;
    for (const std::uint64_t seed :
         {std::uint64_t{12}, std::uint64_t{8}}) {  // the end is token 5, and at once
        const Numbers fresh = write(Model{7}, {4, 2}, 12, 4, {}, random_draws(seed));
        all.push_back(static_cast<Real>(fresh.size()));
        all.insert(all.end(), fresh.begin(), fresh.end());
    }
    return all;
});

}  // namespace

TEST_CASE("soften: the three scores from the text, at temperature 1, 0.5 and 2") {
    CHECK(same(soften({1, 2, 0}, 1), {0.24472847105, 0.66524095577, 0.09003057317}));
    CHECK(same(soften({1, 2, 0}, 0.5), {0.11731042782, 0.86681333219, 0.01587623997}));
    CHECK(same(soften({1, 2, 0}, 2), {0.30719588572, 0.50648039106, 0.18632372322}));
}

TEST_CASE("soften: temperature 0 gives all to the largest score, and of equal ones to the first") {
    CHECK(same(soften({1, 2, 0}, 0), {0, 1, 0}));
    CHECK(same(soften({-3, -1, -1, -2, -1}, 0), {0, 1, 0, 0, 0}));
    CHECK(same(soften({5, 5, 5}, 0), {1, 0, 0}));
    CHECK(same(soften({2, 2.000000000001}, 0), {0, 1}));
}

TEST_CASE("soften: one token has probability 1 at any temperature") {
    CHECK(same(soften({-4}, 0), {1}));
    CHECK(same(soften({-4}, 0.5), {1}));
    CHECK(same(soften({9}, 3), {1}));
}

TEST_CASE("soften: large scores stay finite, positive and negative, warm and cold") {
    CHECK(same(soften({0, 10000, 9999}, 1), {0, 0.73105857863, 0.26894142137}));
    CHECK(same(soften({0, 10000, 9999}, 0.5), {0, 0.88079707798, 0.11920292202}));
    CHECK(same(soften({0, 10000, 9999}, 0.001), {0, 1, 0}));
    CHECK(same(soften({-20000, -10000, -10001}, 1), {0, 0.73105857863, 0.26894142137}));
    CHECK(same(soften({-20000, -10000, -10001}, 0.5), {0, 0.88079707798, 0.11920292202}));
    CHECK(same(soften({-20000, -10000, -10001}, 0.001), {0, 1, 0}));
}

TEST_CASE("soften: a score of minus infinity is a token that cannot come") {
    CHECK(same(soften({1, -kInfinity, 1}, 2), {0.5, 0, 0.5}));
    CHECK(same(soften({-kInfinity, 1, 7}, 0), {0, 0, 1}));
}

TEST_CASE("soften: the sum is 1, the order stays, and a constant added to all scores is nothing") {
    const Numbers scores = normal_numbers(1, 9);
    Numbers shifted = scores;
    for (Real& score : shifted) score += 100;
    for (const Real T : {0.1, 0.5, 1.0, 3.0}) {
        CAPTURE(T);
        const Numbers p = soften(scores, T), q = soften(shifted, T);
        CHECK(named({"the sum"}, same(total(p), 1)));
        CHECK(named({"p"}, same(q, p)));
        const auto ranks = ranking(p.data(), 9), expected = ranking(scores.data(), 9);
        CHECK(named({"the ranking"},
                    same(Numbers(ranks.begin(), ranks.end()), {expected.begin(), expected.end()})));
    }
}

TEST_CASE("soften: nearly 0 is nearly greedy, and very hot is nearly uniform") {
    const Numbers scores = {0.3, -0.2, 0.9, 0.8};
    CHECK(named({"p"}, same(soften(scores, 0.001), soften(scores, 0))));
    CHECK(named({"p"}, same(soften(scores, 1e12), Numbers(4, 0.25))));
}

TEST_CASE("soften: any scores, any number of tokens, any temperature") {
    for (const Index V : {2, 5, 42})
        for (const Real T : {0.25, 0.9, 1.0, 1.7}) {
            CAPTURE(V);
            CAPTURE(T);
            const Numbers scores = normal_numbers(2, V);
            CHECK(named({"p"}, same(soften(scores, T), by_loops(scores, {T, 0, 1}))));
        }
}

TEST_CASE("top_k: the four probabilities from the text, k = 2") {
    CHECK(same(top_k({0.1, 0.4, 0.2, 0.3}, 2), {0, 4.0 / 7, 0, 3.0 / 7}));
}

TEST_CASE("top_k: one is kept, or all but one") {
    CHECK(same(top_k({0.1, 0.4, 0.2, 0.3}, 1), {0, 1, 0, 0}));
    CHECK(same(top_k({0.1, 0.4, 0.2, 0.3}, 3), {0, 4.0 / 9, 2.0 / 9, 3.0 / 9}));
    CHECK(same(top_k({1}, 1), {1}));
}

TEST_CASE("top_k: 0 keeps all, and so do V and more than V") {
    CHECK(same(top_k({0.1, 0.4, 0.2, 0.3}, 0), {0.1, 0.4, 0.2, 0.3}));
    CHECK(same(top_k({0.1, 0.4, 0.2, 0.3}, 4), {0.1, 0.4, 0.2, 0.3}));
    CHECK(same(top_k({0.1, 0.4, 0.2, 0.3}, 5), {0.1, 0.4, 0.2, 0.3}));
    CHECK(same(top_k({0.25, 0.75}, 1000), {0.25, 0.75}));
}

TEST_CASE("top_k: of equally likely tokens the first are kept, and never more than k") {
    CHECK(same(top_k({0.25, 0.25, 0.25, 0.25}, 3), {1.0 / 3, 1.0 / 3, 1.0 / 3, 0}));
    CHECK(same(top_k({0.1, 0.2, 0.2, 0.3, 0.2}, 2), {0, 0.4, 0, 0.6, 0}));
    CHECK(same(top_k({0.2, 0.2, 0.6}, 2), {0.25, 0, 0.75}));
}

TEST_CASE("top_k: tokens that cannot come are no trouble") {
    CHECK(same(top_k({0, 0.75, 0, 0.25}, 2), {0, 0.75, 0, 0.25}));
    CHECK(same(top_k({0, 1, 0, 0}, 3), {0, 1, 0, 0}));
}

TEST_CASE("top_k: any probabilities and any k") {
    for (const Index V : {1, 2, 8, 42})
        for (const Index k : {1, 2, 7, 20}) {
            CAPTURE(V);
            CAPTURE(k);
            const Numbers p = some_probabilities(3, V), q = top_k(p, k);
            CHECK(named({"p"}, same(q, by_loops(ln(p), {1, k, 1}))));
            CHECK(named({"the sum"}, same(total(q), 1)));
        }
}

TEST_CASE("top_p: the four probabilities from the text, mass 0.8") {
    CHECK(same(top_p({0.1, 0.4, 0.2, 0.3}, 0.8), {0, 4.0 / 9, 2.0 / 9, 3.0 / 9}));
}

TEST_CASE("top_p: more mass, and less") {
    CHECK(same(top_p({0.1, 0.4, 0.2, 0.3}, 0.95), {0.1, 0.4, 0.2, 0.3}));
    CHECK(same(top_p({0.1, 0.4, 0.2, 0.3}, 0.6), {0, 4.0 / 7, 0, 3.0 / 7}));
}

TEST_CASE("top_p: at least one token is kept, also if it alone is more than the mass") {
    CHECK(same(top_p({0.1, 0.4, 0.2, 0.3}, 0.3), {0, 1, 0, 0}));
    CHECK(same(top_p({0.1, 0.4, 0.2, 0.3}, 0), {0, 1, 0, 0}));
    CHECK(same(top_p({1}, 0.5), {1}));
}

TEST_CASE("top_p: a sum that equals the mass has reached it") {
    CHECK(same(top_p({0.25, 0.5, 0.125, 0.125}, 0.75), {1.0 / 3, 2.0 / 3, 0, 0}));
    CHECK(same(top_p({0.25, 0.5, 0.125, 0.125}, 0.5), {0, 1, 0, 0}));
}

TEST_CASE("top_p: of equally likely tokens the first are kept") {
    CHECK(same(top_p({0.25, 0.25, 0.25, 0.25}, 0.6), {1.0 / 3, 1.0 / 3, 1.0 / 3, 0}));
    CHECK(same(top_p({0.125, 0.25, 0.25, 0.125, 0.25}, 0.4), {0, 0.5, 0.5, 0, 0}));
}

TEST_CASE("top_p: mass 1 keeps all, even tokens that are too unlikely to change the sum") {
    CHECK(same(top_p({0.1, 0.4, 0.2, 0.3}, 1), {0.1, 0.4, 0.2, 0.3}));
    const Numbers p = top_p({1e-20, 0.5, 3e-20, 0.5}, 1);
    INFO("the mass is 1, p was 1e-20, 0.5, 3e-20, 0.5");
    CHECK(named({"p[0] times 1e20", "p[1]", "p[2] times 1e20", "p[3]"},
                same({p[0] * 1e20, p[1], p[2] * 1e20, p[3]}, {1, 0.5, 3, 0.5})));
}

TEST_CASE(
    "top_p: there is no token after the last, also if rounding leaves the sum below the mass") {
    const Numbers p(99, 1.0 / 99);
    INFO("99 equal tokens, whose sum is a little less than 1, and a mass that is nearly 1");
    CHECK(named({"p"}, same(top_p(p, std::nextafter(1.0, 0.0)), p)));
}

TEST_CASE("top_p: what is kept reaches the mass, and without its unlikeliest token it would not") {
    for (const Real mass : {0.1, 0.35, 0.6, 0.9, 0.99}) {
        CAPTURE(mass);
        const Numbers p = some_probabilities(4, 20), q = top_p(p, mass);
        Real kept = 0, least = 1;
        for (std::size_t i = 0; i < p.size(); ++i)
            if (q[i] > 0) kept += p[i], least = std::min(least, p[i]);
        INFO("among the probabilities before the cut");
        CHECK(Comparison{kept >= mass, fmt::format("what you keep has only {:.4f}", kept)});
        CHECK(Comparison{kept - least < mass,
                         fmt::format("what you keep has {:.4f}, and still {:.4f} without its "
                                     "unlikeliest token",
                                     kept, kept - least)});
    }
}

TEST_CASE("top_p: any probabilities and any mass") {
    for (const Index V : {1, 2, 8, 42})
        for (const Real mass : {0.0, 0.15, 0.55, 0.85, 0.97}) {
            CAPTURE(V);
            CAPTURE(mass);
            const Numbers p = some_probabilities(5, V), q = top_p(p, mass);
            CHECK(named({"p"}, same(q, by_loops(ln(p), {1, 0, mass}))));
            CHECK(named({"the sum"}, same(total(q), 1)));
        }
}

TEST_CASE("token_probabilities: top-k 3, then top-p 0.75, as in the text") {
    const Numbers scores = ln({0.1, 0.4, 0.2, 0.3});
    INFO("scores whose softmax is 0.1, 0.4, 0.2, 0.3");
    CHECK(named({"p"}, same(token_probabilities(scores, {1, 3, 0.75}), {0, 4.0 / 7, 0, 3.0 / 7})));
}

TEST_CASE("token_probabilities: each setting alone") {
    const Numbers scores = ln({0.1, 0.4, 0.2, 0.3});
    INFO("scores whose softmax is 0.1, 0.4, 0.2, 0.3");
    CHECK(named({"p"}, same(token_probabilities(scores, {}), {0.1, 0.4, 0.2, 0.3})));
    CHECK(named({"p, temperature 0.5"}, same(token_probabilities(scores, {0.5, 0, 1}),
                                             {1.0 / 30, 16.0 / 30, 4.0 / 30, 0.3})));
    CHECK(named({"p, top-k 2"},
                same(token_probabilities(scores, {1, 2, 1}), {0, 4.0 / 7, 0, 3.0 / 7})));
    CHECK(named({"p, top-p 0.8"},
                same(token_probabilities(scores, {1, 0, 0.8}), {0, 4.0 / 9, 2.0 / 9, 3.0 / 9})));
    CHECK(
        named({"p, temperature 0"}, same(token_probabilities(scores, {0, 3, 0.9}), {0, 1, 0, 0})));
}

TEST_CASE("token_probabilities: the cuts see what the temperature has made") {
    // At temperature 1 the first two have 0.7; at 0.5 the first has 0.53, the first two 0.83.
    const Numbers scores = ln({0.1, 0.4, 0.2, 0.3});
    INFO("scores whose softmax is 0.1, 0.4, 0.2, 0.3");
    CHECK(named({"p, temperature 0.5, top-p 0.8"},
                same(token_probabilities(scores, {0.5, 0, 0.8}), {0, 0.64, 0, 0.36})));
    CHECK(named({"p, temperature 0.5, top-p 0.5"},
                same(token_probabilities(scores, {0.5, 0, 0.5}), {0, 1, 0, 0})));
}

TEST_CASE("token_probabilities: in the library's sampler they give what its own gives") {
    const std::vector<Numbers> all = {normal_numbers(6, 12),
                                      {-3},
                                      {2, 2, 2, 2, 2, 2, 2},
                                      {1, -kInfinity, 3, 3, -kInfinity, 0.5},
                                      {-kInfinity, -kInfinity, 4},
                                      {900, 901, 899.5, 901},
                                      {0.5, 0.5000000000000001, 0.4999999999999999, 0.5}};
    for (const Numbers& scores : all)
        for (const Real T : {0.0, 0.01, 0.5, 1.0, 1.9, 1e20})
            for (const Index k : {0, 1, 3, 6, 50})
                for (const Real mass : {0.0, 0.3, 0.61, 0.93, 1.0}) {
                    INFO(fmt::format("the scores are {}", fmt::join(scores, ", ")));
                    CAPTURE(T);
                    CAPTURE(k);
                    CAPTURE(mass);
                    const Index V = std::ssize(scores);
                    std::vector<double> mine(scores.size(), 5), library(scores.size(), 6);
                    token_weights(mine.data(), scores.data(), V, T, k, mass);
                    naive::token_weights(library.data(), scores.data(), V, T, k, mass);
                    double sum = 0;
                    for (const double weight : library) sum += weight;
                    for (double& weight : library) weight /= sum;
                    CHECK(named({"p"}, same(mine, library)));
                }
}

TEST_CASE("token_probabilities: any scores and settings") {
    for (const Index V : {1, 3, 9, 42})
        for (const Settings& settings :
             {Settings{0.7, 4, 0.85}, {1.6, 0, 0.7}, {1, 2, 0.55}, {2.2, 30, 0.95}, {0, 0, 0.9}}) {
            CAPTURE(V);
            CAPTURE(settings.temperature);
            CAPTURE(settings.top_k);
            CAPTURE(settings.top_p);
            const Numbers scores = normal_numbers(7, V);
            const Numbers p = token_probabilities(scores, settings);
            CHECK(named({"p"}, same(p, by_loops(scores, settings))));
            CHECK(named({"the sum"}, same(total(p), 1)));
        }
}

TEST_CASE("write: after \"a\", with the random numbers 0.9, 0.4 and 0.1, as in the text") {
    INFO("n is token 2, a is 1, the end is 0");
    CHECK(tokens(write(an_and_anna, {1}, 8, 0, {}, draws({0.9, 0.4, 0.1})), {2, 1, 0}));
}

TEST_CASE("write: at most n tokens, however long the prompt is") {
    CHECK(tokens(write(an_and_anna, {1}, 2, 0, {}, draws({0.9, 0.4})), {2, 1}));
    CHECK(tokens(write(an_and_anna, {1, 2, 1, 2, 1}, 2, 0, {}, draws({0.9, 0.4})), {2, 1}));
    CHECK(tokens(write(an_and_anna, {1}, 0, 0, {}, draws({0.9})), {}));
}

TEST_CASE("write: the end is the last token, and an end in the prompt ends nothing") {
    CHECK(tokens(write(an_and_anna, {2}, 5, 0, {}, draws({0.1, 0.5})), {0}));
    CHECK(tokens(write(an_and_anna, {0, 1, 0}, 3, 0, {}, draws({0.5, 0.9, 0.4})), {1, 2, 1}));
    INFO("here the end has the number 2");
    CHECK(tokens(write(an_and_anna, {1}, 5, 2, {}, draws({0.2, 0.5, 0.9})), {0, 1, 2}));
}

TEST_CASE("write: the model is given all tokens so far, the newest last") {
    std::vector<Ids> seen;
    const Next next = [&](const Ids& ids) {
        seen.push_back(ids);
        Numbers scores(9);
        scores[ids.size() % 9] = 100;  // the next token is how many there are
        return scores;
    };
    const Numbers fresh = write(next, {7, 5}, 4, kNoEnd, {}, random_draws(8));
    REQUIRE(tokens(fresh, {2, 3, 4, 5}));
    const Ids expected = {7, 5, 2, 3, 4};  // before the last new token
    if (std::find(seen.begin(), seen.end(), expected) != seen.end()) return;
    const Ids& last = seen.back();
    INFO("what the model saw last");
    CHECK(same(Numbers(last.begin(), last.end()), {7, 5, 2, 3, 4}));
}

TEST_CASE("write: temperature 0 takes the likeliest each time, whatever the random numbers") {
    const Numbers fresh = write(Model{8}, {2}, 12, kNoEnd, {0, 0, 1}, random_draws(9));
    CHECK(tokens(fresh, written_by_loops(Model{8}, {2}, 12, kNoEnd, {0, 0, 1}, random_draws(9))));
    CHECK(tokens(write(Model{8}, {2}, 12, kNoEnd, {0, 0, 1}, random_draws(10)), fresh));
}

TEST_CASE("write: one random number for each token, at temperature 0 too") {
    const Index drawn = draws_of(5);
    CHECK(Comparison{drawn == 5, fmt::format("for 5 tokens your write calls uniform {} times, "
                                             "expected 5: once for each token",
                                             drawn)});
}

TEST_CASE("write: the same random numbers give the same text, others another") {
    const Numbers once = write(Model{12}, {3}, 30, kNoEnd, {}, random_draws(11)),
                  again = write(Model{12}, {3}, 30, kNoEnd, {}, random_draws(11)),
                  other = write(Model{12}, {3}, 30, kNoEnd, {}, random_draws(12));
    CHECK(tokens(again, once));
    CHECK(Comparison{other != once, "with other random numbers your text is the same"});
}

TEST_CASE("write: 10,000 draws come as often as softmax says") {
    const Numbers scores = {0.5, -1, 1.5, 0, 0.25};
    CHECK(by_chance(counts_of(scores, {}, 13), by_loops(scores, {}), 18.47));  // 4 degrees
}

TEST_CASE("write: 10,000 draws of what the cuts have left, and of nothing else") {
    const Numbers scores = {0.5, -1, 1.5, 0, 0.25};
    const Settings settings = {1.5, 4, 0.7};  // tokens 0, 2 and 4 are left: 2 degrees of freedom
    CHECK(by_chance(counts_of(scores, settings, 14), by_loops(scores, settings), 13.82));
}

TEST_CASE("write: any model, prompt and settings") {
    for (const Index V : {1, 2, 7, 42})
        for (const Settings& settings : {Settings{1, 0, 1}, {0.7, 5, 0.9}, {2, 0, 0.6}})
            for (const Index n : {1, 6, 40}) {
                CAPTURE(V);
                CAPTURE(settings.temperature);
                CAPTURE(settings.top_k);
                CAPTURE(settings.top_p);
                CAPTURE(n);
                const int end = V > 4 ? 3 : kNoEnd;
                CHECK(tokens(
                    write(Model{V}, {0, 0, 0}, n, end, settings, random_draws(15)),
                    written_by_loops(Model{V}, {0, 0, 0}, n, end, settings, random_draws(15))));
            }
}

}  // namespace gradus::lesson_23
