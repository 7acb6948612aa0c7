// SPDX-License-Identifier: MIT
// Negative controls: errors that people really make, put into the table of operations one at a
// time. Each must make the gradient check fail; a check that passes here would prove nothing about
// the operation.
#include <doctest/doctest.h>

#include <cmath>

#include "autograd/all.h"
#include "autograd/gradient_check.h"
#include "tensor/ops.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

using Variables = std::vector<Variable>;
using Function = std::function<Variable(const Variables&)>;

// The check must pass with the library's own function and fail while the mutant is installed.
// Finite differences in float are accurate only to 1e-2: enough here, since each mutant is wrong in
// the first digit.
template <class Signature>
void must_be_caught(Slot<Signature>& slot, typename Slot<Signature>::Function mutant,
                    const Function& f, const std::vector<Tensor>& inputs) {
    const GradientCheck right = gradient_check(f, inputs);
    CHECK_MESSAGE(right.ok, "before: " << right.message);
    const std::uint64_t calls = slot.calls();
    {
        const ScopedOverride guard(slot, mutant);
        const GradientCheck wrong = gradient_check(f, inputs);
        CHECK_FALSE(wrong.ok);
        CHECK(wrong.worst > 2);  // not a near miss
    }
    CHECK(slot.calls() > calls);
    CHECK(gradient_check(f, inputs).ok);
}

std::vector<Real> zeros(Index n) {
    return std::vector<Real>(static_cast<std::size_t>(n));
}

const Tensor& square_matrix() {
    static const Tensor t = uniform({4, 4}, 1);
    return t;
}
Variable product(const Variables& v) {
    return matmul(v[0], v[1]);
}

const AttentionOptions kHeads{.heads = 2};
Variable attend(const Variables& v) {
    return attention(v[0], kHeads);
}
const std::vector<Tensor>& attention_input() {
    static const std::vector<Tensor> input = {uniform({1, 5, 24}, 3, -1.5, 1.5)};
    return input;
}

// A mutant of attention's gradient: the naive one, except for how far past t the mask reaches,
// whether the score is scaled, and whether dot(dy, y) is subtracted. One batch row, no dropout.
template <int kLastShift, bool kScaled, bool kSubtracted>
void wrong_attention(Real* dqkv, Real*, Real*, Real*, const Real* dy, const Real* y,
                     const Real* lse, const Real* qkv, const Real*, const Real*, const Real*,
                     const AttentionShape& shape) {
    const Index T = shape.Tq, NH = shape.heads, HS = shape.key_size, C = NH * HS;
    const Real scale = 1 / std::sqrt(static_cast<Real>(HS));
    for (Index h = 0; h < NH; ++h) {
        for (Index t = 0; t < T; ++t) {
            for (Index s = 0; s <= std::min(T - 1, t + kLastShift); ++s) {
                const Index q = t * 3 * C + h * HS, k = s * 3 * C + C + h * HS, v = k + C,
                            out = t * C + h * HS;
                Real score = 0, dp = 0, dot = 0;
                for (Index i = 0; i < HS; ++i) {
                    score += qkv[q + i] * qkv[k + i];
                    dp += dy[out + i] * qkv[v + i];
                    dot += dy[out + i] * y[out + i];
                }
                const Real p = std::exp(score * scale - lse[h * T + t]);
                const Real dscore = p * (dp - (kSubtracted ? dot : 0)) * (kScaled ? scale : 1);
                for (Index i = 0; i < HS; ++i) {
                    dqkv[q + i] += dscore * qkv[k + i];
                    dqkv[k + i] += dscore * qkv[q + i];
                    dqkv[v + i] += p * dy[out + i];
                }
            }
        }
    }
}

}  // namespace

TEST_CASE("mutant: matmul_backward with the operands exchanged") {
    must_be_caught(
        ops().matmul_backward,
        [](Output da, Output db, const Real* dc, const Real* a, Operand b, Index M, Index N,
           Index K) { naive::matmul_backward(da, db, dc, b.data, {a}, M, N, K); },
        product, {square_matrix(), uniform({4, 4}, 2)});
}

TEST_CASE("mutant: matmul_backward that forgets the transpose") {
    must_be_caught(ops().matmul_backward,
                   [](Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                      Index N, Index K) {
                       naive::matmul_backward(da, db, dc, a, {b.data, !b.transposed}, M, N, K);
                   },
                   product, {square_matrix(), uniform({4, 4}, 2)});
}

