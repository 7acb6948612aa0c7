// SPDX-License-Identifier: MIT
// Every slot of the table of operations, for every instruction set of this processor, against the
// naive loops: odd sizes, sizes past the kernels' blocks, accumulation, walls around every array,
// and bit-for-bit identical results at any number of threads. The test cases are generated from
// tensor/ops.inc, so a new operation fails until it has one.
//
// The bounds. A sum of n terms of size s is off by at most n eps s, and by about sqrt(n) eps s
// if rounding errors are random (Higham, Mary 2019, "A new approach to probabilistic rounding
// error analysis"); both sides of a comparison round, in different orders. So sums get 4 sqrt(n)
// eps times the sum of the absolute values of their terms, and everything else gets a small
// multiple of eps times the largest number involved.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>

#include "tensor/attention.h"
#include "tensor/bf16_unit.h"
#include "tensor/dropout_mask.h"
#include "tensor/int8_block.h"
#include "tensor/kv_cache.h"
#include "tensor/ops.h"
#include "tests/guarded.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

// One array that an operation writes.
struct Written {
    std::vector<Real> start;  // what it holds before the call
    // The largest difference at element i.
    std::function<double(std::size_t i, double expected)> allowed;
    bool wanted = true;  // false: a null pointer is passed
};

// One call of one operation.
struct Case {
    std::string sizes;  // for the message
    std::vector<Written> outputs;
    std::function<void(const std::vector<Real*>& outputs)> call;  // through ops()
    bool threaded = false;  // large enough for several threads to take part
};
using Cases = std::vector<Case>;

// An input array, between walls, shared by the copies of a Case.
class Input {
 public:
    Input(const std::vector<Real>& values) : array_(std::make_shared<Guarded>(values)) {}
    operator const Real*() const { return array_->data(); }

 private:
    std::shared_ptr<Guarded> array_;
};

// Small odd sizes with a tail for every vector width.
std::vector<Index> odd_sizes() {
    if (kSanitized) return {1, 3, 17, 65};
    return {1, 2, 3, 7, 17, 33, 65};
}

std::vector<Index> lengths() {
    std::vector<Index> list = odd_sizes();
    list.insert(list.end(), {0, 1000, 70001});
    return list;
}
bool is_large(Index n) {
    return n >= 32768;
}  // at least two chunks of any loop here

double root(Index n) {
    return std::sqrt(static_cast<double>(std::max<Index>(n, 1)));
}
double abs_of(Real x) {
    return std::abs(static_cast<double>(x));
}

std::vector<Real> absolute(const Real* x, Index n) {
    std::vector<Real> values(x, x + n);
    for (Real& v : values) v = std::abs(v);
    return values;
}

// The bound "factor eps (2 |start| + |result|)": for y += term, where |term| <= |start| + |result|.
std::function<double(std::size_t, double)> accumulated(const std::vector<Real>& start,
                                                       double factor) {
    return [start, factor](std::size_t i, double expected) {
        return factor * kEps * (2 * abs_of(start[i]) + std::abs(expected));
    };
}
std::function<double(std::size_t, double)> relative(double factor) {
    return [factor](std::size_t, double expected) { return factor * kEps * std::abs(expected); };
}
double exact(std::size_t, double) {
    return 0;
}

// ---- matrices -------------------------------------------------------------------------------

struct MatrixSizes {
    Index M, N, K;
};

std::vector<MatrixSizes> matrix_sizes() {
    std::vector<MatrixSizes> list;
    for (Index M : odd_sizes())
        for (Index N : odd_sizes())
            for (Index K : odd_sizes()) list.push_back({M, N, K});
    // Past the blocks, in one dimension after the other.
    for (Index large : {Index{129}, Index{257}, Index{300}}) {
        list.push_back({large, 5, 9});
        list.push_back({5, large, 9});
        list.push_back({5, 9, large});
    }
    list.insert(list.end(), {{1, 300, 257},
                             {0, 3, 2},
                             {3, 0, 2},
                             {3, 2, 0},
                             {5, 9, 1100},
                             {3, 8300, 5},
                             {2100, 17, 9}});
    if (kSanitized)
        list.insert(list.end(), {{67, 131, 261}});
    else
        list.insert(list.end(), {{131, 67, 300},
                                 {300, 257, 129},
                                 {70, 301, 259},
                                 {12, 1030, 70},
                                 {2070, 270, 3},
                                 {45, 70, 1040}});
    return list;
}

// In bf16 both sides round alike, so the bound is again that of sums.
Cases product_cases(std::uint64_t seed, auto slot) {
    Random random(seed);
    Cases cases;
    for (const auto& [M, N, K] : matrix_sizes()) {
        for (int flags = 0; flags < 8; ++flags) {
            const bool ta = flags & 1, tb = flags & 2, accumulate = flags & 4;
            const Input a = random_numbers(random, M * K), b = random_numbers(random, K * N);
            const auto start = random_numbers(random, M * N);
            // The sum of the terms' magnitudes: sum |a| |b|.
            std::vector<Real> size = absolute(start.data(), M * N);
            const Write write = accumulate ? Write::accumulate : Write::overwrite;
            naive::matmul({size.data(), write}, {absolute(a, M * K).data(), ta},
                          {absolute(b, K * N).data(), tb}, M, N, K);
            cases.push_back(
                {fmt::format("M {} N {} K {}, transpose {} {}, accumulate {}", M, N, K, ta, tb,
                             accumulate),
                 {{start,
                   [size, K = K](std::size_t i, double) { return 4 * root(K) * kEps * size[i]; }}},
                 [=, M = M, N = N, K = K](const std::vector<Real*>& y) {
                     slot()({y[0], write}, {a, ta}, {b, tb}, M, N, K);
                 },
                 M * N * K > 1000000});
        }
    }
    return cases;
}

Cases matmul_cases() {
    return product_cases(
        101, []() -> auto& { return ops().matmul; });
}
Cases matmul_bf16_cases() {
    return product_cases(
        104, []() -> auto& { return ops().matmul_bf16; });
}

Cases product_backward_cases(std::uint64_t seed, auto slot) {
    Random random(seed);
    Cases cases;
    int turn = 0;
    for (const auto& [M, N, K] : matrix_sizes()) {
        for (const bool tb : {false, true}) {
            const int wanted = M * N * K > 1000000 ? 0 : turn % 3;  // both, da alone, db alone
            const bool add_a = turn % 2 == 0, add_b = turn / 2 % 2 == 0;
            const auto write = [](bool add) { return add ? Write::accumulate : Write::overwrite; };
            ++turn;
            const Input dc = random_numbers(random, M * N), a = random_numbers(random, M * K),
                        b = random_numbers(random, K * N);
            const auto da = random_numbers(random, M * K), db = random_numbers(random, K * N);
            std::vector<Real> da_size = absolute(da.data(), M * K),
                              db_size = absolute(db.data(), K * N);
            naive::matmul_backward({da_size.data(), Write::accumulate},
                                   {db_size.data(), Write::accumulate}, absolute(dc, M * N).data(),
                                   absolute(a, M * K).data(), {absolute(b, K * N).data(), tb}, M, N,
                                   K);
            const auto bound = [](const std::vector<Real>& size, Index terms) {
                return [size, terms](std::size_t i, double) {
                    return 4 * root(terms) * kEps * size[i];
                };
            };
            cases.push_back(
                {fmt::format("M {} N {} K {}, transpose_b {}, wanted {}, add_a {}, add_b {}", M, N,
                             K, tb, wanted, add_a, add_b),
                 {{da, bound(da_size, N), wanted != 2}, {db, bound(db_size, M), wanted != 1}},
                 [=, M = M, N = N, K = K](const std::vector<Real*>& y) {
                     slot()({y[0], write(add_a)}, {y[1], write(add_b)}, dc, a, {b, tb}, M, N, K);
                 },
                 M * N * K > 1000000});
        }
    }
    return cases;
}

