// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"
#include "lessons/check/gradients.h"

#include <functional>
#include <stdexcept>

#include "autograd/reduce.h"
#include "tensor/rotary.h"

namespace gradus::lesson_20 {
namespace {

using Numbers = std::vector<Real>;

Variable variable(const Numbers& numbers, const Shape& shape) {
    return parameter(Tensor::from(shape, numbers));
}
Variable random_variable(std::uint64_t seed, const Shape& shape) {
    return variable(normal_numbers(seed, shape.count()), shape);
}

// x (B, T, C) with the rows of a table (P, C) added to it.
Variable with_positions(const Numbers& x, const Shape& shape, const Numbers& table, Index first) {
    const Index C = shape[2];
    return part().add_positions(variable(x, shape), variable(table, {std::ssize(table) / C, C}),
                                first);
}

Numbers numbers(const Variable& x) {
    return x.value().to_vector();
}
Numbers gradient(const Variable& x) {
    return x.grad().to_vector();
}

// The same by plain loops.
Numbers positions_by_loops(const Variable& x, const Variable& table, Index first) {
    Numbers y = numbers(x);
    const Index B = x.size(0), T = x.size(1), C = x.size(2);
    for (Index b = 0; b < B; ++b)
        for (Index t = 0; t < T; ++t)
            for (Index c = 0; c < C; ++c)
                y[(b * T + t) * C + c] += table.value()[(first + t) * C + c];
    return y;
}

struct Tables {
    Numbers cosine, sine;
};

Tables tables(Index T, Index HS, Real base) {
    const auto size = static_cast<std::size_t>(T * (HS / 2));
    Tables made{Numbers(size, 77), Numbers(size, 99)};
    part().rotary_tables(made.cosine.data(), made.sine.data(), T, HS, base);
    return made;
}

Tables tables_by_loops(Index T, Index HS, Real base, Index first = 0) {
    Tables made;
    for (Index t = first; t < first + T; ++t)
        for (Index i = 0; i < HS / 2; ++i) {
            const double slower =
                std::log(base) * static_cast<double>(2 * i) / static_cast<double>(HS);
            const double angle = static_cast<double>(t) * std::exp(-slower);
            made.cosine.push_back(std::cos(angle));
            made.sine.push_back(std::sin(angle));
        }
    return made;
}

Index rows(const Numbers& x, Index HS) {
    return std::ssize(x) / HS;
}

Numbers turned(const Numbers& x, const Numbers& cosine, const Numbers& sine, Index HS) {
    const Numbers c = with_room(cosine), s = with_room(sine);
    Numbers y(x.size(), 77);
    part().rotary_forward(y.data(), x.data(), c.data(), s.data(), rows(x, HS), HS);
    return y;
}
Numbers turned(const Numbers& x, const Tables& by, Index HS) {
    return turned(x, by.cosine, by.sine, HS);
}

// dx after the gradient has been added to it.
Numbers turned_back(Numbers dx, const Numbers& dy, const Numbers& cosine, const Numbers& sine,
                    Index HS) {
    const Numbers c = with_room(cosine), s = with_room(sine);
    part().rotary_backward(dx.data(), dy.data(), c.data(), s.data(), rows(dy, HS), HS);
    return dx;
}
Numbers turned_back(const Numbers& dx, const Numbers& dy, const Tables& by, Index HS) {
    return turned_back(dx, dy, by.cosine, by.sine, HS);
}

// x turned by plain loops: `way` 1 forwards, -1 back.
Numbers turned_by_loops(const Numbers& x, const Tables& by, Index HS, double way = 1) {
    Numbers y(x.size());
    for (std::size_t pair = 0; 2 * pair < x.size(); ++pair) {
        // Pairs lie in memory as their angles do: one after the other, row after row.
        const double c = by.cosine[pair], s = way * by.sine[pair];
        y[2 * pair] = c * x[2 * pair] - s * x[2 * pair + 1];
        y[2 * pair + 1] = s * x[2 * pair] + c * x[2 * pair + 1];
    }
    return y;
}

// The same row of numbers n times.
Numbers repeated(const Numbers& row, Index n) {
    Numbers all;
    for (Index t = 0; t < n; ++t) all.insert(all.end(), row.begin(), row.end());
    return all;
}

// The dot products of all rows of q with all rows of k.
Numbers scores(const Numbers& q, const Numbers& k, Index HS) {
    Numbers s;
    for (Index i = 0; i < rows(q, HS); ++i)
        for (Index j = 0; j < rows(k, HS); ++j) {
            s.push_back(0);
            for (Index c = 0; c < HS; ++c) s.back() += q[i * HS + c] * k[j * HS + c];
        }
    return s;
}

// What the last place sees: all rows of v, weighted by softmax of its scores with q and k.
Numbers seen_from_the_end(const Numbers& q, const Numbers& k, const Numbers& v, Index C) {
    const Index T = rows(q, C);
    const Numbers s = scores(q, k, C);
    Numbers y(static_cast<std::size_t>(C));
    double z = 0;
    for (Index j = 0; j < T; ++j) z += std::exp(s[(T - 1) * T + j]);
    for (Index j = 0; j < T; ++j)
        for (Index c = 0; c < C; ++c) y[c] += std::exp(s[(T - 1) * T + j]) / z * v[j * C + c];
    return y;
}

// x with two of its first rows exchanged.
Numbers exchanged(Numbers x, Index C) {
    std::swap_ranges(x.begin(), x.begin() + C, x.begin() + 2 * C);
    return x;
}

Comparison differ(const Numbers& a, const Numbers& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return {most > 0.01, "two places were exchanged, and the last one does not notice"};
}

Variable weighted_sum(const Variable& y, std::uint64_t seed) {
    return sum(y * Variable(Tensor::from(y.shape(), normal_numbers(seed, y.value().count()))));
}

// No two sizes are equal or neighbours: 7 positions, 5 pairs, 10 numbers.
constexpr Index kT = 7, kHS = 10;

const Fingerprint add_print("add_positions", [] {
    // Where sizes do not fit, wrong rows make no sum: with one place or two, most of them still do.
    struct Call {
        Index B, T, C, P, first;
    };
    const std::vector<Call> calls = {
        {3, 8, 5, 40, 11}, {3, 1, 5, 13, 6}, {2, 4, 5, 12, 3}, {4, 2, 5, 12, 1}};
    Numbers all;
    std::size_t thrown = 0;
    for (const auto& [B, T, C, P, first] : calls) {
        const Variable x = random_variable(1, {B, T, C}), table = random_variable(2, {P, C});
        x.grad().fill(0.5), table.grad().fill(0.25);  // from an earlier backward
        try {
            const Variable y = part().add_positions(x, table, first);
            for (const Real number : numbers(y)) all.push_back(number);
            for (const Index size : y.shape()) all.push_back(static_cast<Real>(size));
            if (y.requires_grad()) weighted_sum(y, 3).backward();
        } catch (const std::invalid_argument&) {
            all.push_back(-99);
            if (++thrown == calls.size()) throw;  // nothing tells why
        }
        for (const Variable& leaf : {x, table})
            for (const Real number : gradient(leaf)) all.push_back(number);
    }
    return all;
});
const Fingerprint tables_print("rotary_tables", [] {
    Numbers cosine = with_room(Numbers(kT * kHS / 2, 7)),
            sine = with_room(Numbers(kT * kHS / 2, 9));
    part().rotary_tables(cosine.data(), sine.data(), kT, kHS, 50);
    cosine.insert(cosine.end(), sine.begin(), sine.end());
    return cosine;
});
// Cosines and sines of no angle: each has its own effect.
const Fingerprint forward_print("rotary_forward", [] {
    const Numbers x = with_room(normal_numbers(4, kT * kHS)),
                  cosine = with_room(normal_numbers(5, kT * kHS / 2)),
                  sine = with_room(normal_numbers(6, kT * kHS / 2));
    Numbers y = with_room(Numbers(kT * kHS, 7));
    part().rotary_forward(y.data(), x.data(), cosine.data(), sine.data(), kT, kHS);
    return y;
});
const Fingerprint backward_print("rotary_backward", [] {
    const Numbers dy = with_room(normal_numbers(7, kT * kHS)),
                  cosine = with_room(normal_numbers(8, kT * kHS / 2)),
                  sine = with_room(normal_numbers(9, kT * kHS / 2));
    Numbers dx = with_room(normal_numbers(10, kT * kHS));
    part().rotary_backward(dx.data(), dy.data(), cosine.data(), sine.data(), kT, kHS);
    return dx;
});

}  // namespace

TEST_CASE("add_positions: the two sequences from the text, from position 1 on") {
    const Variable y = with_positions({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {2, 3, 2},
                                      {0, 0, 10, 0, 0, 20, 30, 30, 40, 0}, 1);
    REQUIRE(shaped(y.shape(), {2, 3, 2}));
    CHECK(named({"the result"},
                same(numbers(y), {11, 2, 3, 24, 35, 36, 17, 8, 9, 30, 41, 42}, {2, 3, 2})));
}

TEST_CASE("add_positions: the gradient of the table from the text") {
    const Variable x = variable({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {2, 3, 2}),
                   table = variable({0, 0, 10, 0, 0, 20, 30, 30, 40, 0}, {5, 2});
    const Variable y = part().add_positions(x, table, 1);
    REQUIRE(Comparison{y.requires_grad(), "your result has no history"});
    sum(y).backward();
    CHECK(named({"the gradient of the table"},
                same(gradient(table), {0, 0, 2, 2, 2, 2, 2, 2, 0, 0}, {5, 2})));
    CHECK(named({"the gradient of x"}, same(gradient(x), Numbers(12, 1), {2, 3, 2})));
}

TEST_CASE("add_positions: one place, the last row, and all rows") {
    CHECK(named({"the result"}, same(numbers(with_positions({5}, {1, 1, 1}, {7}, 0)), {12})));
    CHECK(named({"the result"}, same(numbers(with_positions({5, 6}, {2, 1, 1}, {1, 2, 3, 4}, 3)),
                                     {9, 10}, {2, 1, 1})));
    CHECK(named({"the result"}, same(numbers(with_positions({5, 6, 7}, {1, 3, 1}, {10, 20, 30}, 0)),
                                     {15, 26, 37}, {1, 3, 1})));
}

TEST_CASE("add_positions: place after place gives what all places at once give") {
    const Numbers x = normal_numbers(11, 6 * 3), table = normal_numbers(12, 9 * 3);
    const Variable all = with_positions(x, {1, 6, 3}, table, 2);
    REQUIRE(shaped(all.shape(), {1, 6, 3}));
    Numbers one_by_one;
    for (Index t = 0; t < 6; ++t) {
        const Numbers place(x.begin() + t * 3, x.begin() + (t + 1) * 3);
        for (const Real number : numbers(with_positions(place, {1, 1, 3}, table, 2 + t)))
            one_by_one.push_back(number);
    }
    CHECK(named({"the results"}, same(one_by_one, numbers(all), {6, 3})));
}

TEST_CASE("add_positions: attention does not notice the order of places, and now it does") {
    const Numbers x = normal_numbers(13, 5 * 4), table = normal_numbers(14, 8 * 4);
    const Numbers y = numbers(with_positions(x, {1, 5, 4}, table, 0)),
                  other = numbers(with_positions(exchanged(x, 4), {1, 5, 4}, table, 0));
    const auto seen = [](const Numbers& z) { return seen_from_the_end(z, z, z, 4); };
    CHECK(named({"without positions"}, same(seen(exchanged(x, 4)), seen(x))));
    CHECK(differ(seen(other), seen(y)));
}

TEST_CASE("add_positions: gradients by finite differences") {
    const Shape shape = {3, 2, 4}, rows = {9, 4};
    const Variable x = random_variable(15, shape), table = random_variable(16, rows);
    weighted_sum(part().add_positions(x, table, 5), 17).backward();
    const Numbers weights = normal_numbers(17, 24);
    const auto of_x = [&](const Numbers& moved) {
        return dot(positions_by_loops(variable(moved, shape), table, 5), weights);
    };
    const auto of_table = [&](const Numbers& moved) {
        return dot(positions_by_loops(x, variable(moved, rows), 5), weights);
    };
    CHECK(named({"the gradient of x"},
                same(gradient(x), differences(of_x, numbers(x)), {3, 2, 4}, 1e-7)));
    CHECK(named({"the gradient of the table"},
                same(gradient(table), differences(of_table, numbers(table)), {9, 4}, 1e-7)));
}

TEST_CASE("add_positions: any sizes, and any first position") {
    for (const Index B : {1, 3})
        for (const Index T : {1, 4, 7})
            for (const Index first : {0, 1, 6}) {
                CAPTURE(B);
                CAPTURE(T);
                CAPTURE(first);
                const Index C = T == 4 ? 1 : 5;
                const Variable x = random_variable(18, {B, T, C}),
                               table = random_variable(19, {first + T + (B == 1 ? 0 : 4), C});
                const Variable y = part().add_positions(x, table, first);
                REQUIRE(shaped(y.shape(), {B, T, C}));
                CHECK(named({"the result"},
                            same(numbers(y), positions_by_loops(x, table, first), {B, T, C})));
            }
}

TEST_CASE("rotary_tables: the three positions and two pairs from the text") {
    // T = 3, HS = 4, base = 100. With room, so that rows that are too long give numbers, too.
    Numbers cosine = with_room(Numbers(6, 77)), sine = with_room(Numbers(6, 99));
    part().rotary_tables(cosine.data(), sine.data(), 3, 4, 100);
    cosine.resize(6), sine.resize(6);
    CHECK(same(cosine, {1, 1, 0.5403023059, 0.9950041653, -0.4161468365, 0.9800665778}, {3, 2}));
    CHECK(same(sine, {0, 0, 0.8414709848, 0.0998334166, 0.9092974268, 0.1986693308}, {3, 2}));
}

TEST_CASE("rotary_tables: position 0 has no angle, and the first pair one radian per position") {
    const Tables still = tables(1, 6, 10000), first = tables(5, 2, 10000);
    CHECK(named({"the cosine"}, same(still.cosine, {1, 1, 1}, {1, 3})));
    CHECK(named({"the sine"}, same(still.sine, {0, 0, 0}, {1, 3})));
    for (Index t = 0; t < 5; ++t) {
        CAPTURE(t);
        CHECK(named({"the cosine"}, same(first.cosine[t], std::cos(static_cast<double>(t)))));
        CHECK(named({"the sine"}, same(first.sine[t], std::sin(static_cast<double>(t)))));
    }
}

TEST_CASE(
    "rotary_tables: where each pair is half as fast as the one before, it needs twice as long") {
    const Tables made = tables(17, 8, 16);  // 16^(-2 i / 8) = 1, 1/2, 1/4, 1/8
    for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(i);
        Numbers fast, slow;
        for (std::size_t t = 0; 2 * t < 17; ++t) {
            fast.push_back(made.cosine[t * 4 + i]), slow.push_back(made.cosine[2 * t * 4 + i + 1]);
            fast.push_back(made.sine[t * 4 + i]), slow.push_back(made.sine[2 * t * 4 + i + 1]);
        }
        CHECK(named({"the slower pair"}, same(slow, fast, {9, 2})));
    }
}

TEST_CASE("rotary_tables: any number of positions, any size and base") {
    for (const Index T : {1, 3, 40})
        for (const Index HS : {2, 6, 16})
            for (const Real base : {1.5, 100.0, 500000.0}) {
                CAPTURE(T);
                CAPTURE(HS);
                CAPTURE(base);
                const Tables made = tables(T, HS, base), expected = tables_by_loops(T, HS, base);
                CHECK(named({"the cosine"}, same(made.cosine, expected.cosine, {T, HS / 2})));
                CHECK(named({"the sine"}, same(made.sine, expected.sine, {T, HS / 2})));
            }
}

TEST_CASE("rotary_tables: 600 positions of 64 numbers, base 10000") {
    const Tables made = tables(600, 64, 10000), expected = tables_by_loops(600, 64, 10000);
    CHECK(named({"the cosine"}, same(made.cosine, expected.cosine, {600, 32})));
    CHECK(named({"the sine"}, same(made.sine, expected.sine, {600, 32})));
}

TEST_CASE("rotary_forward: the two rows from the text") {
    CHECK(named({"y"}, same(turned({10, 5, 3, 1, 7, 2, 4, 6}, {0.6, 0, 1, -1}, {0.8, 1, 0, 0}, 4),
                            {2, 11, -1, 3, 7, 2, -4, -6}, {2, 4})));
}

TEST_CASE("rotary_forward: one pair at one place: no turn, quarter turns, half a turn") {
    CHECK(named({"y"}, same(turned({3, 1}, {1}, {0}, 2), {3, 1}, {1, 2})));
    CHECK(named({"y"}, same(turned({3, 1}, {0}, {1}, 2), {-1, 3}, {1, 2})));
    CHECK(named({"y"}, same(turned({3, 1}, {0}, {-1}, 2), {1, -3}, {1, 2})));
    CHECK(named({"y"}, same(turned({3, 1}, {-1}, {0}, 2), {-3, -1}, {1, 2})));
}

TEST_CASE("rotary_forward: position 0 leaves its row as it was") {
    const Numbers x = normal_numbers(21, 3 * 8);
    Numbers y = turned(x, tables_by_loops(3, 8, 100), 8);
    y.resize(8);
    CHECK(named({"row 0"}, same(y, Numbers(x.begin(), x.begin() + 8), {1, 8})));
}

TEST_CASE("rotary_forward: each pair keeps its length") {
    const Numbers x = normal_numbers(22, 6 * 10), y = turned(x, tables_by_loops(6, 10, 100), 10);
    const auto lengths = [](const Numbers& z) {
        Numbers all;
        for (std::size_t at = 0; at < z.size(); at += 2)
            all.push_back(std::sqrt(z[at] * z[at] + z[at + 1] * z[at + 1]));
        return all;
    };
    CHECK(named({"the lengths"}, same(lengths(y), lengths(x), {6, 5}, 1e-12)));
}

TEST_CASE("rotary_forward: the score of a query and a key depends on their distance only") {
    const Index T = 9, HS = 6;
    const Tables by = tables_by_loops(T, HS, 20);
    const Numbers q = repeated(normal_numbers(23, HS), T), k = repeated(normal_numbers(24, HS), T);
    const Numbers s = scores(turned(q, by, HS), turned(k, by, HS), HS);
    Numbers by_distance(s.size());  // the score of the first two places that are as far apart
    for (Index i = 0; i < T; ++i)
        for (Index j = 0; j < T; ++j) {
            const Index nearer = std::min(i, j);
            by_distance[i * T + j] = s[(i - nearer) * T + j - nearer];
        }
    CHECK(named({"the scores"}, same(s, by_distance, {T, T}, 1e-12)));
}

TEST_CASE("rotary_forward: a score is that of the query turned on by the distance") {
    const Index HS = 8;
    const Numbers q = normal_numbers(25, HS), k = normal_numbers(26, HS);
    for (const Index i : {0, 3, 11})
        for (const Index j : {0, 2}) {
            CAPTURE(i);
            CAPTURE(j);
            const Numbers query = turned(q, tables_by_loops(1, HS, 100, i), HS),
                          key = turned(k, tables_by_loops(1, HS, 100, j), HS),
                          on = turned_by_loops(q, tables_by_loops(1, HS, 100, i - j), HS);
            CHECK(named({"the score"}, same(dot(query, key), dot(on, k), 1e-12)));
        }
}

TEST_CASE("rotary_forward: attention does not notice the order of places, and now it does") {
    const Numbers x = normal_numbers(27, 5 * 4);
    const Tables by = tables_by_loops(5, 4, 100);
    const auto seen = [&](const Numbers& z) {
        const Numbers q = turned(z, by, 4);
        return seen_from_the_end(q, q, z, 4);
    };
    CHECK(named({"without positions"},
                same(seen_from_the_end(exchanged(x, 4), exchanged(x, 4), exchanged(x, 4), 4),
                     seen_from_the_end(x, x, x, 4))));
    CHECK(differ(seen(exchanged(x, 4)), seen(x)));
}

TEST_CASE("rotary_forward: in the library, many sequences and heads, from any position on") {
    const Index B = 2, T = 3, heads = 5, HS = 4;
    const Tensor x = Tensor::from({B, T, heads * HS}, normal_numbers(28, B * T * heads * HS));
    RotaryOptions options{.size = HS, .pairs = RotaryPairs::adjacent, .offsets = {6, 1}};
    const Tensor y = rotary_forward(x, rotary_table(9, HS, 100), options);
    Numbers expected;
    for (Index b = 0; b < B; ++b)
        for (Index t = 0; t < T; ++t)
            for (Index h = 0; h < heads; ++h) {
                const Real* from = x.data() + ((b * T + t) * heads + h) * HS;
                const Index position = t + options.offsets[static_cast<std::size_t>(b)];
                for (const Real number : turned_by_loops(Numbers(from, from + HS),
                                                         tables_by_loops(1, HS, 100, position), HS))
                    expected.push_back(number);
            }
    CHECK(named({"y"}, same(y.to_vector(), expected, {B, T, heads * HS})));
    // Only the first head of two, in pairs of numbers 0, 2 and 1, 3: the library does that itself.
    const RotaryTable at_1 = rotary_table(2, HS, 100);
    const Real c = at_1.cosine.at(1, 0), s = at_1.sine.at(1, 0);
    const Tensor one = Tensor::from({1, 1, 2 * HS}, {3, 0, 1, 0, 1, 2, 3, 4});
    options = {.size = HS, .heads = 1, .offsets = {1}};
    CHECK(named({"y"}, same(rotary_forward(one, at_1, options).to_vector(),
                            {3 * c - s, 0, 3 * s + c, 0, 1, 2, 3, 4}, {1, 1, 2 * HS})));
}

TEST_CASE("rotary_forward: any number of positions, and any size") {
    for (const Index T : {1, 2, 9})
        for (const Index HS : {2, 4, 14}) {
            CAPTURE(T);
            CAPTURE(HS);
            const Numbers x = normal_numbers(29, T * HS);
            const Tables by{normal_numbers(30, T * HS / 2), normal_numbers(31, T * HS / 2)};
            CHECK(named({"y"}, same(turned(x, by, HS), turned_by_loops(x, by, HS), {T, HS})));
        }
}

TEST_CASE("rotary_backward: the two rows from the text") {
    CHECK(
        named({"dx"}, same(turned_back({100, 100, 200, 200, 0, 0, 0, 0}, {2, 11, -1, 3, 7, 2, 4, 6},
                                       {0.6, 0, 1, -1}, {0.8, 1, 0, 0}, 4),
                           {110, 105, 203, 201, 7, 2, -4, -6}, {2, 4})));
}

TEST_CASE("rotary_backward: one pair at one place: no turn, quarter turns, half a turn") {
    CHECK(named({"dx"}, same(turned_back({0, 0}, {3, 1}, {1}, {0}, 2), {3, 1}, {1, 2})));
    CHECK(named({"dx"}, same(turned_back({0, 0}, {3, 1}, {0}, {1}, 2), {1, -3}, {1, 2})));
    CHECK(named({"dx"}, same(turned_back({0, 0}, {3, 1}, {0}, {-1}, 2), {-1, 3}, {1, 2})));
    CHECK(named({"dx"}, same(turned_back({5, 7}, {3, 1}, {-1}, {0}, 2), {2, 6}, {1, 2})));
}

TEST_CASE("rotary_backward: it turns back what rotary_forward has turned") {
    const Numbers x = normal_numbers(32, 7 * 6);
    const Tables by = tables_by_loops(7, 6, 50);
    CHECK(named({"dx"}, same(turned_back(Numbers(x.size()), turned(x, by, 6), by, 6), x, {7, 6})));
}

TEST_CASE("rotary_backward: the adjoint test of lesson 06") {
    const Index T = 5, HS = 8;
    const Tables by{normal_numbers(33, T * HS / 2), normal_numbers(34, T * HS / 2)};
    const Numbers v = normal_numbers(35, T * HS), dy = normal_numbers(36, T * HS),
                  dx = turned_back(Numbers(v.size()), dy, by, HS);
    CHECK(named({"the sum at x"}, same(dot(v, dx), dot(turned(v, by, HS), dy), 1e-12)));
}

TEST_CASE("rotary_backward: the gradient by finite differences, added to what is there") {
    const Index T = 3, HS = 10;
    const Tables by = tables_by_loops(T, HS, 30);
    const Numbers x = normal_numbers(37, T * HS), weights = normal_numbers(38, T * HS),
                  before = normal_numbers(39, T * HS);
    const auto loss = [&](const Numbers& moved) {  // not linear in y
        double sum = 0;
        const Numbers y = turned_by_loops(moved, by, HS);
        for (std::size_t i = 0; i < y.size(); ++i) sum += weights[i] * std::sin(y[i]);
        return sum;
    };
    Numbers dy = turned_by_loops(x, by, HS), expected = differences(loss, x);
    for (std::size_t i = 0; i < dy.size(); ++i)
        dy[i] = weights[i] * std::cos(dy[i]), expected[i] += before[i];
    CHECK(named({"dx"}, same(turned_back(before, dy, by, HS), expected, {T, HS}, 1e-7)));
}

TEST_CASE("rotary_backward: in the library, many sequences and heads, from any position on") {
    const Index B = 3, T = 2, heads = 2, HS = 6, count = B * T * heads * HS;
    const Tensor dy = Tensor::from({B, T, heads * HS}, normal_numbers(40, count)),
                 dx = Tensor::from({B, T, heads * HS}, normal_numbers(41, count));
    Numbers expected = dx.to_vector();
    const RotaryOptions options{.size = HS, .pairs = RotaryPairs::adjacent, .offsets = {0, 7, 3}};
    rotary_backward(dy, rotary_table(9, HS, 100), options, dx);
    for (Index row = 0; row < B * T * heads; ++row) {
        const Index b = row / (T * heads), t = row / heads % T;
        const Real* from = dy.data() + row * HS;
        const Index position = t + options.offsets[static_cast<std::size_t>(b)];
        const Numbers more = turned_by_loops(Numbers(from, from + HS),
                                             tables_by_loops(1, HS, 100, position), HS, -1);
        for (Index c = 0; c < HS; ++c) expected[row * HS + c] += more[c];
    }
    CHECK(named({"dx"}, same(dx.to_vector(), expected, {B, T, heads * HS})));
}

TEST_CASE("rotary_backward: any number of positions, and any size") {
    for (const Index T : {1, 2, 9})
        for (const Index HS : {2, 4, 14}) {
            CAPTURE(T);
            CAPTURE(HS);
            const Numbers dy = normal_numbers(42, T * HS), before = normal_numbers(43, T * HS);
            const Tables by{normal_numbers(44, T * HS / 2), normal_numbers(45, T * HS / 2)};
            Numbers expected = turned_by_loops(dy, by, HS, -1);
            for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += before[i];
            CHECK(named({"dx"}, same(turned_back(before, dy, by, HS), expected, {T, HS})));
        }
}

}  // namespace gradus::lesson_20
