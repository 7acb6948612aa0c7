// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"
#include "lessons/check/gradients.h"

#include <array>
#include <functional>

#include "autograd/attention.h"
#include "autograd/elementwise.h"
#include "autograd/matmul.h"
#include "autograd/reduce.h"
#include "nn/module.h"
#include "nn/train/optimiser.h"
#include "tensor/ops.h"

namespace gradus::lesson_18 {
namespace {

using Numbers = std::vector<Real>;

const BuiltInMatmul products;

Numbers zeros(Index n) {
    return Numbers(static_cast<std::size_t>(n));
}

// Row i of a matrix with `cols` columns, from column `from` on: n numbers of each row.
Numbers columns_of(const Numbers& x, Index cols, Index from, Index n) {
    Numbers some;
    for (Index row = 0; row < std::ssize(x) / cols; ++row)
        for (Index c = 0; c < n; ++c) some.push_back(x[row * cols + from + c]);
    return some;
}

// The columns of the heads in another order: head h of the result is head order[h].
Numbers heads_in_order(const Numbers& x, const std::vector<Index>& order, Index HS) {
    const Index NH = std::ssize(order);
    Numbers y(x.size());
    for (Index i = 0; i < std::ssize(x); ++i) {
        const Index t = i / (NH * HS), h = i / HS % NH, c = i % HS;
        y[i] = x[(t * NH + order[h]) * HS + c];
    }
    return y;
}

// The learner's functions on vectors, whose results hold 77 before. `before` is what the gradients
// hold already.
Numbers split_heads(const Numbers& x, Index T, Index NH, Index HS) {
    Numbers y(x.size(), 77);
    part().split_heads(y.data(), x.data(), T, NH, HS);
    return y;
}
Numbers merge_heads(const Numbers& x, Index T, Index NH, Index HS) {
    Numbers y(x.size(), 77);
    part().merge_heads(y.data(), x.data(), T, NH, HS);
    return y;
}
struct Result {
    Numbers y, p;
};
Result multi_head(const Numbers& q, const Numbers& k, const Numbers& v, Index T, Index NH) {
    Result done{Numbers(q.size(), 77), Numbers(static_cast<std::size_t>(NH * T * T), 77)};
    part().multi_head(done.y.data(), done.p.data(), q.data(), k.data(), v.data(), T, NH,
                      std::ssize(q) / T / NH);
    return done;
}
struct OfMix {
    Numbers dp, dv;
};
OfMix mix_backward(const Numbers& dy, const Numbers& p, const Numbers& v, Index Tq, OfMix before) {
    part().mix_backward(before.dp.data(), before.dv.data(), dy.data(), p.data(), v.data(), Tq,
                        std::ssize(p) / Tq, std::ssize(dy) / Tq);
    return before;
}
struct OfScores {
    Numbers dq, dk;
};
OfScores scores_backward(const Numbers& ds, const Numbers& q, const Numbers& k, Index Tq,
                         OfScores before) {
    part().scores_backward(before.dq.data(), before.dk.data(), ds.data(), q.data(), k.data(), Tq,
                           std::ssize(ds) / Tq, std::ssize(q) / Tq);
    return before;
}
struct OfAttention {
    Numbers dq, dk, dv;
};
OfAttention attention_backward(const Numbers& dy, const Numbers& p, const Numbers& q,
                               const Numbers& k, const Numbers& v, Index Tq, OfAttention before) {
    part().attention_backward(before.dq.data(), before.dk.data(), before.dv.data(), dy.data(),
                              p.data(), q.data(), k.data(), v.data(), Tq, std::ssize(p) / Tq,
                              std::ssize(q) / Tq, std::ssize(dy) / Tq);
    return before;
}

// What they undo, by the check's own loops.
Numbers scores_of(const Numbers& q, const Numbers& k, Index Tq, Index Tk) {
    const Index HS = std::ssize(q) / Tq;
    Numbers s = zeros(Tq * Tk);
    for (Index c = 0; c < HS; ++c)
        for (Index i = 0; i < Tq; ++i)
            for (Index j = 0; j < Tk; ++j)
                s[i * Tk + j] += q[i * HS + c] * k[j * HS + c] / std::sqrt(static_cast<double>(HS));
    return s;
}
Numbers mix_of(const Numbers& p, const Numbers& v, Index Tq, Index Tk) {
    const Index VS = std::ssize(v) / Tk;
    Numbers y = zeros(Tq * VS);
    for (Index j = 0; j < Tk; ++j)
        for (Index i = 0; i < Tq; ++i)
            for (Index c = 0; c < VS; ++c) y[i * VS + c] += p[i * Tk + j] * v[j * VS + c];
    return y;
}
enum class See { all, past };  // past: the last query is at the last key, as in the library
Numbers weights_of(const Numbers& q, const Numbers& k, Index Tq, Index Tk, See see) {
    Numbers p = scores_of(q, k, Tq, Tk);
    for (Index i = 0; i < Tq; ++i) {
        const Index seen = see == See::all ? Tk : i + Tk - Tq + 1;
        double largest = p[i * Tk], sum = 0;
        for (Index j = 0; j < seen; ++j) largest = std::max(largest, p[i * Tk + j]);
        for (Index j = 0; j < seen; ++j) sum += std::exp(p[i * Tk + j] - largest);
        for (Index j = 0; j < Tk; ++j)
            p[i * Tk + j] = j < seen ? std::exp(p[i * Tk + j] - largest) / sum : 0;
    }
    return p;
}
Result heads_of(const Numbers& q, const Numbers& k, const Numbers& v, Index T, Index NH) {
    const Index C = std::ssize(q) / T, HS = C / NH;
    Result done{zeros(T * C), {}};
    for (Index h = 0; h < NH; ++h) {
        const Numbers p = weights_of(columns_of(q, C, h * HS, HS), columns_of(k, C, h * HS, HS), T,
                                     T, See::past),
                      y = mix_of(p, columns_of(v, C, h * HS, HS), T, T);
        done.p.insert(done.p.end(), p.begin(), p.end());
        for (Index i = 0; i < T * HS; ++i) done.y[i / HS * C + h * HS + i % HS] = y[i];
    }
    return done;
}

// Queries, keys, values, and the gradient that arrives, with the weights that belong to them.
struct Case {
    Index Tq, Tk;
    See see;
    Numbers q, k, v, dy, p;