Cases matmul_backward_cases() {
    return product_backward_cases(
        102, []() -> auto& { return ops().matmul_backward; });
}
Cases matmul_bf16_backward_cases() {
    return product_backward_cases(
        105, []() -> auto& { return ops().matmul_bf16_backward; });
}

Cases transpose_cases() {
    Random random(103);
    Cases cases;
    std::vector<MatrixSizes> sizes;  // batch, rows, columns
    for (Index rows : odd_sizes())
        for (Index cols : odd_sizes()) sizes.push_back({rows % 3, rows, cols});
    sizes.insert(sizes.end(), {{1, 300, 257}, {3, 129, 130}, {50, 40, 40}, {2, 0, 5}});
    for (const auto& [batch, rows, cols] : sizes) {
        const Index n = batch * rows * cols;
        const Input x = random_numbers(random, n);
        cases.push_back({fmt::format("batch {} rows {} columns {}", batch, rows, cols),
                         {{random_numbers(random, n), exact}},
                         [=, batch = batch, rows = rows, cols = cols](const std::vector<Real*>& y) {
                             ops().transpose(y[0], x, batch, rows, cols);
                         },
                         is_large(n)});
    }
    return cases;
}

// ---- 8 bits ---------------------------------------------------------------------------------

std::vector<MatrixSizes> int8_sizes() {
    std::vector<MatrixSizes> list;
    for (Index N : odd_sizes())
        for (Index K : odd_sizes()) list.push_back({1 + (N + K) % 5, N, K});
    for (Index K : {Index{127}, Index{128}, Index{129}, Index{300}}) list.push_back({3, 5, K});
    list.insert(list.end(), {{0, 3, 2}, {3, 0, 2}, {2, 3, 0}, {1, 1030, 70}, {5, 300, 257}});
    if (!kSanitized) list.insert(list.end(), {{19, 301, 130}, {1, 500, 1100}});
    return list;
}

// 8-bit weights, as the naive loops round them.
struct Rounded {
    std::vector<std::int8_t> q;
    std::vector<Real> scale;
    Rounded(const Real* w, Index rows, Index K)
        : q(static_cast<std::size_t>(rows * int8_row(K))),
          scale(static_cast<std::size_t>(rows * int8_blocks(K))) {
        naive::quantise_int8(q.data(), scale.data(), w, rows, K);
    }
};

Cases quantise_int8_cases() {
    Random random(111);
    Cases cases;
    for (const auto& [M, N, K] : int8_sizes()) {
        const Index blocks = N * int8_blocks(K);
        const Input w = random_numbers(random, N * K);
        cases.push_back({fmt::format("rows {} K {}", N, K),
                         {{random_numbers(random, N * int8_row(K)), exact},
                          {random_numbers(random, blocks), exact}},
                         [=, N = N, K = K](const std::vector<Real*>& y) {
                             std::vector<std::int8_t> q(static_cast<std::size_t>(N * int8_row(K)));
                             ops().quantise_int8(q.data(), y[1], w, N, K);
                             std::copy(q.begin(), q.end(), y[0]);
                         },
                         is_large(N * K)});
    }
    return cases;
}

Cases dequantise_int8_cases() {
    Random random(112);
    Cases cases;
    for (const auto& [M, N, K] : int8_sizes()) {
        const Rounded w(random_numbers(random, N * K).data(), N, K);
        cases.push_back({fmt::format("rows {} K {}", N, K),
                         {{random_numbers(random, N * K), exact}},
                         [=, N = N, K = K](const std::vector<Real*>& y) {
                             ops().dequantise_int8(y[0], w.q.data(), w.scale.data(), N, K);
                         },
                         is_large(N * K)});
    }
    return cases;
}

Cases matmul_int8_cases() {
    Random random(113);
    Cases cases;
    for (const auto& [M, N, K] : int8_sizes()) {
        const auto numbers = random_numbers(random, N * K);
        const Rounded w(numbers.data(), N, K);
        const Input x = random_numbers(random, M * K);
        std::vector<Real> size(static_cast<std::size_t>(M * N));
        naive::matmul({size.data()}, {absolute(x, M * K).data()},
                      {absolute(numbers.data(), N * K).data(), true}, M, N, K);
        // Both sides round x to the same integers; only the sums of blocks round differently.
        const double factor = (6 + 4 * root(int8_blocks(K))) * kEps;
        cases.push_back({fmt::format("M {} N {} K {}", M, N, K),
                         {{random_numbers(random, M * N),
                           [=](std::size_t i, double) { return factor * size[i]; }}},
                         [=, M = M, N = N, K = K](const std::vector<Real*>& y) {
                             ops().matmul_int8(y[0], x, w.q.data(), w.scale.data(), M, N, K);
                         },
                         M * N * K > 70000});
    }
    return cases;
}

// ---- 16 bits --------------------------------------------------------------------------------

// Every 16-bit number there is but NaN, whose bits are not compared (half_test does); in another
// order for odd lengths.
template <auto slot>
Cases widen_cases() {
    Cases cases;
    for (Index n : lengths()) {
        std::vector<std::uint16_t> x(static_cast<std::size_t>(n));
        for (Index i = 0; i < n; ++i) {
            auto& bits = x[static_cast<std::size_t>(i)];
            bits = static_cast<std::uint16_t>(i * (n % 2 ? 1 : 40503));
            Real value = 0;
            slot == &Ops::widen_f16 ? naive::widen_f16(&value, &bits, 1)
                                    : naive::widen_bf16(&value, &bits, 1);
            if (std::isnan(value)) bits = 0;
        }
        cases.push_back({fmt::format("n {}", n),
                         {{std::vector<Real>(static_cast<std::size_t>(n)), exact}},
                         [=](const std::vector<Real*>& y) { (ops().*slot)(y[0], x.data(), n); },
                         is_large(n)});
    }
    return cases;
}

// ---- elementwise ----------------------------------------------------------------------------

using Unary = Slot<void(Real*, const Real*, Index)>;
using Binary = Slot<void(Real*, const Real*, const Real*, Index)>;

// y = a op b, correctly rounded as IEEE 754 demands, so equal to the last bit.
template <Binary Ops::*slot>
Cases exact_cases() {
    Random random(201);
    Cases cases;
    for (Index n : lengths()) {
        const Input a = random_numbers(random, n, -10, 10), b = random_numbers(random, n, 0.1, 10);
        cases.push_back({fmt::format("n {}", n),
                         {{random_numbers(random, n), exact}},
                         [=](const std::vector<Real*>& y) { (ops().*slot)(y[0], a, b, n); },
                         is_large(n)});
    }
    return cases;
}

Cases add_scaled_cases() {
    Random random(202);
    Cases cases;
    for (Index n : lengths()) {
        const Input x = random_numbers(random, n);
        const auto start = random_numbers(random, n);
        cases.push_back(
            {fmt::format("n {}", n),
             {{start, accumulated(start, 2)}},
             [=](const std::vector<Real*>& y) { ops().add_scaled(y[0], x, Real(-1.7), n); },
             is_large(n)});
    }
    return cases;
}

Cases mul_scalar_cases() {
    Random random(203);
    Cases cases;
    for (Index n : lengths()) {
        const Input x = random_numbers(random, n);
        cases.push_back(
            {fmt::format("n {}", n),
             {{random_numbers(random, n), exact}},
             [=](const std::vector<Real*>& y) { ops().mul_scalar(y[0], x, Real(-1.7), n); },
             is_large(n)});
    }
    return cases;
}