TEST_CASE("mutant: matmul_backward with = instead of +=") {
    must_be_caught(
        ops().matmul_backward,
        [](Output da, Output db, const Real* dc, const Real* a, Operand b, Index M, Index N,
           Index K) { naive::matmul_backward({da.data}, db, dc, a, b, M, N, K); },
        product, {uniform({3, 5}, 1), uniform({5, 2}, 2)});
}

TEST_CASE("mutant: matmul_backward that leaves out the last column") {
    must_be_caught(ops().matmul_backward,
                   [](Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                      Index N, Index K) {
                       std::vector<Real> cut(dc, dc + M * N);
                       for (Index m = 0; m < M; ++m)
                           cut[static_cast<std::size_t>(m * N + N - 1)] = 0;
                       naive::matmul_backward(da, db, cut.data(), a, b, M, N, K);
                   },
                   product, {uniform({3, 5}, 1), uniform({5, 17}, 2)});
}

TEST_CASE("mutant: the gradient through a stored weight with the matrix the wrong way round") {
    static const StoredWeight weight =
        store(square_matrix(), WeightFormat::bf16, WeightLayout::in_out);
    must_be_caught(
        ops().matmul,
        [](Output c, Operand a, Operand b, Index M, Index N, Index K) {
            naive::matmul(c, a, {b.data}, M, N, K);
        },
        [](const Variables& v) { return linear(v[0], weight); }, {uniform({3, 4}, 2)});
}

TEST_CASE("mutant: a product that does not accumulate") {
    must_be_caught(
        ops().add_product,
        [](Real* y, const Real* a, const Real* b, Index n) { naive::mul(y, a, b, n); },
        [](const Variables& v) { return v[0] * v[1]; }, {uniform({7}, 1), uniform({7}, 2)});
}

TEST_CASE("mutant: div_backward with the wrong sign for the denominator") {
    must_be_caught(
        ops().div_backward,
        [](Real* da, Real* db, const Real* dy, const Real* y, const Real* b, Index n) {
            naive::div_backward(da, nullptr, dy, y, b, n);
            for (Index i = 0; i < n; ++i) db[i] += dy[i] * y[i] / b[i];
        },
        [](const Variables& v) { return v[0] / v[1]; }, {uniform({7}, 1), uniform({7}, 2, 0.5, 2)});
}

TEST_CASE("mutant: exp_backward that passes dy on without the factor y") {
    must_be_caught(
        ops().exp_backward,
        [](Real* dx, const Real* dy, const Real*, Index n) { naive::add_scaled(dx, dy, 1, n); },
        [](const Variables& v) { return exp(v[0]); }, {uniform({7}, 1)});
}

TEST_CASE("mutant: log_backward that multiplies instead of dividing") {
    must_be_caught(
        ops().log_backward,
        [](Real* dx, const Real* dy, const Real* x, Index n) { naive::add_product(dx, dy, x, n); },
        [](const Variables& v) { return log(v[0]); }, {uniform({7}, 1, 0.5, 3)});
}

TEST_CASE("mutant: sqrt_backward without the factor 2") {
    must_be_caught(
        ops().sqrt_backward,
        [](Real* dx, const Real* dy, const Real* y, Index n) { naive::log_backward(dx, dy, y, n); },
        [](const Variables& v) { return sqrt(v[0]); }, {uniform({7}, 1, 0.5, 3)});
}

TEST_CASE("mutant: tanh_backward with 1 - y instead of 1 - y^2") {
    must_be_caught(
        ops().tanh_backward,
        [](Real* dx, const Real* dy, const Real* y, Index n) {
            for (Index i = 0; i < n; ++i) dx[i] += dy[i] * (1 - y[i]);
        },
        [](const Variables& v) { return tanh(v[0]); }, {uniform({7}, 1)});
}

TEST_CASE("mutant: sigmoid_backward that takes tanh's derivative") {
    must_be_caught(
        ops().sigmoid_backward,
        [](Real* dx, const Real* dy, const Real* y, Index n) {
            naive::tanh_backward(dx, dy, y, n);
        },
        [](const Variables& v) { return sigmoid(v[0]); }, {uniform({7}, 1)});
}

