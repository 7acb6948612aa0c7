// SPDX-License-Identifier: MIT
// Every operation of autograd/ against finite differences: random output weights, odd shapes,
// gradients that start from random values. One test reads the sources of autograd/ and fails if
// they record an operation that has no gradient check here.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "autograd/all.h"
#include "autograd/gradient_check.h"
#include "tests/settings.h"
#include "tests/sources.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

using Variables = std::vector<Variable>;
using Function = std::function<Variable(const Variables&)>;

std::set<std::string>& checked_ops() {
    static std::set<std::string> names;
    return names;
}

struct Checked {
    explicit Checked(const char* name) { checked_ops().insert(name); }
};

// A test case named after the operation it checks.
#define GRADIENT_TEST(op)            \
    const Checked checked_##op(#op); \
    TEST_CASE("the gradient of " #op " agrees with finite differences")

// Numbers at least `gap` away from zero, where relu has its kink and division its pole.
Tensor away_from_zero(const Shape& shape, std::uint64_t seed, double gap = 0.2) {
    const Tensor t = uniform(shape, seed);
    for (Index i = 0; i < t.count(); ++i) t[i] += static_cast<Real>(t[i] < 0 ? -gap : gap);
    return t;
}

bool graph_holds(const Variable& root, const std::string& op) {
    Variables work{root};
    while (!work.empty()) {
        const Variable variable = work.back();
        work.pop_back();
        if (variable.node()->op == op) return true;
        for (const auto& input : variable.node()->inputs)
            if (input.defined()) work.push_back(input);
    }
    return false;
}

// Checks the gradient of every input, and that `f` really records `op`.
void check(const std::string& op, const Function& f, const std::vector<Tensor>& inputs,
           const GradientCheckOptions& options = {}) {
    Variables parameters;
    for (const auto& input : inputs) parameters.push_back(parameter(input.clone()));
    CHECK_MESSAGE(graph_holds(f(parameters), op), "the function checked does not record " << op);
    const GradientCheck result = gradient_check(f, inputs, options);
    CAPTURE(result.worst);
    CHECK_MESSAGE(result.ok, op << ": " << result.message);
}

// Pairs of shapes that broadcast in every way: equal, missing axes, axes of size 1 on either side
// and on both.
const std::vector<std::pair<Shape, Shape>>& broadcasting_pairs() {
    static const std::vector<std::pair<Shape, Shape>> pairs = {{{3, 5}, {3, 5}},
                                                               {{3, 5}, {5}},
                                                               {{5}, {3, 5}},
                                                               {{3, 5}, {1}},
                                                               {{3, 5}, {}},
                                                               {{}, {3, 5}},
                                                               {{}, {}},
                                                               {{3, 1}, {1, 5}},
                                                               {{3, 1}, {3, 5}},
                                                               {{1, 5}, {3, 5}},
                                                               {{2, 3, 5}, {3, 1}},
                                                               {{2, 1, 5}, {3, 1}},
                                                               {{2, 3, 5}, {1, 5}},
                                                               {{1, 3, 1}, {2, 1, 7}},
                                                               {{2, 1, 3, 1}, {5, 1, 2}},
                                                               {{1, 1}, {7}},
                                                               {{17}, {17}}};
    return pairs;
}

void check_binary(const std::string& op, Variable (*f)(const Variable&, const Variable&)) {
    std::uint64_t seed = 100;
    for (const auto& pair : broadcasting_pairs()) {
        const Shape &a = pair.first, &b = pair.second;
        CAPTURE(to_string(a));
        CAPTURE(to_string(b));
        // Positive denominators: near zero, finite differences of a / b are useless.
        const Tensor second = op == "div" ? uniform(b, seed + 1, 0.5, 2) : uniform(b, seed + 1);
        check(op, [f](const Variables& x) { return f(x[0], x[1]); }, {uniform(a, seed), second});
        // Only one of the two needs a gradient.
        const Tensor first = uniform(a, seed);
        check(op, [&](const Variables& x) { return f(first, x[0]); }, {second});
        check(op, [&](const Variables& x) { return f(x[0], second); }, {first});
        seed += 2;
    }
    // The same variable on both sides.
    check(op, [f](const Variables& x) { return f(x[0], x[0]); }, {uniform({3, 5}, 99, 0.5, 2)});
}

void check_unary(const std::string& op, Variable (*f)(const Variable&), double low, double high) {
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 3, 11}}) {
        CAPTURE(to_string(shape));
        check(op, [f](const Variables& x) { return f(x[0]); }, {uniform(shape, 7, low, high)});
    }
}

}  // namespace