Cases div_backward_cases() {
    Random random(204);
    Cases cases;
    for (Index n : lengths()) {
        for (int wanted = 0; wanted < 3; ++wanted) {
            const Input dy = random_numbers(random, n), y_of = random_numbers(random, n),
                        b = random_numbers(random, n, 0.2, 2);
            const auto da = random_numbers(random, n), db = random_numbers(random, n);
            cases.push_back(
                {fmt::format("n {}, wanted {}", n, wanted),
                 {{da, accumulated(da, 4), wanted != 2}, {db, accumulated(db, 4), wanted != 1}},
                 [=](const std::vector<Real*>& y) {
                     ops().div_backward(y[0], y[1], dy, y_of, b, n);
                 },
                 is_large(n)});
        }
    }
    return cases;
}

// y = f(x) for x in [low, high], to `factor` eps of the larger of |y| and `floor`.
template <Unary Ops::*slot>
Cases function_cases(double low, double high, double factor, double floor = 0) {
    Random random(205);
    Cases cases;
    for (Index n : lengths()) {
        const Input x = random_numbers(random, n, low, high);
        cases.push_back({fmt::format("n {}", n),
                         {{random_numbers(random, n),
                           [=](std::size_t, double y) {
                               return factor * kEps * std::max(std::abs(y), floor);
                           }}},
                         [=](const std::vector<Real*>& y) { (ops().*slot)(y[0], x, n); },
                         is_large(n)});
    }
    return cases;
}

// dx += dy f', with x (or y) in [low, high], and |f'| and its terms at most `slope`.
template <Binary Ops::*slot>
Cases derivative_cases(double low, double high, double slope) {
    Random random(206);
    Cases cases;
    for (Index n : lengths()) {
        const Input dy = random_numbers(random, n), x = random_numbers(random, n, low, high);
        const auto start = random_numbers(random, n);
        cases.push_back(
            {fmt::format("n {}", n),
             {{start,
               [=](std::size_t i, double) {
                   return 6 * kEps * (abs_of(start[i]) + slope * abs_of(dy[static_cast<Index>(i)]));
               }}},
             [=](const std::vector<Real*>& y) { (ops().*slot)(y[0], dy, x, n); },
             is_large(n)});
    }
    return cases;
}

// ---- reductions -----------------------------------------------------------------------------

std::vector<MatrixSizes> reduction_sizes() {  // outer, n, inner
    std::vector<MatrixSizes> list;
    for (Index outer : {Index{1}, Index{3}, Index{17}})
        for (Index n : odd_sizes())
            for (Index inner : {Index{1}, Index{2}, Index{7}, Index{33}})
                list.push_back({outer, n, inner});
    list.insert(list.end(), {{1, 70001, 1},
                             {1, 300, 1030},
                             {513, 129, 1},
                             {1, 3000, 65},
                             {2, 70, 700},
                             {70, 2, 701},
                             {1030, 33, 3},
                             {1, 1, 70001},
                             {70001, 1, 1},
                             {0, 3, 2},
                             {3, 0, 2}});
    return list;
}

Cases sum_forward_cases() {
    Random random(301);
    Cases cases;
    for (const auto& [outer, n, inner] : reduction_sizes()) {
        const Input x = random_numbers(random, outer * n * inner);
        std::vector<Real> size(static_cast<std::size_t>(outer * inner));
        naive::sum_forward(size.data(), absolute(x, outer * n * inner).data(), outer, n, inner);
        cases.push_back(
            {fmt::format("outer {} n {} inner {}", outer, n, inner),
             {{random_numbers(random, outer * inner),
               [size, n = n](std::size_t i, double) { return 4 * root(n) * kEps * size[i]; }}},
             [=, outer = outer, n = n, inner = inner](const std::vector<Real*>& y) {
                 ops().sum_forward(y[0], x, outer, n, inner);
             },
             is_large(outer * n * inner)});
    }
    return cases;
}

template <auto op>
Cases broadcast_cases() {
    Random random(302);
    Cases cases;
    for (const auto& [outer, n, inner] : reduction_sizes()) {
        const Input dy = random_numbers(random, outer * inner);
        cases.push_back({fmt::format("outer {} n {} inner {}", outer, n, inner),
                         {{random_numbers(random, outer * n * inner), exact}},
                         [=, outer = outer, n = n, inner = inner](const std::vector<Real*>& y) {
                             (ops().*op)(y[0], dy, outer, n, inner);
                         },
                         is_large(outer * n * inner)});
    }
    return cases;
}

Cases sum_squares_cases() {
    Random random(303);
    Cases cases;
    for (Index n : lengths()) {
        const Input x = random_numbers(random, n);
        // The double is split into two numbers: its leading part, which may round either way, and
        // the rest.
        const auto allowed = [n](std::size_t, double) {
            const double sum = static_cast<double>(n);
            return kEps * sum + 4 * root(n) * std::numeric_limits<double>::epsilon() * sum;
        };
        cases.push_back({fmt::format("n {}", n),
                         {{{0, 0}, allowed}},
                         [=](const std::vector<Real*>& y) {
                             double result = -1;
                             ops().sum_squares(&result, x, n);
                             y[0][0] = static_cast<Real>(result);
                             y[0][1] = static_cast<Real>(result - static_cast<double>(y[0][0]));
                         },
                         is_large(n)});
    }
    return cases;
}

// ---- rows -----------------------------------------------------------------------------------

std::vector<std::pair<Index, Index>> row_sizes() {
    std::vector<std::pair<Index, Index>> list;
    for (Index rows : odd_sizes())
        for (Index cols : odd_sizes()) list.emplace_back(rows, cols);
    list.insert(list.end(), {{0, 5}, {300, 257}, {33, 5001}, {2, 40001}, {5000, 17}});
    return list;
}

Cases softmax_forward_cases() {
    Random random(401);
    Cases cases;
    for (const auto& [rows, cols] : row_sizes()) {
        const Input x = random_numbers(random, rows * cols, -8, 8);
        cases.push_back({fmt::format("rows {} columns {}", rows, cols),
                         {{random_numbers(random, rows * cols), relative(16 + 4 * root(cols))}},
                         [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                             ops().softmax_forward(y[0], x, rows, cols);
                         },
                         is_large(rows * cols)});
    }
    return cases;
}

Cases softmax_backward_cases() {
    Random random(402);
    Cases cases;
    for (const auto& [rows, cols] : row_sizes()) {
        const Index n = rows * cols;
        std::vector<Real> probabilities(static_cast<std::size_t>(n));
        naive::softmax_forward(probabilities.data(), random_numbers(random, n, -4, 4).data(), rows,
                               cols);
        const Input y_of = probabilities, dy = random_numbers(random, n);
        const auto start = random_numbers(random, n);
        // dx += y (dy - sum y dy), and sum y |dy| <= 1.
        const auto allowed = [=, cols = cols](std::size_t i, double) {
            return (4 + 4 * root(cols)) * kEps *
                   (abs_of(start[i]) + 2 * abs_of(y_of[static_cast<Index>(i)]));
        };
        cases.push_back({fmt::format("rows {} columns {}", rows, cols),
                         {{start, allowed}},
                         [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                             ops().softmax_backward(y[0], dy, y_of, rows, cols);
                         },
                         is_large(n)});
    }
    return cases;
}