    Case(std::uint64_t seed, Index queries, Index keys, Index HS, Index VS, See which)
        : Tq(queries),
          Tk(keys),
          see(which),
          q(normal_numbers(seed, Tq * HS)),
          k(normal_numbers(seed + 1, Tk * HS)),
          v(normal_numbers(seed + 2, Tk * VS)),
          dy(normal_numbers(seed + 3, Tq * VS)),
          p(weights_of(q, k, Tq, Tk, see)) {}

    double loss(const Numbers& at_q, const Numbers& at_k, const Numbers& at_v) const {
        return dot(mix_of(weights_of(at_q, at_k, Tq, Tk, see), at_v, Tq, Tk), dy);
    }
    OfAttention noise() const {
        return {normal_numbers(91, std::ssize(q)), normal_numbers(92, std::ssize(k)),
                normal_numbers(93, std::ssize(v))};
    }
    OfAttention zeros() const { return {Numbers(q.size()), Numbers(k.size()), Numbers(v.size())}; }
    // The gradients by the check's own loops, softmax through its whole Jacobian.
    OfAttention expected(OfAttention before) const {
        const Index HS = std::ssize(q) / Tq, VS = std::ssize(v) / Tk;
        const double root = std::sqrt(static_cast<double>(HS));
        for (Index i = 0; i < Tq; ++i) {
            const Real* row = &p[i * Tk];
            Numbers dp(static_cast<std::size_t>(Tk)), ds(dp);
            for (Index c = 0; c < VS; ++c)
                for (Index j = 0; j < Tk; ++j) {
                    dp[j] += dy[i * VS + c] * v[j * VS + c];
                    before.dv[j * VS + c] += row[j] * dy[i * VS + c];
                }
            for (Index j = 0; j < Tk; ++j)
                for (Index l = 0; l < Tk; ++l) ds[j] += dp[l] * row[l] * ((j == l) - row[j]);
            for (Index c = 0; c < HS; ++c)
                for (Index j = 0; j < Tk; ++j) {
                    before.dq[i * HS + c] += ds[j] * k[j * HS + c] / root;
                    before.dk[j * HS + c] += ds[j] * q[i * HS + c] / root;
                }
        }
        return before;
    }
};

// The numbers of the text: two queries, three keys and values, of two numbers each. The queries are
// places 1 and 2, so query 0 does not see key 2.
const Numbers kQueries = {2, 0, 1, 1}, kKeys = {1, 0, 0, 1, 1, 1};
const Numbers kValues = {10, 0, 0, 10, 20, 10}, kResultGradients = {1, 0, 1, 1};
const Numbers kWeights = {0.8, 0.2, 0, 0.25, 0.25, 0.5};
const Numbers kWeightGradients = {10, 0, 20, 10, 10, 30};
const Numbers kValueGradients = {1.05, 0.25, 0.45, 0.25, 0.5, 0.5};
const Numbers kScoreGradients = {1.6, -1.6, 0, -2.5, -2.5, 5};
const Numbers kQueryGradients = {1.131370849898, -1.131370849898, 1.767766952966, 1.767766952966};
const Numbers kKeyGradients = {0.494974746831,  -1.767766952966, -4.030508652763,
                               -1.767766952966, 3.535533905933,  3.535533905933};
// Places and heads of the text: number c of place t is 10 (t + 1) + c + 1.
const Numbers kPlaces = {11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26,
                         31, 32, 33, 34, 35, 36, 41, 42, 43, 44, 45, 46};
const Numbers kHeads = {11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43,
                        14, 15, 16, 24, 25, 26, 34, 35, 36, 44, 45, 46};

// No two sizes are equal or neighbours. All arrays have room after them.
constexpr Index kT = 7, kNH = 3, kHS = 5, kTq = 3, kTk = 8, kVS = 11;

Numbers room(std::uint64_t seed, Index n) {
    return with_room(normal_numbers(seed, n));
}

const Fingerprint split_print("split_heads", [] {
    Numbers y = room(1, kT * kNH * kHS);
    part().split_heads(y.data(), room(2, kT * kNH * kHS).data(), kT, kNH, kHS);
    return y;
});
const Fingerprint merge_print("merge_heads", [] {
    Numbers y = room(3, kT * kNH * kHS);
    part().merge_heads(y.data(), room(4, kT * kNH * kHS).data(), kT, kNH, kHS);
    return y;
});
Result printed_heads() {
    const Index n = kT * kNH * kHS;
    Result done{room(5, n), room(6, kNH * kT * kT)};
    part().multi_head(done.y.data(), done.p.data(), room(7, n).data(), room(8, n).data(),
                      room(9, n).data(), kT, kNH, kHS);
    return done;
}
const Fingerprint heads_print("multi_head", [] {
    Result done = printed_heads();
    done.y.insert(done.y.end(), done.p.begin(), done.p.end());
    return done.y;
});
// Gradients are looked at one by one: two mistakes, one in each, are both told. Some weights are 0,
// and a row does not add up to 1: it is not for mix_backward to know that it does.
OfMix printed_mix() {
    OfMix done{room(10, kTq * kTk), room(11, kTk * kVS)};
    Numbers p = room(12, kTq * kTk);
    p[0] = p[6] = p[15] = p[20] = 0;
    part().mix_backward(done.dp.data(), done.dv.data(), room(13, kTq * kVS).data(), p.data(),
                        room(14, kTk * kVS).data(), kTq, kTk, kVS);
    return done;
}
const Fingerprint dp_print("mix_backward", [] { return printed_mix().dp; });
const Fingerprint dv_print("mix_backward", [] { return printed_mix().dv; });
// Of two sizes: a division by 2 is not taken for one by the root of 5 without its decimal places,
// nor is a root that was rounded.
OfScores printed_scores() {
    OfScores all;
    for (const auto& [Tq, Tk, HS] : {std::array{kTq, kTk, kHS}, {Index{2}, Index{6}, Index{15}}}) {
        OfScores done{room(15, Tq * HS), room(16, Tk * HS)};
        part().scores_backward(done.dq.data(), done.dk.data(), room(17, Tq * Tk).data(),
                               room(18, Tq * HS).data(), room(19, Tk * HS).data(), Tq, Tk, HS);
        all.dq.insert(all.dq.end(), done.dq.begin(), done.dq.end());
        all.dk.insert(all.dk.end(), done.dk.begin(), done.dk.end());
    }
    return all;
}
const Fingerprint dq_print("scores_backward", [] { return printed_scores().dq; });
const Fingerprint dk_print("scores_backward", [] { return printed_scores().dk; });
OfAttention printed_attention() {
    const Case one(20, kTq, kTk, kHS, kVS, See::past);
    OfAttention done = one.noise();
    done.dq = with_room(done.dq), done.dk = with_room(done.dk), done.dv = with_room(done.dv);
    part().attention_backward(done.dq.data(), done.dk.data(), done.dv.data(),
                              with_room(one.dy).data(), with_room(one.p).data(),
                              with_room(one.q).data(), with_room(one.k).data(),
                              with_room(one.v).data(), kTq, kTk, kHS, kVS);
    return done;
}
const Fingerprint all_dq_print("attention_backward", [] { return printed_attention().dq; });
const Fingerprint all_dk_print("attention_backward", [] { return printed_attention().dk; });
const Fingerprint all_dv_print("attention_backward", [] { return printed_attention().dv; });

// The library's own attention for as long as this lives.
struct BuiltIn {
    decltype(ops().attention_forward.function()) forward = ops().attention_forward.function();
    decltype(ops().attention_backward.function()) backward = ops().attention_backward.function();