GRADIENT_TEST(add) {
    check_binary("add", add);
}
GRADIENT_TEST(sub) {
    check_binary("sub", sub);
}
GRADIENT_TEST(mul) {
    check_binary("mul", mul);
}
GRADIENT_TEST(div) {
    check_binary("div", div);
}

GRADIENT_TEST(mul_scalar) {
    for (const Real s : {Real(-1.5), Real(0), Real(3)})
        check("mul_scalar", [s](const Variables& x) { return mul_scalar(x[0], s); },
              {uniform({3, 5}, 1)});
}

GRADIENT_TEST(add_scalar) {
    check("add_scalar", [](const Variables& x) { return add_scalar(x[0], Real(0.7)); },
          {uniform({3, 5}, 1)});
    check("add_scalar", [](const Variables& x) { return add_scalar(x[0], 2); }, {uniform({}, 1)});
}

GRADIENT_TEST(exp) {
    check_unary("exp", exp, -1, 1);
}
GRADIENT_TEST(log) {
    check_unary("log", log, 0.5, 3);
}
GRADIENT_TEST(sqrt) {
    check_unary("sqrt", sqrt, 0.5, 3);
}
GRADIENT_TEST(tanh) {
    check_unary("tanh", tanh, -2, 2);
}
GRADIENT_TEST(sigmoid) {
    check_unary("sigmoid", sigmoid, -3, 3);
}
GRADIENT_TEST(gelu) {
    check_unary("gelu", gelu, -3, 3);
}

GRADIENT_TEST(gelu_erf) {
    check_unary("gelu_erf", gelu_erf, -3, 3);
}
GRADIENT_TEST(silu) {
    check_unary("silu", silu, -4, 4);
}

GRADIENT_TEST(relu) {
    for (const Shape& shape : {Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 3, 11}})
        check("relu", [](const Variables& x) { return relu(x[0]); }, {away_from_zero(shape, 3)});
}

GRADIENT_TEST(matmul) {
    using Sizes = std::array<Index, 3>;
    for (const auto& s : {Sizes{1, 1, 1}, Sizes{3, 5, 7}, Sizes{1, 7, 3}, Sizes{7, 1, 3},
                          Sizes{2, 3, 1}, Sizes{5, 17, 9}}) {
        const Index M = s[0], N = s[1], K = s[2];
        CAPTURE(M);
        CAPTURE(N);
        CAPTURE(K);
        const Tensor a = uniform({M, K}, 1), b = uniform({K, N}, 2), bt = uniform({N, K}, 3);
        check("matmul", [](const Variables& x) { return matmul(x[0], x[1]); }, {a, b});
        check("matmul", [](const Variables& x) { return matmul(x[0], x[1], Transpose::yes); },
              {a, bt});
        check("matmul", [&](const Variables& x) { return matmul(a, x[0]); }, {b});
        check("matmul", [&](const Variables& x) { return matmul(x[0], bt, Transpose::yes); }, {a});
    }
    check("matmul", [](const Variables& x) { return matmul(x[0], x[1]); },
          {uniform({2, 3, 4}, 4), uniform({4, 5}, 5)});
    check("matmul", [](const Variables& x) { return matmul(x[0], x[0]); }, {uniform({4, 4}, 6)});
}