TEST_CASE("mutant: relu_backward that tests the sign of dy instead of x") {
    const Tensor x = uniform({17}, 1);
    for (Index i = 0; i < 17; ++i)
        x[i] += static_cast<Real>(x[i] < 0 ? -0.2 : 0.2);  // off the kink
    must_be_caught(
        ops().relu_backward,
        [](Real* dx, const Real* dy, const Real*, Index n) { naive::relu_backward(dx, dy, dy, n); },
        [](const Variables& v) { return relu(v[0]); }, {x});
}

TEST_CASE("mutant: gelu_backward without the second term of the product rule") {
    must_be_caught(
        ops().gelu_backward,
        [](Real* dx, const Real* dy, const Real* x, Index n) {
            for (Index i = 0; i < n; ++i) {
                const Real u = Real(0.79788456) * (x[i] + Real(0.044715) * x[i] * x[i] * x[i]);
                dx[i] += dy[i] * (1 + std::tanh(u)) / 2;
            }
        },
        [](const Variables& v) { return gelu(v[0]); }, {uniform({17}, 1, -2, 2)});
}

TEST_CASE("mutant: sum_backward that spreads over the wrong axis") {
    must_be_caught(
        ops().sum_backward,
        [](Real* dx, const Real* dy, Index outer, Index n, Index inner) {
            for (Index o = 0; o < outer; ++o)
                for (Index j = 0; j < n; ++j)
                    for (Index i = 0; i < inner; ++i)
                        dx[(o * n + j) * inner + i] += dy[o * inner + j % inner];
        },
        [](const Variables& v) { return sum(v[0], 1); }, {uniform({2, 3, 3}, 1)});
}

TEST_CASE("mutant: sum_backward that does not accumulate") {
    must_be_caught(
        ops().sum_backward,
        [](Real* dx, const Real* dy, Index outer, Index n, Index inner) {
            std::fill_n(dx, outer * n * inner, Real(0));
            naive::sum_backward(dx, dy, outer, n, inner);
        },
        [](const Variables& v) { return sum(v[0], 0); }, {uniform({3, 5}, 1)});
}

TEST_CASE("mutant: sum_forward that leaves out the last row, as the gradient of a bias") {
    must_be_caught(
        ops().sum_forward,
        [](Real* y, const Real* x, Index outer, Index n, Index inner) {
            for (Index o = 0; o < outer; ++o)
                naive::sum_forward(y + o * inner, x + o * n * inner, 1, n > 1 ? n - 1 : n, inner);
        },
        [](const Variables& v) { return linear(v[0], v[1], v[2]); },
        {uniform({3, 4}, 1), uniform({4, 2}, 2), uniform({2}, 3)});
}

TEST_CASE("mutant: softmax_backward without the sum over the row") {
    must_be_caught(
        ops().softmax_backward,
        [](Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
            naive::add_product(dx, dy, y, rows * cols);
        },
        [](const Variables& v) { return softmax(v[0]); }, {uniform({3, 5}, 1, -2, 2)});
}

TEST_CASE("mutant: layer_norm_backward that treats the mean as a constant") {
    must_be_caught(
        ops().layer_norm_backward,
        [](Real* dx, Real* dgain, Real* dbias, const Real* dy, const Real* x, const Real* mean,
           const Real* rstd, const Real* gain, Index rows, Index cols) {
            auto unused = zeros(rows * cols);
            naive::layer_norm_backward(unused.data(), dgain, dbias, dy, x, mean, rstd, gain, rows,
                                       cols);
            for (Index r = 0; r < rows; ++r) {
                Real dot = 0;
                for (Index c = 0; c < cols; ++c)
                    dot += dy[r * cols + c] * gain[c] * (x[r * cols + c] - mean[r]) * rstd[r];
                for (Index c = 0; c < cols; ++c) {
                    const Real h = (x[r * cols + c] - mean[r]) * rstd[r];
                    dx[r * cols + c] +=
                        rstd[r] * (dy[r * cols + c] * gain[c] - h * dot / static_cast<Real>(cols));
                }
            }
        },
        [](const Variables& v) { return layer_norm(v[0], v[1], v[2]); },
        {uniform({3, 7}, 1, -2, 2), uniform({7}, 2, 0.5, 2), uniform({7}, 3)});
}