Cases layer_norm_forward_cases() {
    Random random(403);
    Cases cases;
    constexpr double kLargest = 3;  // of x
    for (const auto& [rows, cols] : row_sizes()) {
        for (const bool with_bias : {true, false}) {
            const Index n = rows * cols;
            const Input x = random_numbers(random, n, -kLargest, kLargest),
                        gain = random_numbers(random, cols, 0.5, 2),
                        bias = random_numbers(random, cols);
            std::vector<Real> y_of(static_cast<std::size_t>(n)),
                mean(static_cast<std::size_t>(rows)), rstd = mean;
            naive::layer_norm_forward(y_of.data(), mean.data(), rstd.data(), x, gain, nullptr,
                                      Real(1e-5), rows, cols);
            // The mean is off by eps kLargest, which x - mean inherits, and rstd multiplies it.
            const double factor = (8 + 4 * root(cols)) * kEps;
            const auto y_allowed = [=, cols = cols](std::size_t i, double) {
                const double r = rstd[i / static_cast<std::size_t>(cols)];
                return factor * (1 + 2 * (2 * kLargest * r) * (1 + kLargest * r));
            };
            const auto rstd_allowed = [=](std::size_t r, double expected) {
                return factor * expected * (1 + kLargest * rstd[r]);
            };
            cases.push_back({fmt::format("rows {} columns {}, bias {}", rows, cols, with_bias),
                             {{random_numbers(random, n), y_allowed},
                              {random_numbers(random, rows),
                               [=](std::size_t, double) { return factor * kLargest; }},
                              {random_numbers(random, rows), rstd_allowed}},
                             [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                                 ops().layer_norm_forward(
                                     y[0], y[1], y[2], x, gain,
                                     with_bias ? static_cast<const Real*>(bias) : nullptr,
                                     Real(1e-5), rows, cols);
                             },
                             is_large(n)});
        }
    }
    return cases;
}

Cases layer_norm_backward_cases() {
    Random random(404);
    Cases cases;
    for (const auto& [rows, cols] : row_sizes()) {
        for (const bool with_bias : {true, false}) {
            const Index n = rows * cols;
            // Any mean and rstd will do; these keep h = (x - mean) rstd below 2.5.
            const Input x = random_numbers(random, n), dy = random_numbers(random, n),
                        gain = random_numbers(random, cols, 0.5, 2),
                        mean = random_numbers(random, rows, -0.2, 0.2),
                        rstd = random_numbers(random, rows, 1, 2);
            const auto dx = random_numbers(random, n), dgain = random_numbers(random, cols),
                       dbias = random_numbers(random, cols);
            const auto dx_allowed = [=, cols = cols](std::size_t i, double) {
                // |dh| <= 2, |average dh| <= 2, |h average(dh h)| <= 2.5 * 5
                return (8 + 4 * root(cols)) * kEps * (abs_of(dx[i]) + 2 * (2 + 2 + 12.5));
            };
            const auto column_allowed = [=, rows = rows](std::size_t, double) {
                return 4 * root(rows) * kEps * (1 + 2.5 * static_cast<double>(rows));
            };
            cases.push_back(
                {fmt::format("rows {} columns {}, bias {}", rows, cols, with_bias),
                 {{dx, dx_allowed}, {dgain, column_allowed}, {dbias, column_allowed, with_bias}},
                 [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                     ops().layer_norm_backward(y[0], y[1], y[2], dy, x, mean, rstd, gain, rows,
                                               cols);
                 },
                 is_large(n)});
        }
    }
    return cases;
}

Cases rms_norm_forward_cases() {
    Random random(405);
    Cases cases;
    for (const auto& [rows, cols] : row_sizes()) {
        const Index n = rows * cols;
        const Input x = random_numbers(random, n, -3, 3),
                    gain = random_numbers(random, cols, 0.5, 2);
        cases.push_back({fmt::format("rows {} columns {}", rows, cols),
                         {{random_numbers(random, n), relative(8 + 4 * root(cols))},
                          {random_numbers(random, rows), relative(8 + 4 * root(cols))}},
                         [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                             ops().rms_norm_forward(y[0], y[1], x, gain, Real(1e-5), rows, cols);
                         },
                         is_large(n)});
    }
    return cases;
}

Cases rms_norm_backward_cases() {
    Random random(406);
    Cases cases;
    for (const auto& [rows, cols] : row_sizes()) {
        const Index n = rows * cols;
        // Any rstd will do; these keep h = x rstd below 2.
        const Input x = random_numbers(random, n), dy = random_numbers(random, n),
                    gain = random_numbers(random, cols, 0.5, 2),
                    rstd = random_numbers(random, rows, 1, 2);
        const auto dx = random_numbers(random, n), dgain = random_numbers(random, cols);
        const auto dx_allowed = [=, cols = cols](std::size_t i, double) {
            // |dh| <= 2, |h average(dh h)| <= 2 * 4
            return (8 + 4 * root(cols)) * kEps * (abs_of(dx[i]) + 2 * (2 + 8));
        };
        const auto column_allowed = [=, rows = rows](std::size_t, double) {
            return 4 * root(rows) * kEps * (1 + 2 * static_cast<double>(rows));
        };
        cases.push_back({fmt::format("rows {} columns {}", rows, cols),
                         {{dx, dx_allowed}, {dgain, column_allowed}},
                         [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                             ops().rms_norm_backward(y[0], y[1], dy, x, rstd, gain, rows, cols);
                         },
                         is_large(n)});
    }
    return cases;
}

// One target per row; every fifth row has none.
std::vector<int> random_targets(Random& random, Index rows, Index cols) {
    std::vector<int> target(static_cast<std::size_t>(rows));
    for (int& t : target)
        t = random.below(5) == 0 ? -1
                                 : static_cast<int>(random.below(static_cast<std::uint64_t>(cols)));
    return target;
}

Cases cross_entropy_forward_cases() {
    Random random(405);
    Cases cases;
    for (const auto& [rows, cols] : row_sizes()) {
        const Input x = random_numbers(random, rows * cols, -8, 8);
        const auto target = random_targets(random, rows, cols);
        const auto allowed = [cols = cols](std::size_t, double) {
            return (8 + 4 * root(cols)) * kEps +
                   4 * kEps * (16 + std::log(static_cast<double>(cols)));
        };
        cases.push_back(
            {fmt::format("rows {} columns {}", rows, cols),
             {{random_numbers(random, rows), allowed}, {random_numbers(random, rows), allowed}},
             [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                 ops().cross_entropy_forward(y[0], y[1], x, target.data(), rows, cols);
             },
             is_large(rows * cols)});
    }
    return cases;
}

Cases cross_entropy_backward_cases() {
    Random random(406);
    Cases cases;
    for (const auto& [rows, cols] : row_sizes()) {
        const Index n = rows * cols;
        const Input x = random_numbers(random, n, -8, 8);
        const auto target = random_targets(random, rows, cols);
        std::vector<Real> loss(static_cast<std::size_t>(rows)), lse = loss;
        naive::cross_entropy_forward(loss.data(), lse.data(), x, target.data(), rows, cols);
        const Input lse_of = lse;
        const auto start = random_numbers(random, n);
        cases.push_back({fmt::format("rows {} columns {}", rows, cols),
                         {{start, accumulated(start, 24)}},
                         [=, rows = rows, cols = cols](const std::vector<Real*>& y) {
                             ops().cross_entropy_backward(y[0], Real(0.37), x, lse_of,
                                                          target.data(), rows, cols);
                         },
                         is_large(n)});
    }
    return cases;
}

// ---- tables, dropout ------------------------------------------------------------------------

struct TableSizes {
    Index n, C, V;
};

std::vector<TableSizes> table_sizes() {
    std::vector<TableSizes> list;
    for (Index n : odd_sizes())
        for (Index C : odd_sizes()) list.push_back({n, C, 1 + n / 2});
    list.insert(list.end(), {{0, 4, 3}, {1000, 65, 7}, {300, 129, 1000}, {3, 70001, 2}});
    return list;
}