GRADIENT_TEST(linear) {
    const Tensor x = uniform({2, 3, 4}, 1), weight = uniform({4, 5}, 2), bias = uniform({5}, 3);
    check("linear", [](const Variables& v) { return linear(v[0], v[1], v[2]); }, {x, weight, bias});
    check("linear", [](const Variables& v) { return linear(v[0], v[1], {}); }, {x, weight});
    check("linear", [&](const Variables& v) { return linear(x, v[0], v[1]); }, {weight, bias});
    check("linear", [&](const Variables& v) { return linear(x, weight, v[0]); }, {bias});
    check("linear", [](const Variables& v) { return linear(v[0], v[1], v[2]); },
          {uniform({1, 1}, 4), uniform({1, 1}, 5), uniform({1}, 6)});
}

TEST_CASE("the gradient of a stored weight's input and bias is right in every format and layout") {
    const Tensor x = uniform({2, 3, 4}, 1), bias = uniform({5}, 3);
    for (const auto format :
         {WeightFormat::f32, WeightFormat::f16, WeightFormat::bf16, WeightFormat::int8})
        for (const auto layout : {WeightLayout::in_out, WeightLayout::out_in}) {
            // In int8, (OUT, IN), x is rounded: a staircase without a slope.
            if (format == WeightFormat::int8 && layout == WeightLayout::out_in) continue;
            const bool by_rows = layout == WeightLayout::out_in;
            const StoredWeight w =
                store(uniform(by_rows ? Shape{5, 4} : Shape{4, 5}, 2), format, layout);
            check("linear", [&](const Variables& v) { return linear(v[0], w, v[1]); }, {x, bias});
            check("linear", [&](const Variables& v) { return linear(v[0], w); }, {x});
            check("linear", [&](const Variables& v) { return linear(x, w, v[0]); }, {bias});
        }
    // There it is the gradient of the product with the numbers represented.
    const StoredWeight w = store(uniform({5, 4}, 2), WeightFormat::int8, WeightLayout::out_in);
    const Variable a = parameter(x.clone()), b = parameter(x.clone());
    sum(square(linear(a, w))).backward();
    sum(square(matmul(b, values_of(w), Transpose::yes))).backward();
    for (Index i = 0; i < x.count(); ++i)
        CHECK(a.grad()[i] == doctest::Approx(static_cast<double>(b.grad()[i])).epsilon(1e-3));
}

GRADIENT_TEST(transpose) {
    for (const Shape& shape : {Shape{1, 1}, Shape{3, 5}, Shape{2, 7, 3}, Shape{2, 1, 3, 4}})
        check("transpose", [](const Variables& x) { return transpose(x[0]); }, {uniform(shape, 1)});
}

GRADIENT_TEST(sum) {
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{3, 5}, Shape{2, 3, 11}})
        check("sum", [](const Variables& x) { return sum(x[0]); }, {uniform(shape, 1)});
    check("sum", [](const Variables& x) { return mean(x[0]); }, {uniform({3, 5}, 2)});
}

GRADIENT_TEST(sum_axis) {
    for (int axis = -3; axis < 3; ++axis) {
        CAPTURE(axis);
        check("sum_axis", [axis](const Variables& x) { return sum(x[0], axis); },
              {uniform({2, 3, 5}, 1)});
        check("sum_axis", [axis](const Variables& x) { return mean(x[0], axis); },
              {uniform({2, 3, 5}, 2)});
    }
    check("sum_axis", [](const Variables& x) { return sum(x[0], 0); }, {uniform({7}, 3)});
}

GRADIENT_TEST(broadcast_to) {
    check("broadcast_to",
          [](const Variables& x) {
              return broadcast_to(x[0], {3, 5});
          },
          {uniform({5}, 1)});
    check("broadcast_to",
          [](const Variables& x) {
              return broadcast_to(x[0], {3, 5});
          },
          {uniform({3, 1}, 2)});
    check("broadcast_to",
          [](const Variables& x) {
              return broadcast_to(x[0], {2, 3, 5});
          },
          {uniform({}, 3)});
    check("broadcast_to",
          [](const Variables& x) {
              return broadcast_to(x[0], {4, 2, 3, 5});
          },
          {uniform({2, 1, 5}, 4)});
    check("broadcast_to",
          [](const Variables& x) {
              return broadcast_to(x[0], {3, 5});
          },
          {uniform({3, 5}, 5)});
}