TEST_CASE("mutant: layer_norm_backward whose gain gradient ignores the normalisation") {
    must_be_caught(
        ops().layer_norm_backward,
        [](Real* dx, Real* dgain, Real* dbias, const Real* dy, const Real* x, const Real* mean,
           const Real* rstd, const Real* gain, Index rows, Index cols) {
            auto unused = zeros(cols);
            naive::layer_norm_backward(dx, unused.data(), dbias, dy, x, mean, rstd, gain, rows,
                                       cols);
            for (Index i = 0; i < rows * cols; ++i) dgain[i % cols] += dy[i] * x[i];
        },
        [](const Variables& v) { return layer_norm(v[0], v[1], v[2]); },
        {uniform({3, 7}, 1, -2, 2), uniform({7}, 2, 0.5, 2), uniform({7}, 3)});
}

TEST_CASE("mutant: cross_entropy_backward that does not subtract the target") {
    must_be_caught(
        ops().cross_entropy_backward,
        [](Real* dx, Real scale, const Real* x, const Real* lse, const int* target, Index rows,
           Index cols) {
            naive::cross_entropy_backward(dx, scale, x, lse, target, rows, cols);
            for (Index r = 0; r < rows; ++r) dx[r * cols + target[r]] += scale;
        },
        [](const Variables& v) {
            return cross_entropy(v[0], Tokens({3}, {0, 4, 2}));
        },
        {uniform({3, 5}, 1, -2, 2)});
}

TEST_CASE("mutant: cross_entropy_backward that is one target off") {
    must_be_caught(
        ops().cross_entropy_backward,
        [](Real* dx, Real scale, const Real* x, const Real* lse, const int* target, Index rows,
           Index cols) {
            std::vector<int> next(target, target + rows);
            for (int& t : next) t = static_cast<int>((t + 1) % cols);
            naive::cross_entropy_backward(dx, scale, x, lse, next.data(), rows, cols);
        },
        [](const Variables& v) {
            return cross_entropy(v[0], Tokens({3}, {0, 4, 2}));
        },
        {uniform({3, 5}, 1, -2, 2)});
}

TEST_CASE("mutant: embedding_backward that overwrites where a token occurs twice") {
    must_be_caught(
        ops().embedding_backward,
        [](Real* dtable, const Real* dy, const int* id, Index n, Index C, Index) {
            for (Index i = 0; i < n; ++i)
                for (Index c = 0; c < C; ++c) dtable[id[i] * C + c] = dy[i * C + c];
        },
        [](const Variables& v) {
            return embedding(v[0], Tokens({4}, {1, 0, 1, 2}));
        },
        {uniform({3, 2}, 1)});
}

TEST_CASE("mutant: dropout_backward with another mask") {
    must_be_caught(
        ops().dropout_backward,
        [](Real* dx, const Real* dy, Real rate, std::uint64_t key, Index n) {
            naive::dropout_backward(dx, dy, rate, key + 1, n);
        },
        [](const Variables& v) { return dropout(v[0], Real(0.4), 11); }, {uniform({33}, 1)});
}

TEST_CASE("mutant: dropout_backward that forgets to scale up what is kept") {
    must_be_caught(
        ops().dropout_backward,
        [](Real* dx, const Real* dy, Real rate, std::uint64_t key, Index n) {
            auto scaled = zeros(n);
            naive::dropout_backward(scaled.data(), dy, rate, key, n);
            naive::add_scaled(dx, scaled.data(), 1 - rate, n);
        },
        [](const Variables& v) { return dropout(v[0], Real(0.4), 11); }, {uniform({33}, 1)});
}

TEST_CASE("the stand-in for attention's gradient is right without a mutation") {
    const ScopedOverride guard(ops().attention_backward, wrong_attention<0, true, true>);
    const GradientCheck result = gradient_check(attend, attention_input());
    CHECK_MESSAGE(result.ok, result.message);
}

TEST_CASE("mutant: attention_backward that drops 1 / sqrt(HS)") {
    must_be_caught(ops().attention_backward, wrong_attention<0, false, true>, attend,
                   attention_input());
}

TEST_CASE("mutant: attention_backward whose causal mask reaches one position too far") {
    must_be_caught(ops().attention_backward, wrong_attention<1, true, true>, attend,
                   attention_input());
}

TEST_CASE("mutant: attention_backward whose causal mask ends one position too early") {
    must_be_caught(ops().attention_backward, wrong_attention<-1, true, true>, attend,
                   attention_input());
}