    BuiltIn() {
        ops().attention_forward = naive::attention_forward;
        ops().attention_backward = naive::attention_backward;
    }
    ~BuiltIn() {
        ops().attention_forward = forward;
        ops().attention_backward = backward;
    }
};

// Attention of the library and its gradients, one after another.
Numbers library_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                          const AttentionOptions& options, const Tensor& bias) {
    const AttentionForward done = attention_forward(q, k, v, options, bias);
    const auto noise = [](const Tensor& like) {
        return Tensor::from(like.shape(), normal_numbers(94, like.count()));
    };
    AttentionGradients gradients{noise(q), noise(k), noise(v), {}};
    if (bias.defined()) gradients.bias = noise(bias);
    attention_backward(noise(done.y), q, k, v, done, options, gradients, bias);
    Numbers all;
    for (const Tensor& x :
         {done.y, done.lse, gradients.q, gradients.k, gradients.v, gradients.bias})
        if (x.defined())
            for (const Real number : x.to_vector()) all.push_back(number);
    return all;
}

}  // namespace

TEST_CASE("split_heads: the four places from the text, two heads of three numbers") {
    CHECK(same(split_heads({11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26,
                            31, 32, 33, 34, 35, 36, 41, 42, 43, 44, 45, 46},
                           4, 2, 3),
               kHeads, {8, 3}));
}