GRADIENT_TEST(reshape) {
    check("reshape",
          [](const Variables& x) {
              return reshape(x[0], {5, 6});
          },
          {uniform({2, 3, 5}, 1)});
    check("reshape", [](const Variables& x) { return reshape(x[0], {}); }, {uniform({1, 1}, 2)});
}

GRADIENT_TEST(slice) {
    check("slice", [](const Variables& x) { return slice(x[0], 1, 3); }, {uniform({4, 3}, 1)});
    check("slice", [](const Variables& x) { return slice(x[0], 0, 7); }, {uniform({7}, 2)});
    check("slice", [](const Variables& x) { return slice(x[0], 6, 7) + slice(x[0], 0, 1); },
          {uniform({7, 2}, 3)});
}

GRADIENT_TEST(concat) {
    check("concat",
          [](const Variables& x) {
              return concat({x[0], x[1], x[2]});
          },
          {uniform({2, 3}, 1), uniform({1, 3}, 2), uniform({4, 3}, 3)});
    check("concat", [](const Variables& x) { return concat({x[0], x[0]}); }, {uniform({3}, 4)});
    const Tensor constant = uniform({2, 3}, 5);
    check("concat",
          [&](const Variables& x) {
              return concat({constant, x[0]});
          },
          {uniform({1, 3}, 6)});
}

GRADIENT_TEST(softmax) {
    for (const Shape& shape : {Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 3, 17}})
        check("softmax", [](const Variables& x) { return softmax(x[0]); },
              {uniform(shape, 1, -2, 2)});
}

GRADIENT_TEST(layer_norm) {
    for (const Shape& shape : {Shape{5}, Shape{3, 7}, Shape{2, 3, 17}}) {
        const Index C = shape[-1];
        // Spread out, so that the derivative of 1 / sqrt(variance) stays small.
        const Tensor x = uniform(shape, 1, -2, 2), gain = uniform({C}, 2, 0.5, 2),
                     bias = uniform({C}, 3);
        CAPTURE(to_string(shape));
        check("layer_norm", [](const Variables& v) { return layer_norm(v[0], v[1], v[2]); },
              {x, gain, bias});
        check("layer_norm", [](const Variables& v) { return layer_norm(v[0], v[1], {}); },
              {x, gain});
        check("layer_norm", [&](const Variables& v) { return layer_norm(v[0], gain, bias); }, {x});
        check("layer_norm", [&](const Variables& v) { return layer_norm(x, v[0], v[1]); },
              {gain, bias});
    }
}

GRADIENT_TEST(cross_entropy) {
    check("cross_entropy",
          [](const Variables& x) {
              return cross_entropy(x[0], Tokens({3}, {0, 4, 2}));
          },
          {uniform({3, 5}, 1, -2, 2)});
    check("cross_entropy",
          [](const Variables& x) {
              return cross_entropy(x[0], Tokens({2, 2}, {6, -1, 0, -1}));
          },
          {uniform({2, 2, 7}, 2, -2, 2)});
    check("cross_entropy", [](const Variables& x) { return cross_entropy(x[0], Tokens({1}, {0})); },
          {uniform({1, 1}, 3)});
}

GRADIENT_TEST(embedding) {
    check("embedding",
          [](const Variables& x) {
              return embedding(x[0], Tokens({5}, {3, 0, 3, 3, 1}));
          },
          {uniform({4, 3}, 1)});
    check("embedding",
          [](const Variables& x) {
              return embedding(x[0], Tokens({2, 3}, {0, 1, 2, 2, 1, 0}));
          },
          {uniform({3, 1}, 2)});
}