std::vector<int> random_ids(Random& random, Index n, Index V) {
    std::vector<int> id(static_cast<std::size_t>(n));
    for (int& i : id) i = static_cast<int>(random.below(static_cast<std::uint64_t>(V)));
    return id;
}

Cases embedding_forward_cases() {
    Random random(501);
    Cases cases;
    for (const auto& [n, C, V] : table_sizes()) {
        const Input table = random_numbers(random, V * C);
        const auto id = random_ids(random, n, V);
        cases.push_back({fmt::format("n {} C {} V {}", n, C, V),
                         {{random_numbers(random, n * C), exact}},
                         [=, n = n, C = C](const std::vector<Real*>& y) {
                             ops().embedding_forward(y[0], table, id.data(), n, C);
                         },
                         is_large(n * C)});
    }
    return cases;
}

Cases embedding_backward_cases() {
    Random random(502);
    Cases cases;
    for (const auto& [n, C, V] : table_sizes()) {
        const Input dy = random_numbers(random, n * C);
        const auto id = random_ids(random, n, V);
        const auto start = random_numbers(random, V * C);
        cases.push_back(
            {fmt::format("n {} C {} V {}", n, C, V),
             {{start,
               [n = n](std::size_t, double) {  // at most n rows are added into one, each below 1
                   return 4 * root(n) * kEps * (1 + static_cast<double>(n));
               }}},
             [=, n = n, C = C, V = V](const std::vector<Real*>& y) {
                 ops().embedding_backward(y[0], dy, id.data(), n, C, V);
             },
             is_large(n * C)});
    }
    return cases;
}

// A dropped element is exactly 0 on both sides, a kept one is not: so these compare the masks bit
// by bit.
Cases dropout_forward_cases() {
    Random random(503);
    Cases cases;
    for (Index n : lengths()) {
        for (const Real rate : {Real(0.1), Real(0.5), Real(0.9)}) {
            const Input x = random_numbers(random, n, 0.5, 1.5);
            const std::uint64_t key = random.bits64();
            cases.push_back(
                {fmt::format("n {} rate {}", n, rate),
                 {{random_numbers(random, n), relative(2)}},
                 [=](const std::vector<Real*>& y) { ops().dropout_forward(y[0], x, rate, key, n); },
                 is_large(n)});
        }
    }
    return cases;
}

Cases dropout_backward_cases() {
    Random random(504);
    Cases cases;
    for (Index n : lengths()) {
        for (const Real rate : {Real(0.1), Real(0.5), Real(0.9)}) {
            const Input dy = random_numbers(random, n, 0.5, 1.5);
            const std::uint64_t key = random.bits64();
            const auto start = random_numbers(random, n);
            cases.push_back({fmt::format("n {} rate {}", n, rate),
                             {{start, accumulated(start, 2)}},
                             [=](const std::vector<Real*>& y) {
                                 ops().dropout_backward(y[0], dy, rate, key, n);
                             },
                             is_large(n)});
        }
    }
    return cases;
}

// ---- attention ------------------------------------------------------------------------------

struct AttentionSizes {
    Index B, T, NH, HS;
};

std::vector<AttentionSizes> attention_sizes() {
    std::vector<AttentionSizes> list;
    Index turn = 0;
    for (Index T : odd_sizes())
        for (Index HS : {Index{1}, Index{5}, Index{8}, Index{16}, Index{32}, Index{33}}) {
            ++turn;
            list.push_back({1 + turn % 3, T, 1 + turn / 3 % 3, HS});
        }
    list.insert(list.end(), {{70, 3, 2, 8}, {1, 70, 3, 17}, {2, 129, 2, 16}, {1, 130, 2, 64}});
    list.insert(list.end(), {{0, 3, 2, 8}, {2, 0, 2, 8}});
    // Three tiles of keys, and one head in three spans.
    if (!kSanitized) list.insert(list.end(), {{2, 257, 1, 32}, {1, 64, 2, 128}, {1, 300, 1, 5}});
    return list;
}

// Error of a score: 2 sqrt(HS) terms of size 4 / sqrt(HS), and e^score inherits it.
double attention_factor(const AttentionSizes& s) {
    return (32 + 4 * root(s.T) + 16 * static_cast<double>(s.HS)) * kEps;
}

// Self-attention on queries, keys and values side by side; attention_kernels_test.cpp has the rest.
AttentionShape packed(const AttentionSizes& s, bool causal, Real rate, std::uint64_t key) {
    const AttentionOptions options{.heads = s.NH,
                                   .mask = causal ? AttentionMask::causal() : AttentionMask::none(),
                                   .dropout = rate,
                                   .key = key};
    return attention_inputs(Tensor::empty({s.B, s.T, 3 * s.NH * s.HS}), options).shape;
}

Cases attention_forward_cases() {
    Random random(601);
    Cases cases;
    for (const auto& s : attention_sizes()) {
        for (int flags = 0; flags < 4; ++flags) {
            const bool causal = flags & 1;
            const Real rate = flags & 2 ? Real(0.25) : Real(0);
            const Index C = s.NH * s.HS, n = s.B * s.T * C;
            const Input qkv = random_numbers(random, 3 * n, -2, 2);
            const std::uint64_t key = random.bits64();
            const double allowed = attention_factor(s) * 2 / (1 - static_cast<double>(rate));
            const auto bound = [allowed](std::size_t, double) { return allowed; };
            cases.push_back({fmt::format("B {} T {} NH {} HS {}, causal {}, rate {}", s.B, s.T,
                                         s.NH, s.HS, causal, rate),
                             {{random_numbers(random, n), bound},
                              {random_numbers(random, s.B * s.NH * s.T), bound}},
                             [=](const std::vector<Real*>& y) {
                                 const AttentionShape shape = packed(s, causal, rate, key);
                                 ops().attention_forward(y[0], y[1], qkv, qkv + C, qkv + 2 * C,
                                                         nullptr, shape);
                             },
                             s.T >= 70 || s.B >= 70});
        }
    }
    return cases;
}

// Generation: sequences of different lengths in a cache, whose last positions are the queries.
Cases attention_kept_cases() {
    struct Sizes {
        Index B, Tq, capacity, heads, kv_heads, key_size, value_size;
    };
    std::vector<Sizes> list = {{1, 1, 1, 1, 1, 1, 1},
                               {2, 1, 40, 4, 1, 16, 16},
                               {3, 4, 131, 2, 2, 8, 5},
                               {1, 13, 150, 2, 1, 33, 7},
                               {2, 5, 33, 3, 3, 130, 64}};
    if (!kSanitized) list.push_back({2, 60, 300, 2, 1, 64, 64});
    Random random(603);
    Cases cases;
    for (const Sizes& s : list) {
        for (const CacheFormat format : {CacheFormat::bf16, CacheFormat::int8}) {
            const KvCache cache(s.B, s.kv_heads, s.capacity, s.key_size, s.value_size, format);
            const auto lengths = std::make_shared<std::vector<Index>>(),
                       offsets = std::make_shared<std::vector<Index>>();
            for (Index b = 0; b < s.B; ++b) {
                lengths->push_back(std::max(s.Tq, s.capacity - 7 * b));
                offsets->push_back(lengths->back() - s.Tq);
                for (Index h = 0; h < s.kv_heads; ++h)
                    for (Index t = 0; t < lengths->back(); ++t) {
                        cache.keys.put(random_numbers(random, s.key_size, -2, 2).data(), b, h, t);
                        cache.values.put(random_numbers(random, s.value_size, -2, 2).data(), b, h,
                                         t);
                    }
            }
            const Index n = s.B * s.Tq * s.heads;
            const Input q = random_numbers(random, n * s.key_size, -2, 2);
            const double allowed = 2 * attention_factor({s.B, s.capacity, s.heads, s.key_size});
            cases.push_back({fmt::format("B {} Tq {} capacity {} heads {}/{} sizes {} {}, {}", s.B,
                                         s.Tq, s.capacity, s.heads, s.kv_heads, s.key_size,
                                         s.value_size, to_string(format)),
                             {{random_numbers(random, n * s.value_size),
                               [allowed](std::size_t, double) { return allowed; }}},
                             [=](const std::vector<Real*>& y) {
                                 const Index row = s.heads * s.key_size;
                                 const AttentionShape shape{
                                     .B = s.B,
                                     .Tq = s.Tq,
                                     .Tk = (*lengths)[0],
                                     .heads = s.heads,
                                     .kv_heads = s.kv_heads,
                                     .key_size = s.key_size,
                                     .value_size = s.value_size,
                                     .q = {s.Tq * row, row, s.key_size},
                                     .k = {},
                                     .v = {},
                                     .scale = 1 / std::sqrt(static_cast<Real>(s.key_size)),
                                     .before = kUnlimited,
                                     .after = 0,
                                     .offset = offsets->data(),
                                     .keys = lengths->data()};
                                 ops().attention_kept(y[0], q, cache.keys.kept(),
                                                      cache.values.kept(), shape);
                             },
                             s.capacity >= 131});
        }
    }
    return cases;
}