TEST_CASE("split_heads: heads of one number, a single head, a single place") {
    CHECK(same(split_heads({1, 2, 3, 4, 5, 6}, 2, 3, 1), {1, 4, 2, 5, 3, 6}, {6, 1}));
    CHECK(same(split_heads({1, 2, 3, 4, 5, 6}, 3, 2, 1), {1, 3, 5, 2, 4, 6}, {6, 1}));
    CHECK(same(split_heads({1, 2, 3, 4, 5, 6}, 2, 1, 3), {1, 2, 3, 4, 5, 6}, {2, 3}));
    CHECK(same(split_heads({1, 2, 3, 4, 5, 6}, 1, 3, 2), {1, 2, 3, 4, 5, 6}, {3, 2}));
}

TEST_CASE("split_heads: any number of places and heads, and any size of these") {
    for (const Index T : {1, 2, 5, 12})
        for (const Index NH : {1, 3, 4})
            for (const Index HS : {1, 2, 7}) {
                CAPTURE(T);
                CAPTURE(NH);
                CAPTURE(HS);
                const Numbers x = normal_numbers(30, T * NH * HS);
                Numbers expected;
                for (Index h = 0; h < NH; ++h)
                    for (const Real number : columns_of(x, NH * HS, h * HS, HS))
                        expected.push_back(number);
                CHECK(same(split_heads(x, T, NH, HS), expected, {NH, T, HS}));
            }
}

TEST_CASE("merge_heads: the two heads from the text, back to four places") {
    CHECK(same(merge_heads({11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43,
                            14, 15, 16, 24, 25, 26, 34, 35, 36, 44, 45, 46},
                           4, 2, 3),
               kPlaces, {4, 6}));
}

TEST_CASE("merge_heads: heads of one number, a single head, a single place") {
    CHECK(same(merge_heads({1, 2, 3, 4, 5, 6}, 2, 3, 1), {1, 3, 5, 2, 4, 6}, {2, 3}));
    CHECK(same(merge_heads({1, 2, 3, 4, 5, 6}, 3, 2, 1), {1, 4, 2, 5, 3, 6}, {3, 2}));
    CHECK(same(merge_heads({1, 2, 3, 4, 5, 6}, 2, 1, 3), {1, 2, 3, 4, 5, 6}, {2, 3}));
    CHECK(same(merge_heads({1, 2, 3, 4, 5, 6}, 1, 3, 2), {1, 2, 3, 4, 5, 6}, {1, 6}));
}

TEST_CASE("merge_heads: any number of places and heads, and any size of these") {
    for (const Index T : {1, 2, 5, 12})
        for (const Index NH : {1, 3, 4})
            for (const Index HS : {1, 2, 7}) {
                CAPTURE(T);
                CAPTURE(NH);
                CAPTURE(HS);
                const Numbers places = normal_numbers(31, T * NH * HS);
                Numbers x;
                for (Index h = 0; h < NH; ++h)
                    for (const Real number : columns_of(places, NH * HS, h * HS, HS))
                        x.push_back(number);
                CHECK(same(merge_heads(x, T, NH, HS), places, {T, NH * HS}));
            }
}

TEST_CASE("multi_head: the three places from the text, two heads of two numbers") {
    const double third = 1.0 / 3;
    const Result yours = multi_head({0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0},
                                    {3, 1, 1.5536723984241, 0, 0, 4, 0, 2, 2, 2, 0, 5},
                                    {10, 0, 100, 0, 20, 10, 200, 40, 60, 20, 300, 80}, 3, 2);
    CHECK(named({"the results y"},
                same(yours.y, {10, 0, 100, 0, 15, 5, 125, 10, 30, 10, 160, 24}, {3, 4})));
    CHECK(named({"the weights p"}, same(yours.p,
                                        {1, 0, 0, 0.5, 0.5, 0, third, third, third,  //
                                         1, 0, 0, 0.75, 0.25, 0, 0.6, 0.2, 0.2},
                                        {2, 3, 3})));
}

TEST_CASE("multi_head: one head is lesson 17's causal attention") {
    const Index T = 5, HS = 3;
    const Numbers q = normal_numbers(32, T * HS), k = normal_numbers(33, T * HS),
                  v = normal_numbers(34, T * HS);
    Result expected{zeros(T * HS), zeros(T * T)};
    causal_attention(expected.y.data(), expected.p.data(), q.data(), k.data(), v.data(), T, HS, HS);
    const Result yours = multi_head(q, k, v, T, 1);
    CHECK(named({"the results y"}, same(yours.y, expected.y, {T, HS})));
    CHECK(named({"the weights p"}, same(yours.p, expected.p, {T, T})));
}

TEST_CASE("multi_head: heads in another order give the same results in that order") {
    const Index T = 4, NH = 3, HS = 2, n = T * NH * HS;
    const Numbers q = normal_numbers(35, n), k = normal_numbers(36, n), v = normal_numbers(37, n);
    const std::vector<Index> order = {2, 0, 1};
    const Result yours = multi_head(q, k, v, T, NH),
                 other = multi_head(heads_in_order(q, order, HS), heads_in_order(k, order, HS),
                                    heads_in_order(v, order, HS), T, NH);
    CHECK(
        named({"the results y"}, same(other.y, heads_in_order(yours.y, order, HS), {T, NH * HS})));
    Numbers p;
    for (const Index h : order)
        p.insert(p.end(), yours.p.begin() + h * T * T, yours.p.begin() + (h + 1) * T * T);
    CHECK(named({"the weights p"}, same(other.p, p, {NH, T, T})));
}