GRADIENT_TEST(dropout) {
    for (const std::uint64_t key : {1, 2, 3})
        check("dropout", [key](const Variables& x) { return dropout(x[0], Real(0.4), key); },
              {uniform({3, 17}, 1)});
}

GRADIENT_TEST(attention) {
    struct Sizes {
        Index B, T, NH, HS;
    };
    for (const auto& s :
         {Sizes{1, 1, 1, 1}, {2, 3, 1, 5}, {1, 5, 2, 3}, {2, 4, 3, 2}, {1, 7, 1, 8}}) {
        for (int flags = 0; flags < 4; ++flags) {
            const AttentionOptions options{
                .heads = s.NH,
                .mask = flags & 1 ? AttentionMask::causal() : AttentionMask::none(),
                .dropout = flags & 2 ? Real(0.3) : Real(0),
                .key = 5};
            CAPTURE(s.B);
            CAPTURE(s.T);
            CAPTURE(s.NH);
            CAPTURE(s.HS);
            CAPTURE(flags);
            check("attention", [&](const Variables& x) { return attention(x[0], options); },
                  {uniform({s.B, s.T, 3 * s.NH * s.HS}, 9, -1.5, 1.5)});
        }
    }
}

GRADIENT_TEST(permute) {
    check("permute",
          [](const Variables& x) {
              return permute(x[0], {2, 0, 1});
          },
          {uniform({2, 3, 5}, 1)});
    check("permute",
          [](const Variables& x) {
              return permute(x[0], {0, 2, 1, -1});
          },
          {uniform({2, 3, 5, 1}, 2)});
    check("permute",
          [](const Variables& x) {
              return permute(x[0], {5, 3, 1, 0, 2, 4});
          },
          {uniform({2, 1, 3, 2, 2, 3}, 3)});
}

TEST_CASE("the gradients of slice and concat are right on every axis") {
    for (int axis = -3; axis < 3; ++axis) {
        CAPTURE(axis);
        check("slice", [axis](const Variables& x) { return slice(x[0], axis, 1, 3); },
              {uniform({3, 4, 5}, 1)});
        Shape longer{2, 3, 4};
        longer = longer.with(axis, 5);
        check("concat",
              [axis](const Variables& x) {
                  return concat({x[0], x[1], x[0]}, axis);
              },
              {uniform({2, 3, 4}, 2), uniform(longer, 3)});
    }
}

GRADIENT_TEST(rms_norm) {
    for (const Shape& shape : {Shape{1, 1}, Shape{3, 5}, Shape{2, 3, 7}})
        for (const Real eps : {Real(1e-5), Real(0.3)})
            check("rms_norm", [eps](const Variables& x) { return rms_norm(x[0], x[1], eps); },
                  {away_from_zero(shape, 1), uniform({shape[-1]}, 2, 0.5, 2)});
    const Tensor x = uniform({3, 5}, 1), gain = uniform({5}, 2);
    check("rms_norm", [&](const Variables& v) { return rms_norm(x, v[0], Real(1e-5)); }, {gain});
    check("rms_norm", [&](const Variables& v) { return rms_norm(v[0], gain, Real(1e-5)); }, {x});
}

GRADIENT_TEST(rotary) {
    const RotaryTable table = rotary_table(9, 4);
    for (const RotaryPairs pairs : {RotaryPairs::halves, RotaryPairs::adjacent})
        for (const Index heads : {0, 1, 2}) {
            const RotaryOptions options{
                .size = 5, .heads = heads, .pairs = pairs, .offsets = {0, 4}};
            check("rotary", [&](const Variables& x) { return rotary(x[0], table, options); },
                  {uniform({2, 3, 3 * 5}, 1)});
        }
}