// For each element of attention's gradient, the sum of the absolute values of its terms, in double.
std::vector<Real> attention_gradient_size(const AttentionSizes& s, bool causal, Real rate,
                                          std::uint64_t key, const Real* dy, const Real* y,
                                          const Real* lse, const Real* qkv) {
    const Index C = s.NH * s.HS;
    const double scale = 1 / root(s.HS);
    std::vector<Real> size(static_cast<std::size_t>(3 * s.B * s.T * C));
    for (Index b = 0; b < s.B; ++b) {
        for (Index h = 0; h < s.NH; ++h) {
            for (Index t = 0; t < s.T; ++t) {
                for (Index u = 0; u < (causal ? t + 1 : s.T); ++u) {
                    const Index row = (b * s.T + t) * 3 * C + h * s.HS,
                                other = (b * s.T + u) * 3 * C + h * s.HS;
                    const Real* dout = dy + (b * s.T + t) * C + h * s.HS;
                    const Real* out = y + (b * s.T + t) * C + h * s.HS;
                    double score = 0, sum = 0;
                    const auto number =
                        static_cast<std::uint64_t>(((b * s.NH + h) * s.T + t) * s.T + u);
                    const double mask = rate <= 0 ? 1
                                        : dropout_keeps(key, number, dropout_threshold(rate))
                                            ? 1 / (1 - static_cast<double>(rate))
                                            : 0;
                    for (Index i = 0; i < s.HS; ++i) {
                        score += static_cast<double>(qkv[row + i]) *
                                 static_cast<double>(qkv[other + C + i]);
                        sum += abs_of(dout[i]) *
                               (mask * abs_of(qkv[other + 2 * C + i]) + abs_of(out[i]));
                    }
                    const double p = std::exp(score * scale -
                                              static_cast<double>(lse[(b * s.NH + h) * s.T + t]));
                    const auto add = [&](Index at, double amount) {
                        size[static_cast<std::size_t>(at)] += static_cast<Real>(amount);
                    };
                    for (Index i = 0; i < s.HS; ++i) {
                        add(row + i, p * sum * scale * abs_of(qkv[other + C + i]));
                        add(other + C + i, p * sum * scale * abs_of(qkv[row + i]));
                        add(other + 2 * C + i, mask * p * abs_of(dout[i]));
                    }
                }
            }
        }
    }
    return size;
}

Cases attention_backward_cases() {
    Random random(602);
    Cases cases;
    for (const auto& s : attention_sizes()) {
        for (int flags = 0; flags < 4; ++flags) {
            const bool causal = flags & 1;
            const Real rate = flags & 2 ? Real(0.25) : Real(0);
            const Index C = s.NH * s.HS, n = s.B * s.T * C;
            const std::uint64_t key = random.bits64();
            const Input qkv = random_numbers(random, 3 * n, -2, 2), dy = random_numbers(random, n);
            std::vector<Real> y_of(static_cast<std::size_t>(n)),
                lse(static_cast<std::size_t>(s.B * s.NH * s.T));
            const AttentionShape shape = packed(s, causal, rate, key);
            naive::attention_forward(y_of.data(), lse.data(), qkv, qkv + C, qkv + 2 * C, nullptr,
                                     shape);
            const Input y_in = y_of, lse_in = lse;
            const auto start = random_numbers(random, 3 * n);
            const auto size = attention_gradient_size(s, causal, rate, key, dy, y_in, lse_in, qkv);
            cases.push_back(
                {fmt::format("B {} T {} NH {} HS {}, causal {}, rate {}", s.B, s.T, s.NH, s.HS,
                             causal, rate),
                 {{start,
                   [=](std::size_t i, double) {
                       return attention_factor(s) * (abs_of(start[i]) + abs_of(size[i]));
                   }}},
                 [=](const std::vector<Real*>& y) {
                     ops().attention_backward(y[0], y[0] + C, y[0] + 2 * C, nullptr, dy, y_in,
                                              lse_in, qkv, qkv + C, qkv + 2 * C, nullptr, shape);
                 },
                 s.T >= 70 || s.B >= 70});
        }
    }
    return cases;
}

// ---- optimisers -----------------------------------------------------------------------------

Cases sgd_step_cases() {
    Random random(701);
    Cases cases;
    for (Index n : lengths()) {
        for (const bool with_velocity : {true, false}) {
            const Input g = random_numbers(random, n);
            const auto w = random_numbers(random, n), velocity = random_numbers(random, n);
            const Real momentum = with_velocity ? Real(0.9) : Real(0);
            const auto allowed = [](std::size_t, double) {
                return 4 * kEps * 2;
            };  // all numbers are below 2
            cases.push_back({fmt::format("n {}, velocity {}", n, with_velocity),
                             {{w, allowed}, {velocity, allowed, with_velocity}},
                             [=](const std::vector<Real*>& y) {
                                 ops().sgd_step(y[0], g, y[1], Real(0.1), momentum, n);
                             },
                             is_large(n)});
        }
    }
    return cases;
}

Cases adamw_step_cases() {
    Random random(702);
    Cases cases;
    for (Index n : lengths()) {
        const Input g = random_numbers(random, n);
        const auto w = random_numbers(random, n), m = random_numbers(random, n),
                   v = random_numbers(random, n, 0.1, 1);
        // |m| <= 1, v >= 0.099: the step is at most lr (1 / 0.271) / sqrt(0.099 / 0.003) = 0.065.
        const auto allowed = [](std::size_t, double) { return 8 * kEps * 2; };
        cases.push_back({fmt::format("n {}", n),
                         {{w, allowed}, {m, allowed}, {v, allowed}},
                         [=](const std::vector<Real*>& y) {
                             ops().adamw_step(y[0], g, y[1], y[2], Real(0.1), Real(0.9),
                                              Real(0.999), Real(1e-8), Real(0.1), Real(0.271),
                                              Real(0.002997), Real(0.7), n);
                         },
                         is_large(n)});
    }
    return cases;
}