TEST_CASE("multi_head: what one head reads changes no result of another") {
    const Index T = 4, NH = 2, HS = 3, n = T * NH * HS;
    Numbers q = normal_numbers(38, n), k = normal_numbers(39, n), v = normal_numbers(40, n);
    const Result before = multi_head(q, k, v, T, NH);
    for (Index i = 0; i < n; ++i)
        if (i / HS % NH == 1) q[i] += 1, k[i] -= 2, v[i] *= 3;
    const Result after = multi_head(q, k, v, T, NH);
    CHECK(named({"the results of head 0"}, same(columns_of(after.y, NH * HS, 0, HS),
                                                columns_of(before.y, NH * HS, 0, HS), {T, HS})));
    double moved = 0;
    for (Index i = 0; i < n; ++i) moved += std::abs(after.y[i] - before.y[i]);
    CHECK_MESSAGE(moved > 0, "head 1 gives the same results, though all that it reads has changed");
}

TEST_CASE("multi_head: large scores stay finite") {
    const Result yours =
        multi_head({300, -300, 300, 300}, {300, 300, -300, 300}, {1, 2, 3, 4}, 2, 2);
    REQUIRE(finite(yours.p, {4, 2}));
    CHECK(named({"the results y"}, same(yours.y, {1, 2, 1, 3}, {2, 2})));
}

TEST_CASE("multi_head: any number of places and heads, and any size of these") {
    for (const Index T : {1, 2, 5, 9})
        for (const Index NH : {1, 3, 4})
            for (const Index HS : {1, 2, 7}) {
                CAPTURE(T);
                CAPTURE(NH);
                CAPTURE(HS);
                const Index n = T * NH * HS;
                const Numbers q = normal_numbers(41, n), k = normal_numbers(42, n),
                              v = normal_numbers(43, n);
                const Result yours = multi_head(q, k, v, T, NH),
                             expected = heads_of(q, k, v, T, NH);
                CHECK(named({"the results y"}, same(yours.y, expected.y, {T, NH * HS})));
                CHECK(named({"the weights p"}, same(yours.p, expected.p, {NH, T, T})));
            }
}

TEST_CASE("mix_backward: dp and dv from the text") {
    const OfMix yours =
        mix_backward({1, 0, 1, 1}, {0.8, 0.2, 0, 0.25, 0.25, 0.5}, {10, 0, 0, 10, 20, 10}, 2,
                     {{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}});
    CHECK(same(yours.dp, {10, 0, 20, 10, 10, 30}, {2, 3}));
    CHECK(same(yours.dv, {1.05, 0.25, 0.45, 0.25, 0.5, 0.5}, {3, 2}));
}

TEST_CASE("mix_backward: adds to what dp and dv hold") {
    const OfMix yours =
        mix_backward({1, 0, 1, 1}, {0.8, 0.2, 0, 0.25, 0.25, 0.5}, {10, 0, 0, 10, 20, 10}, 2,
                     {{100, 200, 300, 400, 500, 600}, {700, 800, 900, 1000, 1100, 1200}});
    CHECK(same(yours.dp, {110, 200, 320, 410, 510, 630}, {2, 3}));
    CHECK(same(yours.dv, {701.05, 800.25, 900.45, 1000.25, 1100.5, 1200.5}, {3, 2}));
}

TEST_CASE("mix_backward: one query and one key, and a key that nobody looks at") {
    const OfMix one = mix_backward({3, 4}, {0.5}, {10, 20}, 1, {{0}, {0, 0}});
    CHECK(same(one.dp, {110}, {1, 1}));
    CHECK(same(one.dv, {1.5, 2}, {1, 2}));
    const OfMix two = mix_backward({3}, {1, 0}, {5, 7}, 1, {{0, 0}, {0, 0}});
    CHECK(same(two.dp, {15, 21}, {1, 2}));
    CHECK(same(two.dv, {3, 0}, {2, 1}));
}

TEST_CASE("mix_backward: any size, by finite differences") {
    for (const Index Tq : {1, 2, 5})
        for (const Index Tk : {1, 3, 4})
            for (const Index VS : {1, 2, 7}) {
                CAPTURE(Tq);
                CAPTURE(Tk);
                CAPTURE(VS);
                const Numbers p = normal_numbers(44, Tq * Tk), v = normal_numbers(45, Tk * VS),
                              dy = normal_numbers(46, Tq * VS);
                const OfMix before{normal_numbers(47, Tq * Tk), normal_numbers(48, Tk * VS)};
                const Loss of_p = [&, Tq = Tq, Tk = Tk](const Numbers& at) {
                    return dot(mix_of(at, v, Tq, Tk), dy);
                };
                const Loss of_v = [&, Tq = Tq, Tk = Tk](const Numbers& at) {
                    return dot(mix_of(p, at, Tq, Tk), dy);
                };
                const OfMix yours = mix_backward(dy, p, v, Tq, before);
                CHECK(same(yours.dp, plus(before.dp, differences(of_p, p)), {Tq, Tk}, 1e-7));
                CHECK(same(yours.dv, plus(before.dv, differences(of_v, v)), {Tk, VS}, 1e-7));
            }
}

