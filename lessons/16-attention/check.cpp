// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <numeric>

#include "lessons/16-attention/induction.h"

namespace gradus::lesson_16 {
namespace {

using Numbers = std::vector<Real>;

// A matrix's rows in another order: row i of the result is row order[i].
Numbers rows_in_order(const Numbers& x, const std::vector<int>& order, Index cols) {
    Numbers y(x.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        std::copy_n(&x[order[i] * cols], cols, &y[i * cols]);
    return y;
}

Numbers scores(const Numbers& q, const Numbers& k, Index HS) {
    const Index Tq = std::ssize(q) / HS, Tk = std::ssize(k) / HS;
    Numbers s(static_cast<std::size_t>(Tq * Tk), 77);
    part().attention_scores(s.data(), q.data(), k.data(), Tq, Tk, HS);
    return s;
}

Numbers mixed(const Numbers& p, const Numbers& v, Index Tk) {
    const Index Tq = std::ssize(p) / Tk, VS = std::ssize(v) / Tk;
    Numbers y(static_cast<std::size_t>(Tq * VS), 77);
    part().mix(y.data(), p.data(), v.data(), Tq, Tk, VS);
    return y;
}

struct Result {
    Numbers y, p;
};

Result attention(const Numbers& q, const Numbers& k, const Numbers& v, Index HS, Index VS) {
    const Index Tq = std::ssize(q) / HS, Tk = std::ssize(k) / HS;
    Result done{Numbers(static_cast<std::size_t>(Tq * VS), 77),
                Numbers(static_cast<std::size_t>(Tq * Tk), 77)};
    part().attention(done.y.data(), done.p.data(), q.data(), k.data(), v.data(), Tq, Tk, HS, VS);
    return done;
}

// The same by plain loops.
Result attention_by_loops(const Numbers& q, const Numbers& k, const Numbers& v, Index HS,
                          Index VS) {
    const Index Tq = std::ssize(q) / HS, Tk = std::ssize(k) / HS;
    Result done{Numbers(static_cast<std::size_t>(Tq * VS)),
                Numbers(static_cast<std::size_t>(Tq * Tk))};
    for (Index i = 0; i < Tq; ++i) {
        Real* p = &done.p[i * Tk];
        double z = 0;
        for (Index j = 0; j < Tk; ++j) {
            for (Index c = 0; c < HS; ++c) p[j] += q[i * HS + c] * k[j * HS + c];
            p[j] = std::exp(p[j] / std::sqrt(static_cast<double>(HS)));
            z += p[j];
        }
        for (Index j = 0; j < Tk; ++j) {
            p[j] /= z;
            for (Index c = 0; c < VS; ++c) done.y[i * VS + c] += p[j] * v[j * VS + c];
        }
    }
    return done;
}

Numbers times(const Numbers& a, const Tensor& b) {
    const Index K = b.size(0), N = b.size(1), M = std::ssize(a) / K;
    Numbers c(static_cast<std::size_t>(M * N));
    for (Index i = 0; i < M; ++i)
        for (Index k = 0; k < K; ++k)
            for (Index j = 0; j < N; ++j) c[i * N + j] += a[i * K + k] * b[k * N + j];
    return c;
}

// Weights for places of C numbers.
struct Weights {
    Tensor Wq, Wk, Wv;

    Weights(std::uint64_t seed, Index C, Index HS, Index VS)
        : Wq(Tensor::from({C, HS}, normal_numbers(seed, C * HS))),
          Wk(Tensor::from({C, HS}, normal_numbers(seed + 1, C * HS))),
          Wv(Tensor::from({C, VS}, normal_numbers(seed + 2, C * VS))) {}
};

// The numbers of the text: two queries, three keys, three values.
const Numbers kQueries = {2, 0, 2, -2, 0, 1, 0, 0};
const Numbers kKeys = {1, 0, 1, 0, 0, 2, 0, 0, 1, 1, 1, 1};
const Numbers kValues = {10, 0, 0, 10, 5, 5};
const Numbers kWeights = {0.66524095577, 0.09003057317, 0.24472847105,
                          0.18632372322, 0.50648039106, 0.30719588572};

// The results of the head of the text: three places, two numbers each.
const Numbers kHeadResults = {1.15536240350, 3.37855038601, 1.57611688477,
                              1.69553246094, 1.33333333333, 2.66666666667};

// No two sizes are equal or neighbours.
constexpr Index kTq = 3, kTk = 8, kHS = 5, kVS = 11;

const Fingerprint scores_print("attention_scores", [] {
    const Numbers q = with_room(normal_numbers(1, kTq * kHS)),
                  k = with_room(normal_numbers(2, kTk * kHS));
    Numbers s = with_room(Numbers(kTq * kTk, 7));
    part().attention_scores(s.data(), q.data(), k.data(), kTq, kTk, kHS);
    return s;
});
const Fingerprint mix_print("mix", [] {
    // Weights that do not add up to 1: it is not for mix to know that they do.
    const Numbers p = with_room(normal_numbers(3, kTq * kTk)),
                  v = with_room(normal_numbers(4, kTk * kVS));
    Numbers y = with_room(Numbers(kTq * kVS, 7));
    part().mix(y.data(), p.data(), v.data(), kTq, kTk, kVS);
    return y;
});
const Fingerprint attention_print("attention", [] {
    const Numbers q = with_room(normal_numbers(5, kTq * kHS)),
                  k = with_room(normal_numbers(6, kTk * kHS)),
                  v = with_room(normal_numbers(7, kTk * kVS));
    Numbers y = with_room(Numbers(kTq * kVS, 7)), p = with_room(Numbers(kTq * kTk, 9));
    part().attention(y.data(), p.data(), q.data(), k.data(), v.data(), kTq, kTk, kHS, kVS);
    y.insert(y.end(), p.begin(), p.end());
    return y;
});
// As the tensors that a head makes have no room after them: more numbers in a query than in a
// place, as many in a value, and fewer places. The places have room: they are the first of many.
Numbers head_numbers(std::uint64_t seed, Index T, Index C, Index HS, Index VS) {
    const Weights w(seed, C, HS, VS);
    const Tensor many = Tensor::from({40, C}, normal_numbers(seed + 3, 40 * C));
    const Tensor y = part().head(many.slice(0, T), w.Wq, w.Wk, w.Wv);
    Numbers all = y.to_vector();
    for (const Index size : y.shape()) all.push_back(static_cast<Real>(size));
    return all;
}
const Fingerprint head_print("head", [] { return head_numbers(8, 5, 3, 9, 9); });
// Where one size is taken for another, little reaches outside an array here: only queries, or
// values, that are taken to be longer than they are.
const Fingerprint head_sizes_print("head", [] { return head_numbers(51, 9, 6, 3, 5); });
const Fingerprint head_narrow_print("head", [] { return head_numbers(55, 9, 6, 5, 3); });

}  // namespace

TEST_CASE("attention_scores: the two queries and three keys from the text") {
    CHECK(same(scores(kQueries, kKeys, 4), {2, 0, 1, 0, 1, 0.5}, {2, 3}));
}

TEST_CASE("attention_scores: one query, one key, one number, and the root of larger sizes") {
    CHECK(same(scores({3}, {-2}, 1), {-6}, {1, 1}));
    CHECK(same(scores(Numbers(16, 1), Numbers(16, 2), 16), {8}, {1, 1}));
    CHECK(same(scores({1, 1, 2, 0}, {3, 4}, 2), {4.949747468306, 4.242640687119}, {2, 1}));
}

TEST_CASE("attention_scores: queries and keys change places, and so do rows and columns") {
    const Numbers q = normal_numbers(12, 3 * 6), k = normal_numbers(13, 7 * 6);
    const Numbers there = scores(q, k, 6), back = scores(k, q, 6);
    Numbers turned(there.size());
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 7; ++j) turned[i * 7 + j] = back[j * 3 + i];
    CHECK(named({"the scores"}, same(there, turned, {3, 7})));
}

TEST_CASE("attention_scores: any number of queries and keys") {
    for (const Index Tq : {1, 2, 5})
        for (const Index Tk : {1, 4, 7})
            for (const Index HS : {1, 3, 8}) {
                CAPTURE(Tq);
                CAPTURE(Tk);
                CAPTURE(HS);
                const Numbers q = normal_numbers(14, Tq * HS), k = normal_numbers(15, Tk * HS);
                Numbers expected(static_cast<std::size_t>(Tq * Tk));
                for (Index i = 0; i < Tq; ++i)
                    for (Index j = 0; j < Tk; ++j)
                        for (Index c = 0; c < HS; ++c)
                            expected[i * Tk + j] +=
                                q[i * HS + c] * k[j * HS + c] / std::sqrt(static_cast<double>(HS));
                CHECK(same(scores(q, k, HS), expected, {Tq, Tk}));
            }
}

TEST_CASE("mix: the values from the text, with the weights from the text") {
    CHECK(same(mixed({0.5, 0.2, 0.3, 0.1, 0.8, 0.1}, kValues, 3), {6.5, 3.5, 1.5, 8.5}, {2, 2}));
}

TEST_CASE("mix: all of the weight on one value, equal weights, and a single value") {
    CHECK(same(mixed({0, 0, 1, 1, 0, 0}, kValues, 3), {5, 5, 10, 0}, {2, 2}));
    CHECK(same(mixed({0.25, 0.25, 0.25, 0.25}, {1, 2, 3, 6}, 4), {3}, {1, 1}));
    CHECK(same(mixed({1, 1, 1}, {4, 5}, 1), {4, 5, 4, 5, 4, 5}, {3, 2}));
}

TEST_CASE("mix: any weights and values") {
    for (const Index Tq : {1, 3, 5})
        for (const Index Tk : {1, 2, 7})
            for (const Index VS : {1, 4, 9}) {
                CAPTURE(Tq);
                CAPTURE(Tk);
                CAPTURE(VS);
                const Numbers p = normal_numbers(16, Tq * Tk), v = normal_numbers(17, Tk * VS);
                Numbers expected(static_cast<std::size_t>(Tq * VS));
                for (Index i = 0; i < Tq; ++i)
                    for (Index j = 0; j < Tk; ++j)
                        for (Index c = 0; c < VS; ++c)
                            expected[i * VS + c] += p[i * Tk + j] * v[j * VS + c];
                CHECK(same(mixed(p, v, Tk), expected, {Tq, VS}));
            }
}

TEST_CASE("attention: the weights and the results from the text") {
    const Result done = attention(kQueries, kKeys, kValues, 4, 2);
    CHECK(named({"the weights p"}, same(done.p, kWeights, {2, 3})));
    CHECK(
        named({"the results y"},
              same(done.y, {7.87605191297, 2.12394808703, 3.39921666085, 6.60078333915}, {2, 2})));
}

TEST_CASE("attention: a query of zeros gets the plain average of all values") {
    const Numbers k = normal_numbers(18, 5 * 3);
    const Result done = attention(Numbers(3), k, {1, 10, 2, 20, 3, 30, 4, 40, 5, 50}, 3, 2);
    CHECK(named({"the weights p"}, same(done.p, Numbers(5, 0.2), {1, 5})));
    CHECK(named({"the results y"}, same(done.y, {3, 30}, {1, 2})));
}

TEST_CASE("attention: each row of weights has the sum 1") {
    const Result done = attention(normal_numbers(19, 4 * 6), normal_numbers(20, 9 * 6),
                                  normal_numbers(21, 9), 6, 1);
    for (Index i = 0; i < 4; ++i) {
        CAPTURE(i);
        const double sum = std::accumulate(&done.p[i * 9], &done.p[i * 9] + 9, 0.0);
        CHECK(named({"the sum of the row"}, same(sum, 1)));
    }
}

TEST_CASE("attention: with one key, every query gets its value, whatever the score") {
    const Result done = attention({1, 2, 0, 0, -3, 9}, {5, -1}, {7, 8, 9}, 2, 3);
    CHECK(named({"the weights p"}, same(done.p, {1, 1, 1}, {3, 1})));
    CHECK(named({"the results y"}, same(done.y, {7, 8, 9, 7, 8, 9, 7, 8, 9}, {3, 3})));
}

TEST_CASE("attention: large scores stay finite, and the best key gets all") {
    const Result done = attention({300, 0, 0, -300}, {300, 0, 0, 300, -300, -300}, kValues, 2, 2);
    REQUIRE(finite(done.p, {2, 3}));
    CHECK(named({"the weights p"}, same(done.p, {1, 0, 0, 0, 0, 1}, {2, 3})));
    CHECK(named({"the results y"}, same(done.y, {10, 0, 5, 5}, {2, 2})));
}

TEST_CASE("attention: keys and values in another order, together, change no result") {
    const Numbers q = normal_numbers(22, 4 * 3), k = normal_numbers(23, 6 * 3),
                  v = normal_numbers(24, 6 * 2);
    const std::vector<int> order = {4, 0, 5, 2, 1, 3};
    const Result done = attention(q, k, v, 3, 2),
                 other = attention(q, rows_in_order(k, order, 3), rows_in_order(v, order, 2), 3, 2);
    CHECK(named({"the results y"}, same(other.y, done.y, {4, 2})));
}

TEST_CASE("attention: queries in another order give the same results in that order") {
    const Numbers q = normal_numbers(25, 4 * 3), k = normal_numbers(26, 6 * 3),
                  v = normal_numbers(27, 6 * 2);
    const std::vector<int> order = {2, 3, 0, 1};
    const Result done = attention(q, k, v, 3, 2),
                 other = attention(rows_in_order(q, order, 3), k, v, 3, 2);
    CHECK(named({"the weights p"}, same(other.p, rows_in_order(done.p, order, 6), {4, 6})));
    CHECK(named({"the results y"}, same(other.y, rows_in_order(done.y, order, 2), {4, 2})));
}

TEST_CASE("attention: any number of queries and keys, and any size of these and of values") {
    for (const Index Tq : {1, 3, 5})
        for (const Index Tk : {1, 4, 7})
            for (const Index HS : {1, 3, 16}) {
                const Index VS = HS == 3 ? 8 : 2;
                CAPTURE(Tq);
                CAPTURE(Tk);
                CAPTURE(HS);
                CAPTURE(VS);
                const Numbers q = normal_numbers(28, Tq * HS), k = normal_numbers(29, Tk * HS),
                              v = normal_numbers(30, Tk * VS);
                const Result done = attention(q, k, v, HS, VS),
                             expected = attention_by_loops(q, k, v, HS, VS);
                CHECK(named({"the weights p"}, same(done.p, expected.p, {Tq, Tk})));
                CHECK(named({"the results y"}, same(done.y, expected.y, {Tq, VS})));
            }
}

TEST_CASE("head: the three places from the text") {
    const Tensor y =
        part().head(Tensor::matrix({{1, 0}, {0, 1}, {1, 1}}), Tensor::matrix({{1}, {-1}}),
                    Tensor::matrix({{0}, {1}}), Tensor::matrix({{2, 0}, {0, 4}}));
    REQUIRE(shaped(y.shape(), {3, 2}));
    CHECK(same(y.to_vector(), kHeadResults, {3, 2}));
}

TEST_CASE("head: the result has T rows and VS columns") {
    const Index T = 9, C = 6, HS = 3, VS = 5;
    CAPTURE(T);
    CAPTURE(C);
    CAPTURE(HS);
    CAPTURE(VS);
    const Weights w(43, C, HS, VS);
    const Tensor x = Tensor::from({T, C}, normal_numbers(46, T * C));
    const Tensor y = part().head(x, w.Wq, w.Wk, w.Wv);
    REQUIRE(shaped(y.shape(), {T, VS}));
    const Result expected = attention_by_loops(
        times(x.to_vector(), w.Wq), times(x.to_vector(), w.Wk), times(x.to_vector(), w.Wv), HS, VS);
    CHECK(same(y.to_vector(), expected.y, {T, VS}));
}

TEST_CASE("head: one place attends to itself") {
    const Weights w(31, 4, 3, 2);
    const Tensor x = Tensor::from({1, 4}, normal_numbers(34, 4));
    const Tensor y = part().head(x, w.Wq, w.Wk, w.Wv);
    REQUIRE(shaped(y.shape(), {1, 2}));
    CHECK(same(y.to_vector(), times(x.to_vector(), w.Wv), {1, 2}));
}

TEST_CASE("head: places in another order give the same results in that order") {
    const Weights w(35, 4, 3, 5);
    const Numbers x = normal_numbers(38, 6 * 4);
    const std::vector<int> order = {4, 0, 5, 2, 1, 3};
    const Tensor y = part().head(Tensor::from({6, 4}, x), w.Wq, w.Wk, w.Wv);
    REQUIRE(shaped(y.shape(), {6, 5}));
    const Tensor other =
        part().head(Tensor::from({6, 4}, rows_in_order(x, order, 4)), w.Wq, w.Wk, w.Wv);
    CHECK(same(other.to_vector(), rows_in_order(y.to_vector(), order, 5), {6, 5}));
}

TEST_CASE("head: two of them, built by hand, complete a sequence that repeats") {
    // Letter 0 stands before the first of five others.
    const std::vector<int> letters = {0, 4, 2, 5, 1, 3};
    const Completion done = complete(letters, letters, 6);
    const Numbers expected = one_hot({4, 2, 5, 1, 3}, 6).to_vector();
    CHECK(named({"the predictions"}, same(done.next.to_vector(), expected, {5, 6})));
}

TEST_CASE("head: any number of places and any sizes") {
    for (const Index T : {2, 5, 9})
        for (const Index HS : {1, 4}) {
            const Index C = 6, VS = HS == 1 ? 3 : 7;
            CAPTURE(T);
            CAPTURE(C);
            CAPTURE(HS);
            CAPTURE(VS);
            const Weights w(39, C, HS, VS);
            const Numbers x = normal_numbers(42, T * C);
            const Tensor y = part().head(Tensor::from({T, C}, x), w.Wq, w.Wk, w.Wv);
            REQUIRE(shaped(y.shape(), {T, VS}));
            const Result expected =
                attention_by_loops(times(x, w.Wq), times(x, w.Wk), times(x, w.Wv), HS, VS);
            CHECK(same(y.to_vector(), expected.y, {T, VS}));
        }
}

}  // namespace gradus::lesson_16