TEST_CASE("mutant: attention_backward without the sum term of the softmax") {
    must_be_caught(ops().attention_backward, wrong_attention<0, true, false>, attend,
                   attention_input());
}

TEST_CASE("mutant: attention_backward that ignores dropout") {
    must_be_caught(
        ops().attention_backward,
        [](Real* dq, Real* dk, Real* dv, Real* dbias, const Real* dy, const Real* y,
           const Real* lse, const Real* q, const Real* k, const Real* v, const Real* bias,
           const AttentionShape& shape) {
            AttentionShape kept = shape;
            kept.dropout = 0;
            naive::attention_backward(dq, dk, dv, dbias, dy, y, lse, q, k, v, bias, kept);
        },
        [](const Variables& v) {
            return attention(v[0], {.heads = 2, .dropout = Real(0.4), .key = 3});
        },
        attention_input());
}

// Four heads of queries that share two of keys and values, a window, lengths and a bias; and the
// same with a mistake in the shape that backward gets.
Variable attend_in_groups(const Variables& v) {
    const AttentionOptions options{.heads = 4,
                                   .kv_heads = 2,
                                   .mask = AttentionMask::window(2),
                                   .query_lengths = {3, 2},
                                   .key_lengths = {4, 3}};
    return attention(v[0], v[1], v[2], options, v[3]);
}
std::vector<Tensor> group_inputs() {
    return {uniform({2, 3, 8}, 1), uniform({2, 4, 4}, 2), uniform({2, 4, 6}, 3),
            uniform({4, 3, 4}, 4)};
}
template <auto change>
void wrong_shape(Real* dq, Real* dk, Real* dv, Real* dbias, const Real* dy, const Real* y,
                 const Real* lse, const Real* q, const Real* k, const Real* v, const Real* bias,
                 const AttentionShape& shape) {
    AttentionShape changed = shape;
    change(changed);
    naive::attention_backward(dq, dk, dv, dbias, dy, y, lse, q, k, v, bias, changed);
}

TEST_CASE("mutant: attention_backward whose window is one key wider") {
    must_be_caught(ops().attention_backward,
                   wrong_shape<[](AttentionShape& shape) { ++shape.before; }>, attend_in_groups,
                   group_inputs());
}

TEST_CASE("mutant: attention_backward that takes padding for keys") {
    must_be_caught(
        ops().attention_backward, wrong_shape<[](AttentionShape& shape) { shape.keys = nullptr; }>,
        [](const Variables& v) {
            const AttentionOptions options{
                .heads = 4, .kv_heads = 2, .mask = AttentionMask::none(), .key_lengths = {4, 2}};
            return attention(v[0], v[1], v[2], options, v[3]);
        },
        group_inputs());
}

TEST_CASE("mutant: attention_backward that aligns queries and keys at the start") {
    static const Index zeros[2] = {};
    must_be_caught(ops().attention_backward,
                   wrong_shape<[](AttentionShape& shape) { shape.offset = zeros; }>,
                   attend_in_groups, group_inputs());
}

TEST_CASE("mutant: attention_backward in which all heads share the first keys") {
    must_be_caught(ops().attention_backward,
                   wrong_shape<[](AttentionShape& shape) { shape.k.head = shape.v.head = 0; }>,
                   attend_in_groups, group_inputs());
}

TEST_CASE("mutant: attention_backward that scales the gradient of the bias") {
    must_be_caught(
        ops().attention_backward,
        [](Real* dq, Real* dk, Real* dv, Real* dbias, const Real* dy, const Real* y,
           const Real* lse, const Real* q, const Real* k, const Real* v, const Real* bias,
           const AttentionShape& shape) {
            auto plain = zeros(shape.heads * shape.Tq * shape.Tk);
            naive::attention_backward(dq, dk, dv, plain.data(), dy, y, lse, q, k, v, bias, shape);
            naive::add_scaled(dbias, plain.data(), shape.scale, static_cast<Index>(plain.size()));
        },
        attend_in_groups, group_inputs());
}

TEST_CASE("mutant: add_strided that puts everything at the first elements") {
    must_be_caught(
        ops().add_strided,
        [](Real* x, const Real* y, const StridedView& view) {
            Index n = 1;
            for (Index size : view.size) n *= size;
            naive::add_scaled(x, y, 1, n);
        },
        [](const Variables& v) {
            return permute(v[0], {1, 0});
        },
        {uniform({3, 4}, 1)});
}