TEST_CASE("mix_backward: the adjoint test, to the last digits") {
    // y is linear in p, and in v: whatever way u one of them moves, the change of y weighted by dy is
    // u weighted by the gradient.
    const Index Tq = 6, Tk = 9, VS = 4;
    const Numbers p = normal_numbers(49, Tq * Tk), v = normal_numbers(50, Tk * VS),
                  dy = normal_numbers(51, Tq * VS);
    const OfMix yours = mix_backward(dy, p, v, Tq, {zeros(Tq * Tk), zeros(Tk * VS)});
    for (int seed = 52; seed < 57; ++seed) {
        CAPTURE(seed);
        const Numbers of_p = normal_numbers(seed, Tq * Tk), of_v = normal_numbers(seed, Tk * VS);
        CHECK(named({"dp along u"}, same(dot(yours.dp, of_p), dot(dy, mix_of(of_p, v, Tq, Tk)))));
        CHECK(named({"dv along u"}, same(dot(yours.dv, of_v), dot(dy, mix_of(p, of_v, Tq, Tk)))));
    }
}

TEST_CASE("scores_backward: dq and dk from the text") {
    const OfScores yours =
        scores_backward({1.6, -1.6, 0, -2.5, -2.5, 5}, {2, 0, 1, 1}, {1, 0, 0, 1, 1, 1}, 2,
                        {{0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}});
    CHECK(same(yours.dq, kQueryGradients, {2, 2}));
    CHECK(same(yours.dk, kKeyGradients, {3, 2}));
}

TEST_CASE("scores_backward: adds to what dq and dk hold") {
    const OfScores yours =
        scores_backward({1.6, -1.6, 0, -2.5, -2.5, 5}, {2, 0, 1, 1}, {1, 0, 0, 1, 1, 1}, 2,
                        {{100, 200, 300, 400}, {500, 600, 700, 800, 900, 1000}});
    CHECK(same(yours.dq, plus({100, 200, 300, 400}, kQueryGradients), {2, 2}));
    CHECK(same(yours.dk, plus({500, 600, 700, 800, 900, 1000}, kKeyGradients), {3, 2}));
}

TEST_CASE("scores_backward: one query and one key, and the root of other sizes") {
    const OfScores one = scores_backward({3}, {5}, {7}, 1, {{0}, {0}});
    CHECK(same(one.dq, {21}, {1, 1}));
    CHECK(same(one.dk, {15}, {1, 1}));
    const OfScores four =
        scores_backward({6}, {1, 2, 3, 4}, {5, 6, 7, 8}, 1, {{0, 0, 0, 0}, {0, 0, 0, 0}});
    CHECK(same(four.dq, {15, 18, 21, 24}, {1, 4}));
    CHECK(same(four.dk, {3, 6, 9, 12}, {1, 4}));
}

TEST_CASE("scores_backward: any size, by finite differences") {
    for (const Index Tq : {1, 2, 5})
        for (const Index Tk : {1, 3, 4})
            for (const Index HS : {1, 2, 7}) {
                CAPTURE(Tq);
                CAPTURE(Tk);
                CAPTURE(HS);
                const Numbers q = normal_numbers(57, Tq * HS), k = normal_numbers(58, Tk * HS),
                              ds = normal_numbers(59, Tq * Tk);
                const OfScores before{normal_numbers(60, Tq * HS), normal_numbers(61, Tk * HS)};
                const Loss of_q = [&, Tq = Tq, Tk = Tk](const Numbers& at) {
                    return dot(scores_of(at, k, Tq, Tk), ds);
                };
                const Loss of_k = [&, Tq = Tq, Tk = Tk](const Numbers& at) {
                    return dot(scores_of(q, at, Tq, Tk), ds);
                };
                const OfScores yours = scores_backward(ds, q, k, Tq, before);
                CHECK(same(yours.dq, plus(before.dq, differences(of_q, q)), {Tq, HS}, 1e-7));
                CHECK(same(yours.dk, plus(before.dk, differences(of_k, k)), {Tk, HS}, 1e-7));
            }
}

TEST_CASE("scores_backward: the adjoint test, to the last digits") {
    const Index Tq = 6, Tk = 9, HS = 3;
    const Numbers q = normal_numbers(62, Tq * HS), k = normal_numbers(63, Tk * HS),
                  ds = normal_numbers(64, Tq * Tk);
    const OfScores yours = scores_backward(ds, q, k, Tq, {zeros(Tq * HS), zeros(Tk * HS)});
    for (int seed = 65; seed < 70; ++seed) {
        CAPTURE(seed);
        const Numbers of_q = normal_numbers(seed, Tq * HS), of_k = normal_numbers(seed, Tk * HS);
        CHECK(
            named({"dq along u"}, same(dot(yours.dq, of_q), dot(ds, scores_of(of_q, k, Tq, Tk)))));
        CHECK(
            named({"dk along u"}, same(dot(yours.dk, of_k), dot(ds, scores_of(q, of_k, Tq, Tk)))));
    }
}