// The sign jumps at 0, so m and g have the same sign, and their mean is either 0 or far from it.
Cases lion_step_cases() {
    Random random(703);
    Cases cases;
    for (Index n : lengths()) {
        auto g = random_numbers(random, n, 0.1, 1), m = random_numbers(random, n, 0.1, 1);
        for (std::size_t i = 0; i < g.size(); ++i) {
            const Real sign = static_cast<Real>(random.below(3)) - 1;  // -1, 0 or 1
            g[i] *= sign, m[i] *= sign;
        }
        const auto w = random_numbers(random, n);
        const auto allowed = [](std::size_t, double) { return 8 * kEps * 2; };
        cases.push_back({fmt::format("n {}", n),
                         {{w, allowed}, {m, allowed}},
                         [g = Input(g), n](const std::vector<Real*>& y) {
                             ops().lion_step(y[0], g, y[1], Real(0.1), Real(0.9), Real(0.99),
                                             Real(0.3), Real(0.7), n);
                         },
                         is_large(n)});
    }
    return cases;
}

// ---- the table of tests ---------------------------------------------------------------------

const std::map<std::string, std::function<Cases()>>& tests() {
    static const std::map<std::string, std::function<Cases()>> table = {
        {"matmul", matmul_cases},
        {"matmul_backward", matmul_backward_cases},
        {"matmul_bf16", matmul_bf16_cases},
        {"matmul_bf16_backward", matmul_bf16_backward_cases},
        {"transpose", transpose_cases},
        {"quantise_int8", quantise_int8_cases},
        {"dequantise_int8", dequantise_int8_cases},
        {"matmul_int8", matmul_int8_cases},
        {"widen_f16", widen_cases<&Ops::widen_f16>},
        {"widen_bf16", widen_cases<&Ops::widen_bf16>},
        {"add", exact_cases<&Ops::add>},
        {"sub", exact_cases<&Ops::sub>},
        {"mul", exact_cases<&Ops::mul>},
        {"div", exact_cases<&Ops::div>},
        {"add_scaled", add_scaled_cases},
        {"add_product", [] { return derivative_cases<&Ops::add_product>(-1, 1, 1); }},
        {"div_backward", div_backward_cases},
        {"mul_scalar", mul_scalar_cases},
        {"exp_forward", [] { return function_cases<&Ops::exp_forward>(-20, 20, 4); }},
        {"exp_backward", [] { return derivative_cases<&Ops::exp_backward>(0, 3, 3); }},
        {"log_forward", [] { return function_cases<&Ops::log_forward>(0.01, 20, 4, 0.1); }},
        {"log_backward", [] { return derivative_cases<&Ops::log_backward>(0.1, 3, 10); }},
        {"sqrt_forward", [] { return function_cases<&Ops::sqrt_forward>(0, 20, 0); }},
        {"sqrt_backward", [] { return derivative_cases<&Ops::sqrt_backward>(0.1, 3, 5); }},
        {"tanh_forward",
         [] { return function_cases<&Ops::tanh_forward>(-4, 4, kDouble ? 24 : 10); }},
        {"tanh_backward", [] { return derivative_cases<&Ops::tanh_backward>(-1, 1, 1); }},
        {"sigmoid_forward", [] { return function_cases<&Ops::sigmoid_forward>(-10, 10, 8); }},
        {"sigmoid_backward", [] { return derivative_cases<&Ops::sigmoid_backward>(0, 1, 1); }},
        {"relu_forward", [] { return function_cases<&Ops::relu_forward>(-1, 1, 0); }},
        {"relu_backward", [] { return derivative_cases<&Ops::relu_backward>(-1, 1, 0); }},
        // 1 + tanh u cancels where x is negative, and x multiplies what is left.
        {"gelu_forward", [] { return function_cases<&Ops::gelu_forward>(-4, 4, 8, 4); }},
        {"gelu_backward", [] { return derivative_cases<&Ops::gelu_backward>(-4, 4, 8); }},
        {"silu_forward", [] { return function_cases<&Ops::silu_forward>(-10, 10, 8); }},
        {"silu_backward", [] { return derivative_cases<&Ops::silu_backward>(-10, 10, 8); }},
        {"sum_forward", sum_forward_cases},
        {"sum_backward", broadcast_cases<&Ops::sum_backward>},
        {"add_broadcast", broadcast_cases<&Ops::add_broadcast>},
        {"sum_squares", sum_squares_cases},
        {"softmax_forward", softmax_forward_cases},
        {"softmax_backward", softmax_backward_cases},
        {"layer_norm_forward", layer_norm_forward_cases},
        {"layer_norm_backward", layer_norm_backward_cases},
        {"rms_norm_forward", rms_norm_forward_cases},
        {"rms_norm_backward", rms_norm_backward_cases},
        {"cross_entropy_forward", cross_entropy_forward_cases},
        {"cross_entropy_backward", cross_entropy_backward_cases},
        {"embedding_forward", embedding_forward_cases},
        {"embedding_backward", embedding_backward_cases},
        {"dropout_forward", dropout_forward_cases},
        {"dropout_backward", dropout_backward_cases},
        {"attention_forward", attention_forward_cases},
        {"attention_backward", attention_backward_cases},
        {"attention_kept", attention_kept_cases},
        {"sgd_step", sgd_step_cases},
        {"adamw_step", adamw_step_cases},
        {"lion_step", lion_step_cases},
    };
    return table;
}

using Results = std::vector<std::vector<Real>>;  // one array per output of a case

Results run(const Case& c) {
    std::vector<Guarded> arrays;
    for (const auto& output : c.outputs) arrays.emplace_back(output.start);
    std::vector<Real*> pointers;
    for (std::size_t o = 0; o < arrays.size(); ++o)
        pointers.push_back(c.outputs[o].wanted ? arrays[o].data() : nullptr);
    c.call(pointers);
    Results results;
    for (std::size_t o = 0; o < arrays.size(); ++o) {
        CHECK_MESSAGE(arrays[o].intact(),
                      isa() << ": writes outside output " << o << ", " << c.sizes);
        results.push_back(arrays[o].values());
    }
    return results;
}

// Describes the element that is furthest outside its bound; "" if all are inside.
std::string disagreement(const Written& output, const std::vector<Real>& got,
                         const std::vector<Real>& expected) {
    double worst = 1;
    std::string message;
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (got[i] == expected[i]) continue;
        const double difference =
            std::abs(static_cast<double>(got[i]) - static_cast<double>(expected[i]));
        const double allowed = output.allowed(i, static_cast<double>(expected[i]));
        if (difference <= worst * allowed) continue;  // false for NaN
        worst = difference / allowed;
        message =
            fmt::format("element {}: {} where the naive loops say {}, {} times the allowed {}", i,
                        got[i], expected[i], worst, allowed);
        if (!(difference < INFINITY) || allowed == 0) return message;
    }
    return message;
}

// A configuration to compare with the naive loops: every instruction set and, for bf16 products,
// every unit of the processor that can compute them.
struct Setting {
    std::string isa;
    Bf16Unit unit = Bf16Unit::floats;

    void use() const {
        use_isa(isa);
        set_bf16_unit(unit);
    }
    std::string name() const {
        return isa + (unit == Bf16Unit::dots    ? ", bf16 by dot products"
                      : unit == Bf16Unit::tiles ? ", bf16 by tiles"
                                                : "");
    }
};

std::vector<Setting> settings(const std::string& op) {
    std::vector<Setting> list;
    for (const auto& isa : isa_names())
        if (isa != "naive") list.push_back({isa});
    if (op.find("bf16") != std::string::npos && isa_names().back() == "avx512")
        for (const Bf16Unit unit : {Bf16Unit::dots, Bf16Unit::tiles})
            if (has_bf16_unit(unit)) list.push_back({"avx512", unit});
    return list;
}