TEST_CASE("mutant: rms_norm_backward that takes the norm for a constant") {
    must_be_caught(
        ops().rms_norm_backward,
        [](Real* dx, Real* dgain, const Real* dy, const Real* x, const Real* rstd, const Real* gain,
           Index rows, Index cols) {
            auto thrown_away = zeros(rows * cols);
            naive::rms_norm_backward(thrown_away.data(), dgain, dy, x, rstd, gain, rows, cols);
            for (Index i = 0; i < rows * cols; ++i)
                dx[i] += dy[i] * gain[i % cols] * rstd[i / cols];
        },
        [](const Variables& v) { return rms_norm(v[0], v[1], Real(1e-5)); },
        {uniform({3, 4}, 1), uniform({4}, 2)});
}

TEST_CASE("mutant: silu_backward that forgets that its sigmoid depends on x") {
    must_be_caught(
        ops().silu_backward,
        [](Real* dx, const Real* dy, const Real* x, Index n) {
            for (Index i = 0; i < n; ++i) dx[i] += dy[i] / (1 + std::exp(-x[i]));
        },
        [](const Variables& v) { return silu(v[0]); }, {uniform({33}, 1, 1, 3)});
}

TEST_CASE("mutant: gelu_erf_backward that is the derivative of the tanh form times two") {
    must_be_caught(
        ops().gelu_erf_backward,
        [](Real* dx, const Real* dy, const Real* x, Index n) {
            naive::gelu_backward(dx, dy, x, n);
            naive::gelu_backward(dx, dy, x, n);
        },
        [](const Variables& v) { return gelu_erf(v[0]); }, {uniform({33}, 1)});
}

TEST_CASE("mutant: rotary_backward that turns the same way as forward") {
    must_be_caught(
        ops().rotary_backward,
        [](Real* dx, const Real* dy, const Real* cosine, const Real* sine,
           const RotaryShape& shape) {
            const Index n = shape.B * shape.T * shape.all * shape.size;
            auto turned = zeros(n);
            naive::rotary_forward(turned.data(), dy, cosine, sine, shape);
            naive::add_scaled(dx, turned.data(), 1, n);
        },
        [](const Variables& v) { return rotary(v[0], rotary_table(5, 4), {.size = 4}); },
        {uniform({1, 5, 4}, 1)});
}

TEST_CASE("mutant: unfold_backward that forgets the dilation") {
    must_be_caught(
        ops().unfold_backward,
        [](Real* dx, const Real* dy, const Windows& windows) {
            Windows narrow = windows;
            narrow.dilation = 1;
            naive::unfold_backward(dx, dy, narrow);
        },
        [](const Variables& v) { return unfold(v[0], {.columns = 2, .dilation = 2}); },
        {uniform({1, 3, 4, 2}, 1)});
}

TEST_CASE("mutant: max_pool_backward that shares the gradient out in the window") {
    must_be_caught(
        ops().max_pool_backward,
        [](Real* dx, const Real* dy, const Index*, const Windows& w) {
            auto spread = zeros(w.B * w.OH * w.OW * w.rows * w.columns * w.C);
            for (std::size_t i = 0; i < spread.size(); ++i) {
                const auto at = static_cast<Index>(i);
                spread[i] = dy[at / (w.rows * w.columns * w.C) * w.C + at % w.C] /
                            static_cast<Real>(w.rows * w.columns);
            }
            naive::unfold_backward(dx, spread.data(), w);
        },
        [](const Variables& v) { return max_pool(v[0], {.rows = 2, .columns = 2}); },
        {uniform({1, 3, 4, 2}, 1)});
}

TEST_CASE("mutant: a forward pass that does not fit its backward is caught as well") {
    must_be_caught(
        ops().layer_norm_forward,
        [](Real* y, Real* mean, Real* rstd, const Real* x, const Real* gain, const Real* bias,
           Real eps, Index rows, Index cols) {
            naive::layer_norm_forward(y, mean, rstd, x, gain, bias, eps, rows, cols);
            for (Index i = 0; i < rows * cols; ++i) y[i] *= 2;
        },
        [](const Variables& v) { return layer_norm(v[0], v[1], v[2]); },
        {uniform({3, 7}, 1, -2, 2), uniform({7}, 2, 0.5, 2), uniform({7}, 3)});
}