GRADIENT_TEST(recompute) {
    check("recompute",
          [](const Variables& x) {
              const Variable weight = x[1];
              return recompute(
                  [weight](const Variable& input) { return gelu(matmul(input, weight)) + input; },
                  x[0], {weight});
          },
          {uniform({3, 4}, 1), uniform({4, 4}, 2)});
    const Tensor constant = uniform({3, 4}, 3);
    check("recompute",
          [&](const Variables& x) {
              const Variable weight = x[0];
              return recompute([weight](const Variable& v) { return v * weight; }, constant,
                               {weight});
          },
          {uniform({3, 4}, 4)});
}

// Every stride, dilation and padding at a small size; and the largest that a window reaches.
std::vector<WindowOptions> windows() {
    std::vector<WindowOptions> list;
    for (const Index stride : {1, 2})
        for (const Index dilation : {1, 2})
            for (const Index pad : {0, 1})
                list.push_back({2, 3, stride, dilation, 0, pad}),
                    list.push_back({3, 1, stride, dilation, pad, 0});
    return list;
}

GRADIENT_TEST(unfold) {
    for (const WindowOptions& w : windows()) {
        CAPTURE(w.rows);
        CAPTURE(w.stride);
        CAPTURE(w.dilation);
        check("unfold", [&](const Variables& x) { return unfold(x[0], w); },
              {uniform({2, 5, 6, 3}, 1)});
        check("linear", [&](const Variables& x) { return convolution(x[0], x[1], x[2], w); },
              {uniform({2, 5, 6, 3}, 1), uniform({w.rows * w.columns * 3, 4}, 2), uniform({4}, 3)});
        check("unfold", [&](const Variables& x) { return mean_pool(x[0], w); },
              {uniform({2, 5, 6, 3}, 1)});
    }
}

GRADIENT_TEST(max_pool) {
    // Numbers that are far apart, so that a small change does not exchange winners.
    Tensor x({2, 5, 6, 3});
    Random random(4);
    std::vector<int> order(static_cast<std::size_t>(x.count()));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    random.shuffle(order);
    for (Index i = 0; i < x.count(); ++i)
        x[i] = static_cast<Real>(order[static_cast<std::size_t>(i)]) / 90 - 1;
    for (const WindowOptions& w : windows()) {
        if (w.pad_rows > (w.rows - 1) * w.dilation / 2) continue;
        check("max_pool", [&](const Variables& v) { return max_pool(v[0], w); }, {x});
    }
}

// Queries, keys and values of their own, in every kind of shape: the gradient of each of them, and
// of the bias that a batch shares.
TEST_CASE("the gradient of attention is right with grouped heads, masks, lengths and a bias") {
    const AttentionMask masks[] = {
        AttentionMask::none(), AttentionMask::causal(), AttentionMask::window(2), {1, 1}};
    for (int flags = 0; flags < 16; flags += kSanitized ? 5 : 1) {  // 5: each set and not set
        for (const AttentionMask mask : masks) {
            CAPTURE(flags);
            CAPTURE(mask.before);
            CAPTURE(mask.after);
            AttentionOptions options{.heads = 4, .kv_heads = flags & 1 ? 2 : 4, .mask = mask};
            if (flags & 2) options.query_lengths = {3, 2}, options.key_lengths = {5, 2};
            if (flags & 4) options.scale = Real(0.7);
            std::vector<Tensor> inputs = {uniform({2, 3, 4 * 3}, 1), uniform({2, 5, 2 * 2 * 3}, 2),
                                          uniform({2, 5, 2 * 2 * 2}, 3)};
            if (options.kv_heads == 2)
                inputs[1] = uniform({2, 5, 2 * 3}, 2), inputs[2] = uniform({2, 5, 2 * 2}, 3);
            if (flags & 8) inputs.push_back(uniform({4, 3, 5}, 4));
            check(
                "attention",
                [&](const Variables& x) {
                    return attention(x[0], x[1], x[2], options, x.size() > 3 ? x[3] : Variable());
                },
                inputs);
        }
    }
}