TEST_CASE("attention_backward: the three gradients from the text") {
    const OfAttention yours = attention_backward(
        {1, 0, 1, 1}, {0.8, 0.2, 0, 0.25, 0.25, 0.5}, {2, 0, 1, 1}, {1, 0, 0, 1, 1, 1},
        {10, 0, 0, 10, 20, 10}, 2, {{0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}});
    CHECK(same(yours.dv, kValueGradients, {3, 2}));
    CHECK(same(yours.dq, kQueryGradients, {2, 2}));
    CHECK(same(yours.dk, kKeyGradients, {3, 2}));
}

TEST_CASE("attention_backward: adds to what dq, dk and dv hold") {
    const Numbers dq = {100, 200, 300, 400}, dk = {500, 600, 700, 800, 900, 1000},
                  dv = {1100, 1200, 1300, 1400, 1500, 1600};
    const OfAttention yours =
        attention_backward(kResultGradients, kWeights, kQueries, kKeys, kValues, 2, {dq, dk, dv});
    CHECK(same(yours.dv, plus(dv, kValueGradients), {3, 2}));
    CHECK(same(yours.dq, plus(dq, kQueryGradients), {2, 2}));
    CHECK(same(yours.dk, plus(dk, kKeyGradients), {3, 2}));
}

TEST_CASE("attention_backward: a query that sees one key only moves nothing but its value") {
    const OfAttention yours =
        attention_backward({3, 4}, {1}, {5, 6}, {7, 8}, {9, 10}, 1, {{1, 2}, {3, 4}, {5, 6}});
    CHECK(same(yours.dv, {8, 10}, {1, 2}));
    CHECK(same(yours.dq, {1, 2}, {1, 2}));
    CHECK(same(yours.dk, {3, 4}, {1, 2}));
}

TEST_CASE("attention_backward: keys that all queries have masked get nothing") {
    Case one(70, 3, 4, 2, 5, See::past);
    // The last key is seen by the last query alone; let that one's result not matter.
    std::fill(one.dy.end() - 5, one.dy.end(), Real(0));
    const OfAttention before = one.noise(),
                      yours = attention_backward(one.dy, one.p, one.q, one.k, one.v, 3, before);
    const auto last = [](const Numbers& x, Index n) { return Numbers(x.end() - n, x.end()); };
    CHECK(named({"dk of the last key"}, same(last(yours.dk, 2), last(before.dk, 2))));
    CHECK(named({"dv of the last key"}, same(last(yours.dv, 5), last(before.dv, 5))));
    CHECK(named({"dq of the last query"}, same(last(yours.dq, 2), last(before.dq, 2))));
}

TEST_CASE("attention_backward: the gradients of all keys add up to 0") {
    const Case one(74, 5, 7, 3, 2, See::all);
    const OfAttention yours =
        attention_backward(one.dy, one.p, one.q, one.k, one.v, 5, one.zeros());
    for (Index c = 0; c < 3; ++c) {
        CAPTURE(c);
        double sum = 0;
        for (Index j = 0; j < 7; ++j) sum += yours.dk[j * 3 + c];
        CHECK(named({"the sum of column c of dk"}, same(sum, 0)));
    }
}

TEST_CASE("attention_backward: any size, with and without a mask, by finite differences") {
    for (const Index Tq : {1, 2, 5})
        for (const Index Tk : {1, 3, 6})
            for (const Index HS : {1, 2, 4})
                for (const See see : {See::all, See::past}) {
                    if (see == See::past && Tq > Tk) continue;
                    const Index VS = HS == 2 ? 3 : HS == 1 ? 5 : 2;
                    const bool masked = see == See::past;
                    CAPTURE(Tq);
                    CAPTURE(Tk);
                    CAPTURE(HS);
                    CAPTURE(VS);
                    CAPTURE(masked);
                    const Case one(78, Tq, Tk, HS, VS, see);
                    const OfAttention before = one.noise(),
                                      yours = attention_backward(one.dy, one.p, one.q, one.k, one.v,
                                                                 Tq, before);
                    const Loss of_q = [&](const Numbers&x) { return one.loss(x, one.k, one.v); },
                               of_k = [&](const Numbers&x) { return one.loss(one.q, x, one.v); },
                               of_v = [&](const Numbers&x) { return one.loss(one.q, one.k, x); };
                    CHECK(
                        same(yours.dv, plus(before.dv, differences(of_v, one.v)), {Tk, VS}, 1e-7));
                    CHECK(
                        same(yours.dq, plus(before.dq, differences(of_q, one.q)), {Tq, HS}, 1e-7));
                    CHECK(
                        same(yours.dk, plus(before.dk, differences(of_k, one.k)), {Tk, HS}, 1e-7));
                }
}