void compare_with_naive(const char* name) {
    REQUIRE_MESSAGE(tests().count(name) == 1, "no test for the operation " << name);
    const Cases cases = tests().at(name)();
    const SavedSettings saved;
    set_threads(1);
    use_isa("naive");
    std::vector<Results> expected;
    for (const auto& c : cases) expected.push_back(run(c));
    for (const auto& setting : settings(name)) {
        setting.use();
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Results got = run(cases[i]);
            for (std::size_t o = 0; o < got.size(); ++o) {
                const std::string message =
                    disagreement(cases[i].outputs[o], got[o], expected[i][o]);
                CHECK_MESSAGE(message.empty(), setting.name()
                                                   << ", " << cases[i].sizes << ", output " << o
                                                   << ": " << message);
            }
        }
    }
}

void compare_thread_counts(const char* name) {
    REQUIRE_MESSAGE(tests().count(name) == 1, "no test for the operation " << name);
    Cases cases;
    for (auto& c : tests().at(name)())
        if (c.threaded) cases.push_back(std::move(c));
    CHECK(!cases.empty());
    const SavedSettings saved;
    for (const auto& setting : settings(name)) {  // the naive loops run on one thread
        setting.use();
        set_threads(1);
        std::vector<Results> expected;
        for (const auto& c : cases) expected.push_back(run(c));
        for (int n = 2; n <= 4; ++n) {
            set_threads(n);
            for (std::size_t i = 0; i < cases.size(); ++i) {
                const Results got = run(cases[i]);
                bool same = true;
                for (std::size_t o = 0; o < got.size(); ++o)
                    same =
                        same && (got[o].empty() || std::memcmp(got[o].data(), expected[i][o].data(),
                                                               got[o].size() * sizeof(Real)) == 0);
                CHECK_MESSAGE(same, setting.name() << ", " << cases[i].sizes
                                                   << ": different bits with " << n << " threads");
            }
        }
    }
}

}  // namespace

#define OP(name, arguments)                                                  \
    TEST_CASE(#name ": every instruction set agrees with the naive loops") { \
        compare_with_naive(#name);                                           \
    }
#define NAIVE_OP(name, arguments)
#include "tensor/ops.inc"
#undef OP

#define OP(name, arguments)                                         \
    TEST_CASE(#name ": the same bits with 1, 2, 3 and 4 threads") { \
        compare_thread_counts(#name);                               \
    }
#define NAIVE_OP(name, arguments)
#include "tensor/ops.inc"
#undef OP

TEST_CASE("the list of operations and the list of their tests are the same") {
    std::set<std::string> slots, tested;
#define OP(name, arguments) slots.insert(#name);
#define NAIVE_OP(name, arguments)
#include "tensor/ops.inc"
#undef OP
    for (const auto& [name, cases] : tests()) tested.insert(name);
    CHECK(slots == tested);
}

TEST_CASE(
    "every slot knows its own name, counts its calls and is filled by every instruction set") {
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CHECK(isa() == set);
#define OP(op, arguments)                       \
    CHECK(std::string(ops().op.name()) == #op); \
    CHECK((ops().op.function() != nullptr));
#include "tensor/ops.inc"
#undef OP
    }
    const std::uint64_t before = ops().add.calls();
    const Real a[] = {1, 2}, b[] = {3, 4};
    Real y[2];
    ops().add(y, a, b, 2);
    CHECK(ops().add.calls() == before + 1);
    CHECK(y[1] == 6);
}

TEST_CASE("these operations have no vectorised version, and no others") {
    CHECK(naive_ops() ==
          std::vector<std::string>{"read_strided", "write_strided", "add_strided", "round_f16",
                                   "round_bf16", "dequantise_blocks", "quantise_blocks",
                                   "gelu_erf_forward", "gelu_erf_backward", "token_weights",
                                   "rotary_forward", "rotary_backward", "unfold_forward",
                                   "unfold_backward", "max_pool_forward", "max_pool_backward"});
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CHECK((ops().read_strided.function() == naive::read_strided));
    }
}

TEST_CASE("instruction sets do not share their functions") {
    const SavedSettings saved;
    std::set<void (*)(Real*, const Real*, Index)> functions;
    for (const auto& set : isa_names()) {
        use_isa(set);
        functions.insert(ops().exp_forward.function());
    }
    CHECK(functions.size() == isa_names().size());
}

TEST_CASE("an instruction set that does not exist is refused with the list of those that do") {
    const std::string before = isa();
    std::string list;
    for (const auto& set : isa_names()) list += (list.empty() ? "" : ", ") + set;
    CHECK_THROWS_WITH_AS(
        use_isa("avx1024"),
        ("isa: \"avx1024\" is not one of those this processor runs: " + list).c_str(),
        std::invalid_argument);
    CHECK(isa() == before);
}

TEST_CASE("a function installed in a slot is called until the end of the scope") {
    const auto before = ops().relu_forward.function();
    const Real x[] = {-1, 2};
    Real y[] = {0, 0};
    {
        const ScopedOverride guard(ops().relu_forward, [](Real* out, const Real*, Index n) {
            for (Index i = 0; i < n; ++i) out[i] = 7;
        });
        ops().relu_forward(y, x, 2);
        CHECK(y[0] == 7);
    }
    CHECK((ops().relu_forward.function() == before));
    ops().relu_forward(y, x, 2);
    CHECK(y[0] == 0);
    CHECK(y[1] == 2);
}

TEST_CASE("attention drops exactly the probabilities that dropout_keeps names") {
    // With the unit vectors as values, y[t] is row t of the probabilities. 20 positions, head
    // size 20.
    constexpr Index B = 2, NH = 2, T = 20, HS = 20, C = NH * HS;
    Random random(801);
    std::vector<Real> numbers = random_numbers(random, B * T * 3 * C);
    for (Index b = 0; b < B; ++b)
        for (Index s = 0; s < T; ++s)
            for (Index c = 0; c < C; ++c)
                numbers[static_cast<std::size_t>((b * T + s) * 3 * C + 2 * C + c)] =
                    c % HS == s ? 1 : 0;
    const std::uint64_t key = 0x0123456789ABCDEF;
    const Real rate = Real(0.3);
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        CAPTURE(set);
        use_isa(set);
        std::vector<Real> y(B * T * C), lse(B * NH * T);
        ops().attention_forward(y.data(), lse.data(), numbers.data(), numbers.data() + C,
                                numbers.data() + 2 * C, nullptr,
                                packed({B, T, NH, HS}, true, rate, key));
        int wrong = 0, dropped = 0;
        for (Index b = 0; b < B; ++b)
            for (Index h = 0; h < NH; ++h)
                for (Index t = 0; t < T; ++t)
                    for (Index s = 0; s < T; ++s) {
                        const auto number =
                            static_cast<std::uint64_t>(((b * NH + h) * T + t) * T + s);
                        const bool kept =
                            s <= t && dropout_keeps(key, number, dropout_threshold(rate));
                        const Real p = y[static_cast<std::size_t>((b * T + t) * C + h * HS + s)];
                        wrong += (p != 0) != kept;
                        dropped += s <= t && !kept;
                    }
        CHECK(wrong == 0);
        CHECK(dropped > 150);  // 30% of 840 is 252, standard deviation 13
        CHECK(dropped < 350);
    }
}

TEST_CASE("sum_squares adds up in double, whatever Real is") {
    // 1 + 2^-40 + 2^-40 + ...: in float every small term would be lost.
    std::vector<Real> x(1025, Real(0x1p-20));
    x[0] = 1;
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        CAPTURE(set);
        use_isa(set);
        double result = 0;
        ops().sum_squares(&result, x.data(), 1025);
        CHECK(result == 1 + 1024 * 0x1p-40);
    }
}