TEST_CASE("every operation that autograd/ records has a gradient check") {
    std::set<std::string> recorded;
    for (const auto& path : source_files("autograd")) {
        if (path.stem() == "variable") continue;  // declares and defines record()
        const std::string text = source_text(path);
        for (auto at = text.find("record("); at != std::string::npos;
             at = text.find("record(", at + 1)) {
            const auto quote = text.find_first_not_of(" \n", at + 7);
            CAPTURE(path.string());
            REQUIRE(text[quote] == '"');  // the operation's name must be a literal
            recorded.insert(text.substr(quote + 1, text.find('"', quote + 1) - quote - 1));
        }
    }
    CHECK(recorded.size() >= 24);
    for (const auto& op : recorded)
        CHECK_MESSAGE(checked_ops().count(op) == 1, "no gradient check for " << op);
    for (const auto& op : checked_ops())
        CHECK_MESSAGE(recorded.count(op) == 1, "no operation is called " << op);
}

TEST_CASE(
    "the gradient of a small network agrees with finite differences under every instruction set") {
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        const Tokens ids({2, 3}, {0, 3, 1, 2, 2, 4}), targets({2, 3}, {3, 1, -1, 2, 4, 0});
        check("attention",
              [&](const Variables& v) {
                  const Variable x = embedding(v[0], ids);
                  const Variable h =
                      x + attention(linear(layer_norm(x, v[1], v[2]), v[3], v[4]), {.heads = 2});
                  return cross_entropy(matmul(gelu(h), v[0], Transpose::yes), targets);
              },
              {uniform({5, 6}, 1), uniform({6}, 2, 0.5, 1.5), uniform({6}, 3), uniform({6, 18}, 4),
               uniform({18}, 5)});
    }
}

TEST_CASE("operators with a scalar operand compute and record what they should") {
    const Variable x = parameter(Tensor::from({2}));
    CHECK((x + 3).value()[0] == 5);
    CHECK((3 + x).value()[0] == 5);
    CHECK((x - 3).value()[0] == -1);
    CHECK((3 - x).value()[0] == 1);
    CHECK((x * 3).value()[0] == 6);
    CHECK((3 * x).value()[0] == 6);
    CHECK((x / 4).value()[0] == Real(0.5));
    CHECK((-x).value()[0] == -2);
    CHECK(square(x).value()[0] == 4);
    check("mul_scalar", [](const Variables& v) { return 3 - 2 * v[0] / 5 + (-v[0] - 1); },
          {uniform({7}, 1)});
    check("mul", [](const Variables& v) { return square(v[0]); }, {uniform({3, 5}, 2)});
}

TEST_CASE("gradient_check names the input and the element with both numbers") {
    // A function whose backward is half of what it should be at one element.
    const auto wrong = [](const Variables& v) {
        const Variable x = v[1];
        return record("wrong", x.value().clone(), {x}, [x](const Tensor& dy) {
            for (Index i = 0; i < dy.count(); ++i) x.grad()[i] += i == 4 ? dy[i] / 2 : dy[i];
        });
    };
    const GradientCheck result = gradient_check(wrong, {uniform({2}, 1), uniform({2, 3}, 2)});
    CHECK_FALSE(result.ok);
    CHECK(result.worst > 1);
    CHECK(result.message.rfind("input 1, element 4 of (2, 3): backward gives ", 0) == 0);
    CHECK(result.message.find(", differences ") != std::string::npos);
}

TEST_CASE("gradient_check refuses NaN") {
    const auto nan = [](const Variables& v) {
        const Variable x = v[0];
        return record("nan", x.value().clone(), {x},
                      [x](const Tensor&) { x.grad().fill(Real(NAN)); });
    };
    const GradientCheck result = gradient_check(nan, {uniform({3}, 1)});
    CHECK_FALSE(result.ok);
    CHECK(result.worst == std::numeric_limits<double>::infinity());
}

TEST_CASE("gradient_check leaves the tensors it was given as they were") {
    const Tensor x = uniform({5}, 1);
    const auto before = x.to_vector();
    CHECK(gradient_check([](const Variables& v) { return tanh(v[0]); }, {x}).ok);
    CHECK(x.to_vector() == before);
}