TEST_CASE("attention_backward: slope 2 in the Taylor test") {
    const Case one(82, 5, 5, 4, 3, See::past);
    const OfAttention yours =
        attention_backward(one.dy, one.p, one.q, one.k, one.v, 5, one.zeros());
    const Numbers uq = normal_numbers(86, std::ssize(one.q)),
                  uk = normal_numbers(87, std::ssize(one.k)),
                  uv = normal_numbers(88, std::ssize(one.v));
    const double along = dot(yours.dq, uq) + dot(yours.dk, uk) + dot(yours.dv, uv),
                 start = one.loss(one.q, one.k, one.v);
    const auto left = [&](double h) {
        const double moved = one.loss(plus(one.q, uq, h), plus(one.k, uk, h), plus(one.v, uv, h));
        return std::abs(moved - start - h * along);
    };
    CHECK(named({"the slope"}, same(std::log10(left(1e-3) / left(1e-5)) / 2, 2, 0.02)));
}

TEST_CASE("attention_backward: inside the library, your heads give the numbers of its own") {
    struct Sizes {
        Index B, Tq, Tk, heads, kv_heads, HS, VS;
        AttentionOptions options = {};
        bool bias = false;
    };
    // First what your functions do, then what they leave to the library: other masks, a scale, keys
    // shared by heads, values of another size, more keys than queries, padding, dropout and a bias.
    for (const Sizes& sizes :
         std::vector<Sizes>{{1, 1, 1, 1, 1, 1, 1},
                            {2, 5, 5, 3, 3, 4, 4},
                            {3, 4, 4, 1, 1, 7, 7},
                            {2, 6, 6, 2, 2, 3, 3, {.mask = AttentionMask::window(6)}},
                            {2, 6, 6, 2, 2, 3, 3, {.mask = AttentionMask::window(2)}},
                            {2, 5, 5, 3, 3, 4, 4, {.mask = AttentionMask::none()}},
                            {2, 5, 5, 3, 3, 4, 4, {.scale = Real(0.3)}},
                            {2, 5, 5, 4, 2, 3, 3},
                            {2, 5, 5, 3, 3, 4, 2},
                            {2, 3, 7, 2, 2, 4, 4},
                            {2, 4, 4, 2, 2, 3, 3, {.query_lengths = {2, 4}, .key_lengths = {3, 4}}},
                            {2, 4, 4, 2, 2, 3, 3, {.offsets = {0, 0}}},
                            {2, 5, 5, 3, 3, 4, 4, {.dropout = Real(0.5), .key = 3}},
                            {2, 5, 5, 3, 3, 4, 4, {}, true}}) {
        AttentionOptions options = sizes.options;
        options.heads = sizes.heads, options.kv_heads = sizes.kv_heads;
        const auto random = [](std::uint64_t seed, const Shape& shape) {
            return Tensor::from(shape, normal_numbers(seed, shape.count()));
        };
        const Tensor q = random(95, {sizes.B, sizes.Tq, sizes.heads * sizes.HS}),
                     k = random(96, {sizes.B, sizes.Tk, sizes.kv_heads * sizes.HS}),
                     v = random(97, {sizes.B, sizes.Tk, sizes.kv_heads * sizes.VS}),
                     bias = sizes.bias ? random(98, {sizes.heads, sizes.Tq, sizes.Tk}) : Tensor();
        CAPTURE(sizes.Tq);
        CAPTURE(sizes.Tk);
        CAPTURE(sizes.heads);
        CAPTURE(sizes.kv_heads);
        CAPTURE(sizes.HS);
        CAPTURE(sizes.VS);
        const Numbers yours = library_attention(q, k, v, options, bias);
        const BuiltIn library;
        CHECK(named({"results and gradients"},
                    same(yours, library_attention(q, k, v, options, bias))));
    }
}

TEST_CASE("attention_backward: inside the library, training goes as it does without yours") {
    const auto losses = [] {
        Initialiser init(1);
        const Variable w = init.normal({6, 18}, 0.5), projection = init.normal({6, 6}, 0.5);
        Sgd optimiser({{"w", w}, {"projection", projection}});
        const Variable x(Tensor::from({2, 5, 6}, normal_numbers(99, 60))),
            target(Tensor::from({2, 5, 6}, normal_numbers(100, 60)));
        Numbers list;
        for (int step = 0; step < 20; ++step) {
            optimiser.zero_grad();
            const Variable y = attention(matmul(x, w), {.heads = 2}),
                           error = sub(matmul(y, projection), target),
                           loss = mean(mul(error, error));
            list.push_back(loss.item());
            loss.backward();
            optimiser.step(Real(0.3));
        }
        return list;
    };
    const Numbers yours = losses();
    const BuiltIn library;
    CHECK(named({"the losses"}, same(yours, losses())));
    CHECK_MESSAGE(yours.back() < yours.front(), "the loss does not fall");
}

TEST_CASE("attention_backward: twelve queries, twenty keys, by loops over the whole Jacobian") {
    for (const See see : {See::all, See::past}) {
        const bool masked = see == See::past;
        CAPTURE(masked);
        const Case one(101, 12, 20, 6, 9, see);
        const OfAttention before = one.noise(), expected = one.expected(before),
                          yours =
                              attention_backward(one.dy, one.p, one.q, one.k, one.v, 12, before);
        CHECK(same(yours.dv, expected.dv, {20, 9}));
        CHECK(same(yours.dq, expected.dq, {12, 6}));
        CHECK(same(yours.dk, expected.dk, {20, 6}));
    }
}

}  // namespace gradus::lesson_18
