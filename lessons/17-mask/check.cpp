// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <numeric>
#include <stdexcept>

#include "tensor/attention.h"

namespace gradus::lesson_17 {
namespace {

using Numbers = std::vector<Real>;

constexpr Real kNone = kMinusInfinity;  // the score of a key that may not be seen

Numbers mask_future(Numbers s, Index T) {
    part().mask_future(s.data(), T);
    return s;
}

struct Result {
    Numbers y, p;
};

Result causal_attention(const Numbers& q, const Numbers& k, const Numbers& v, Index T, Index HS,
                        Index VS) {
    Result done{Numbers(static_cast<std::size_t>(T * VS), 77),
                Numbers(static_cast<std::size_t>(T * T), 77)};
    part().causal_attention(done.y.data(), done.p.data(), q.data(), k.data(), v.data(), T, HS, VS);
    return done;
}

// The same by plain loops, which never look at a later place. With `sees`, place i sees so many of
// the places after it.
Result by_loops(const Numbers& q, const Numbers& k, const Numbers& v, Index T, Index HS, Index VS,
                Index sees = 0) {
    Result done{Numbers(static_cast<std::size_t>(T * VS)),
                Numbers(static_cast<std::size_t>(T * T))};
    for (Index i = 0; i < T; ++i) {
        Real* p = &done.p[i * T];
        const Index end = std::min(T, i + 1 + sees);
        double z = 0;
        for (Index j = 0; j < end; ++j) {
            for (Index c = 0; c < HS; ++c) p[j] += q[i * HS + c] * k[j * HS + c];
            p[j] = std::exp(p[j] / std::sqrt(static_cast<double>(HS)));
            z += p[j];
        }
        for (Index j = 0; j < end; ++j) {
            p[j] /= z;
            for (Index c = 0; c < VS; ++c) done.y[i * VS + c] += p[j] * v[j * VS + c];
        }
    }
    return done;
}

// Place `place` sees place `sees`: number `from` of it, or all (-1), in its own number `to`, or
// all.
struct Link {
    Index place, sees;
    Index from = -1, to = -1;
    Real weight = 1;
};

// Every place sees itself and, if it `looks_back`, the one before it. With links, some see other
// places as well.
AnyLayer layer_with(const std::vector<Link>& links, Index OUT, bool looks_back = true) {
    return [=](const Tensor& x) {
        const Index T = x.size(0), C = x.size(1);
        const Tensor y({T, OUT});
        const auto add = [&](const Link& link) {
            for (Index c = 0; c < C; ++c)
                for (Index o = 0; o < OUT; ++o) {
                    if ((link.from >= 0 && link.from != c) || (link.to >= 0 && link.to != o))
                        continue;
                    const Real kind = 1 + static_cast<Real>((3 * c + 5 * o) % 11) / 11;
                    y[link.place * OUT + o] += link.weight * kind * x[link.sees * C + c];
                }
        };
        for (Index t = 0; t < T; ++t) {
            add({t, t});
            if (looks_back && t > 0) add({t, t - 1});
        }
        for (const Link& link : links) {
            if (link.sees >= T)
                throw std::invalid_argument(
                    "the layer was given too few places: x is to be changed, not cut");
            add(link);
        }
        return y;
    };
}

// Takes the mean of a place's numbers from each of them, and adds to each place what this leaves of
// all places, on average. What is left is rounded, so that the rounding of a sum is not taken for a
// change.
Tensor centred_average(const Tensor& x) {
    const Index T = x.size(0), C = x.size(1);
    const Tensor centred = x.clone(), y({T, C});
    for (Index t = 0; t < T; ++t) {
        const Real mean = std::accumulate(&x[t * C], &x[t * C] + C, Real(0)) / C;
        for (Index c = 0; c < C; ++c)
            centred[t * C + c] = std::round((centred[t * C + c] - mean) * 0x1p36) * 0x1p-36;
    }
    for (Index t = 0; t < T; ++t)
        for (Index u = 0; u < T; ++u)
            for (Index c = 0; c < C; ++c)
                y[t * C + c] += centred[u * C + c] / T + (u == t ? centred[u * C + c] : 0);
    return y;
}

// Place t: the next place minus the one after that, which is 0 past the end. Rounded as above.
Tensor difference_ahead(const Tensor& x) {
    const Index T = x.size(0), C = x.size(1);
    const Tensor y({T, C});
    for (Index t = 0; t + 1 < T; ++t)
        for (Index c = 0; c < C; ++c) {
            const Real after = t + 2 < T ? x[(t + 2) * C + c] : 0;
            y[t * C + c] = std::round((x[(t + 1) * C + c] - after) * 0x1p36) * 0x1p-36;
        }
    return y;
}

// Place t: what comes after it, once added and once taken away. The sum of its numbers is always 0.
Tensor opposite(const Tensor& x) {
    const Index T = x.size(0);
    const Tensor y({T, 2});
    for (Index t = 0; t < T; ++t) {
        const Real next = t == T - 1 ? 0 : x[(t + 1) * x.size(1)];
        y[2 * t] = next, y[2 * t + 1] = -next;
    }
    return y;
}

// Queries, keys and values are the places themselves.
AnyLayer attention_seeing(Index sees) {
    return [sees](const Tensor& x) {
        const Index T = x.size(0), C = x.size(1);
        const Numbers all = x.to_vector();
        return Tensor::from({T, C}, by_loops(all, all, all, T, C, C, sees).y);
    };
}

// Whole numbers, with which sums and means of four are exact.
Tensor whole_numbers(const Shape& shape) {
    const Tensor x(shape);
    for (Index i = 0; i < x.count(); ++i) x[i] = static_cast<Real>(i * i % 7 - 2);
    return x;
}

Tensor random_places(std::uint64_t seed, Index T, Index C) {
    return Tensor::from({T, C}, normal_numbers(seed, T * C));
}

double first_leak(const AnyLayer& layer, const Tensor& x) {
    return static_cast<double>(part().first_leak(layer, x));
}

// The numbers of the text: three places, with one number in a query and a key, two in a value.
const Numbers kQueries = {1, 2, 0}, kKeys = {1, 0, 3}, kValues = {10, 0, 0, 10, 5, 5};

// T = 5, and no two sizes are equal or neighbours.
constexpr Index kT = 5, kHS = 3, kVS = 8;

// Any large negative number counts as the same one, and so does any large positive and any that is
// next to 0 but not 0: it is one mistake, whichever the number.
Real kind_of(Real score) {
    if (std::isnan(score)) return 2000;
    if (std::isinf(score)) return score < 0 ? -1000 : 1000;
    if (std::abs(score) > 19) return score < 0 ? -500 : 500;
    return score != 0 && std::abs(score) < 1e-300 ? 300 : score;
}

const Fingerprint mask_print("mask_future", [] {
    Numbers s = normal_numbers(1, kT * kT);
    for (Real& score : s) score *= 3;
    s = with_room(s);
    part().mask_future(s.data(), kT);
    for (Real& score : s) score = kind_of(score);
    return s;
});
const Fingerprint attention_print("causal_attention", [] {
    const Numbers q = with_room(normal_numbers(2, kT * kHS)),
                  k = with_room(normal_numbers(3, kT * kHS)),
                  v = with_room(normal_numbers(4, kT * kVS));
    Numbers y = with_room(Numbers(kT * kVS, 7)), p = with_room(Numbers(kT * kT, 9));
    part().causal_attention(y.data(), p.data(), q.data(), k.data(), v.data(), kT, kHS, kVS);
    y.insert(y.end(), p.begin(), p.end());
    return y;
});
// Scores that no finite number is safely below, and later keys that fit far better.
const Fingerprint far_print("causal_attention", [] {
    const Numbers q = with_room({1e150, 1e150, 1, 30}), k = with_room({-1e150, -1e150, 5, 60}),
                  v = with_room({1, 5, 2, 9, 4, -3, 11, 7});
    Numbers y = with_room(Numbers(8, 7)), p = with_room(Numbers(16, 9));
    part().causal_attention(y.data(), p.data(), q.data(), k.data(), v.data(), 4, 1, 2);
    y.insert(y.end(), p.begin(), p.end());
    return y;
});
const Fingerprint leak_print("first_leak", [] {
    const Tensor x = random_places(5, 8, 3), ones({8, 3});
    ones.fill(1);
    Numbers all;
    for (const std::vector<Link>& links : std::vector<std::vector<Link>>{
             {},
             {{0, 1}},
             {{0, 7}},
             {{2, 3}},
             {{2, 4}},
             {{2, 7}},
             {{5, 6}},
             {{5, 7}},
             {{6, 7}},
             {{1, 7}, {4, 5}},
             {{6, 7}, {3, 5}, {5, 6}},
             {{3, 4}, {2, 6}},
             {{3, 5, 0, 0}},
             {{3, 5, 1, 2}},
             {{3, 5, 2, 4}},
             {{4, 6, 0, 4}},
             {{4, 6, 2, 0}},
             {{3, 4, 0, 1}},
             {{3, 4, 1, 1}},
             {{3, 4, 2, 3}},
             {{3, 7, 2, 1}},
             {{1, 5, -1, -1, 1e-10}},
         })
        all.push_back(first_leak(layer_with(links, 5), x.clone()));
    for (const std::vector<Link>& links : std::vector<std::vector<Link>>{{}, {{2, 7}}}) {
        all.push_back(first_leak(layer_with(links, 5, false), x.clone()));
        all.push_back(first_leak(layer_with(links, 5), x.reshape({24, 1}).slice(0, 8).clone()));
    }
    for (const Tensor& same_everywhere : {Tensor({8, 3}), ones})
        all.push_back(first_leak(layer_with({{2, 6}}, 5), same_everywhere.clone()));
    all.push_back(first_leak(centred_average, whole_numbers({6, 4})));
    all.push_back(first_leak(difference_ahead, whole_numbers({6, 3})));
    all.push_back(first_leak(opposite, x.clone()));
    all.push_back(first_leak(layer_with({}, 5), x.slice(3, 4).clone()));
    // Whether x is as before, number by number.
    const Tensor after = x.clone();
    first_leak(layer_with({}, 5), after);
    for (Index i = 0; i < x.count(); ++i) all.push_back(after[i] == x[i]);
    return all;
});

}  // namespace

TEST_CASE("mask_future: the three places from the text") {
    CHECK(same(mask_future({1, 0, 3, 2, 0, 6, 0, 0, 0}, 3), {1, kNone, kNone, 2, 0, kNone, 0, 0, 0},
               {3, 3}));
}

TEST_CASE("mask_future: a single place sees itself, and the first of two only itself") {
    CHECK(same(mask_future({-5}, 1), {-5}, {1, 1}));
    CHECK(same(mask_future({4, 3, 2, 1}, 2), {4, kNone, 2, 1}, {2, 2}));
}

TEST_CASE("mask_future: large scores, those of the past stay and those of the future go") {
    CHECK(same(mask_future({-1e30, 1e30, 1e30, -1e30}, 2), {-1e30, kNone, 1e30, -1e30}, {2, 2}));
}

TEST_CASE("mask_future: any number of places") {
    for (const Index T : {1, 2, 4, 7, 12}) {
        CAPTURE(T);
        const Numbers s = normal_numbers(6, T * T);
        Numbers expected = s;
        for (Index at = 0; at < T * T; ++at)
            if (at % T > at / T) expected[at] = kNone;
        CHECK(named({"the scores"}, same(mask_future(s, T), expected, {T, T})));
    }
}

TEST_CASE("causal_attention: the three places from the text") {
    const Result done = causal_attention(kQueries, kKeys, kValues, 3, 1, 2);
    const double a = 0.88079707798, b = 0.11920292202, third = 1.0 / 3;
    CHECK(named({"the weights p"}, same(done.p, {1, 0, 0, a, b, 0, third, third, third}, {3, 3})));
    CHECK(named({"the results y"}, same(done.y, {10, 0, 10 * a, 10 * b, 5, 5}, {3, 2})));
}

TEST_CASE("causal_attention: place 0 sees nothing but itself") {
    const Numbers v = normal_numbers(7, 6 * 4);
    const Result done =
        causal_attention(normal_numbers(8, 6 * 3), normal_numbers(9, 6 * 3), v, 6, 3, 4);
    CHECK(named({"row 0 of p"},
                same(Numbers(done.p.begin(), done.p.begin() + 6), {1, 0, 0, 0, 0, 0}, {1, 6})));
    CHECK(named({"row 0 of y"}, same(Numbers(done.y.begin(), done.y.begin() + 4),
                                     Numbers(v.begin(), v.begin() + 4), {1, 4})));
    const Result single = causal_attention({3, -1}, {2, 9}, {7, 8, 9}, 1, 2, 3);
    CHECK(named({"the weight of a single place"}, same(single.p, {1}, {1, 1})));
    CHECK(named({"the result of a single place"}, same(single.y, {7, 8, 9}, {1, 3})));
}

TEST_CASE("causal_attention: queries of zeros get the average of all values so far") {
    const Result done = causal_attention(Numbers(8), normal_numbers(10, 8), {1, 3, 8, 0}, 4, 2, 1);
    const double third = 1.0 / 3;
    CHECK(named(
        {"the weights p"},
        same(done.p, {1, 0, 0, 0, 0.5, 0.5, 0, 0, third, third, third, 0, 0.25, 0.25, 0.25, 0.25},
             {4, 4})));
    CHECK(named({"the results y"}, same(done.y, {1, 2, 4, 3}, {4, 1})));
}

TEST_CASE("causal_attention: each row of weights has the sum 1") {
    const Result done = causal_attention(normal_numbers(11, 9 * 4), normal_numbers(12, 9 * 4),
                                         normal_numbers(13, 9), 9, 4, 1);
    for (Index i = 0; i < 9; ++i) {
        CAPTURE(i);
        const double sum = std::accumulate(&done.p[i * 9], &done.p[i * 9] + 9, 0.0);
        CHECK(named({"the sum of the row"}, same(sum, 1)));
    }
}

TEST_CASE("causal_attention: a later key that fits a thousand times better takes nothing away") {
    const Result done = causal_attention({1, 1, 1}, {1, 1, 1000}, {10, 20, 99}, 3, 1, 1);
    CHECK(named({"the weights p"}, same(done.p, {1, 0, 0, 0.5, 0.5, 0, 0, 0, 1}, {3, 3})));
    CHECK(named({"the results y"}, same(done.y, {10, 15, 99}, {3, 1})));
}

TEST_CASE("causal_attention: scores of -1e300, far below any finite stand-in for minus infinity") {
    const Result done = causal_attention({1e150, 1e150}, {-1e150, -1e150}, {3, 4}, 2, 1, 1);
    CHECK(named({"the weights p"}, same(done.p, {1, 0, 0.5, 0.5}, {2, 2})));
    CHECK(named({"the results y"}, same(done.y, {3, 3.5}, {2, 1})));
}

TEST_CASE("causal_attention: what changes after place t moves nothing up to t, by not one bit") {
    const Index T = 6, HS = 3, VS = 4;
    const Numbers q = normal_numbers(14, T * HS), k = normal_numbers(15, T * HS),
                  v = normal_numbers(16, T * VS);
    const Result before = causal_attention(q, k, v, T, HS, VS);
    for (Index t = 0; t < T - 1; ++t) {
        Numbers q2 = q, k2 = k, v2 = v;
        for (Index i = (t + 1) * HS; i < T * HS; ++i) q2[i] *= -2, k2[i] += 3;
        for (Index i = (t + 1) * VS; i < T * VS; ++i) v2[i] = 100 - v2[i];
        const Result after = causal_attention(q2, k2, v2, T, HS, VS);
        CAPTURE(t);
        const auto rows = [&](const Numbers& x, Index cols) {
            return Numbers(x.begin(), x.begin() + (t + 1) * cols);
        };
        CHECK(named({"p up to place t, after the change"},
                    same(rows(after.p, T), rows(before.p, T), {t + 1, T}, 0)));
        CHECK(named({"y up to place t, after the change"},
                    same(rows(after.y, VS), rows(before.y, VS), {t + 1, VS}, 0)));
    }
}

TEST_CASE("causal_attention: one pass over the text gives what a pass over each beginning gives") {
    const Index T = 7, HS = 4, VS = 2;
    const Numbers q = normal_numbers(17, T * HS), k = normal_numbers(18, T * HS),
                  v = normal_numbers(19, T * VS);
    const Result whole = causal_attention(q, k, v, T, HS, VS);
    for (Index n = 1; n < T; ++n) {
        CAPTURE(n);
        const Result part_of_it = causal_attention(q, k, v, n, HS, VS);
        CHECK(
            named({"y of the first n places"},
                  same(part_of_it.y, Numbers(whole.y.begin(), whole.y.begin() + n * VS), {n, VS})));
    }
}

TEST_CASE("causal_attention: in the library's place, for several texts and heads at once") {
    // The table of operations holds this lesson's install, which calls causal_attention.
    const Index B = 2, T = 5, HS = 4;
    const Index three[] = {3, 5};
    for (const Index heads : {1, 3})
        for (const AttentionMask mask :
             {AttentionMask::causal(), AttentionMask::none(), AttentionMask::window(2)})
            for (const bool padded : {false, true}) {
                AttentionOptions options{heads, 0, mask};
                if (padded) options.query_lengths = options.key_lengths = {three[0], three[1]};
                const Tensor qkv = Tensor::from({B, T, 3 * heads * HS},
                                                normal_numbers(20, B * T * 3 * heads * HS));
                const AttentionInputs in = attention_inputs(qkv, options);
                Numbers y(static_cast<std::size_t>(B * T * heads * HS), 77),
                    lse(static_cast<std::size_t>(B * heads * T), 77), right_y = y, right_lse = lse;
                ops().attention_forward(y.data(), lse.data(), in.q, in.k, in.v, nullptr, in.shape);
                naive::attention_forward(right_y.data(), right_lse.data(), in.q, in.k, in.v,
                                         nullptr, in.shape);
                CAPTURE(heads);
                CHECK(named({"the library's y"}, same(y, right_y, {B * T, heads * HS})));
                CHECK(named({"the library's lse"}, same(lse, right_lse, {B * heads, T})));
            }
}

TEST_CASE("causal_attention: any number of places, and any size of queries and of values") {
    for (const Index T : {1, 2, 5, 11})
        for (const Index HS : {1, 3, 8}) {
            const Index VS = HS == 3 ? 7 : 2;
            CAPTURE(T);
            CAPTURE(HS);
            CAPTURE(VS);
            const Numbers q = normal_numbers(21, T * HS), k = normal_numbers(22, T * HS),
                          v = normal_numbers(23, T * VS);
            const Result done = causal_attention(q, k, v, T, HS, VS),
                         expected = by_loops(q, k, v, T, HS, VS);
            CHECK(named({"the weights p"}, same(done.p, expected.p, {T, T})));
            CHECK(named({"the results y"}, same(done.y, expected.y, {T, VS})));
        }
}

TEST_CASE("first_leak: the two layers from the text") {
    const Tensor x = Tensor::from({3, 1}, {1, 2, 4});
    {
        INFO("the sum of all numbers so far, for 1 2 4");
        CHECK(same(first_leak(
                       [](const Tensor& places) {
                           const Tensor y = places.clone();
                           for (Index t = 1; t < y.size(0); ++t) y[t] += y[t - 1];
                           return y;
                       },
                       x),
                   3));
    }
    INFO("each number plus the next, for 1 2 4");
    CHECK(same(first_leak(
                   [](const Tensor& places) {
                       const Tensor y = places.clone();
                       for (Index t = 0; t + 1 < y.size(0); ++t) y[t] += places[t + 1];
                       return y;
                   },
                   x),
               0));
}

TEST_CASE("first_leak: a single place has none after it") {
    CHECK(same(first_leak(layer_with({}, 2), random_places(24, 1, 3)), 1));
}

TEST_CASE("first_leak: wherever the leak is, and however far ahead the place looks") {
    const Tensor x = random_places(25, 5, 1);
    for (Index place = 0; place < 5; ++place)
        for (Index sees = place + 1; sees < 5; ++sees) {
            INFO(fmt::format("of 5 places only place {} looks ahead, at place {}", place, sees));
            CHECK(same(first_leak(layer_with({{place, sees}}, 1), x.clone()),
                       static_cast<double>(place)));
        }
    INFO("of 5 places none looks ahead");
    CHECK(same(first_leak(layer_with({}, 1), x.clone()), 5));
}

TEST_CASE("first_leak: places of two numbers, whose results have three") {
    const Tensor x = random_places(25, 6, 2);
    for (Index place = 0; place < 5; ++place) {
        INFO(fmt::format("of 6 places only place {} looks ahead, at the next", place));
        CHECK(same(first_leak(layer_with({{place, place + 1}}, 3), x.clone()),
                   static_cast<double>(place)));
    }
}

TEST_CASE("first_leak: of several leaks, the one at the first place") {
    const Tensor x = random_places(26, 6, 2);
    {
        INFO("of 6 places, place 1 looks at place 5, and place 2 at place 3");
        CHECK(same(first_leak(layer_with({{2, 3}, {1, 5}}, 3), x.clone()), 1));
    }
    INFO("of 6 places, place 2 looks at place 3, place 3 at place 4, and place 4 at place 5");
    CHECK(same(first_leak(layer_with({{4, 5}, {3, 4}, {2, 3}}, 3), x.clone()), 2));
}

TEST_CASE("first_leak: x is as before") {
    const Tensor x = random_places(27, 5, 3);
    const Numbers before = x.to_vector();
    for (const auto& links : {std::vector<Link>{}, {{2, 4}}}) {
        first_leak(layer_with(links, 2), x);
        CHECK(named({"x afterwards"}, same(x.to_vector(), before, {5, 3})));
    }
}

TEST_CASE("first_leak: each number of a later place counts, and each number of a result") {
    const Tensor x = random_places(28, 6, 3);
    for (Index from = 0; from < 3; ++from)
        for (Index to = 0; to < 4; ++to) {
            INFO(fmt::format("number {} of place 4 reaches number {} of the result at place 1",
                             from, to));
            CHECK(same(first_leak(layer_with({{1, 4, from, to}}, 4), x.clone()), 1));
        }
}

TEST_CASE("first_leak: zeros and ones change, too") {
    const Tensor zeros({4, 2}), ones({4, 2});
    ones.fill(1);
    {
        INFO("x consists of zeros; place 1 looks at place 3");
        CHECK(same(first_leak(layer_with({{1, 3}}, 2), zeros), 1));
    }
    INFO("x consists of ones; place 1 looks at place 3");
    CHECK(same(first_leak(layer_with({{1, 3}}, 2), ones), 1));
}

TEST_CASE("first_leak: a layer that takes the mean of a place's numbers from each of them") {
    INFO(
        "it averages over all 6 places, so place 0 sees the others; but only differences between "
        "the numbers of a place count");
    CHECK(same(first_leak(centred_average, whole_numbers({6, 4})), 0));
}

TEST_CASE("first_leak: a layer that takes the difference of the two places ahead") {
    INFO(
        "place t gets place t + 1 minus place t + 2, number by number; it sees nothing if both "
        "change by the same amounts");
    CHECK(same(first_leak(difference_ahead, whole_numbers({5, 2})), 0));
}

TEST_CASE("first_leak: leaks that are hard to see") {
    {
        INFO("place 2 adds 1e-10 times place 5");
        CHECK(same(first_leak(layer_with({{2, 5, -1, -1, 1e-10}}, 1), random_places(29, 6, 1)), 2));
    }
    INFO("the two numbers of a result move in opposite directions");
    CHECK(same(first_leak(opposite, random_places(30, 5, 2)), 0));
}

TEST_CASE(
    "first_leak: attention by the check's own loops, without a mask, with one, and too late") {
    const Tensor x = random_places(31, 7, 4);
    {
        INFO("every place sees all 7");
        CHECK(same(first_leak(attention_seeing(7), x), 0));
    }
    {
        INFO("every place sees itself and the places before it");
        CHECK(same(first_leak(attention_seeing(0), x), 7));
    }
    INFO("every place sees the next one as well");
    CHECK(same(first_leak(attention_seeing(1), x), 0));
}

TEST_CASE("first_leak: any size, and every second place looks ahead, from one on") {
    for (const Index T : {2, 5, 11})
        for (const Index C : {1, 3, 8})
            for (Index first = 0; first <= T; ++first) {
                const Index OUT = C == 3 ? 6 : 2;
                std::vector<Link> links;
                for (Index place = first; place < T - 1; place += 2)
                    links.push_back(
                        {place, T - 1 - (place - first) / 2 % (T - 1 - place), C - 1, OUT - 1});
                CAPTURE(T);
                CAPTURE(C);
                CAPTURE(OUT);
                const std::string looks =
                    links.empty() ? "none of the places looks ahead"
                                  : fmt::format("the first place that looks ahead is {}", first);
                INFO(looks);
                const Tensor x = random_places(32, T, C);
                CHECK(same(first_leak(layer_with(links, OUT), x),
                           static_cast<double>(links.empty() ? T : first)));
            }
}

}  // namespace gradus::lesson_17
