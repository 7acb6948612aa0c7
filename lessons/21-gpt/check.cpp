// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <map>
#include <set>

#include "autograd/cross_entropy.h"
#include "autograd/reduce.h"
#include "lessons/check/answers.h"
#include "nn/models/gpt.h"

namespace gradus::lesson_21 {
namespace {

const BuiltInMatmul products;

using Numbers = std::vector<Real>;
using Parameters = std::vector<NamedParameter>;

AnyModule mlp(Index C, std::uint64_t seed = 1) {
    Initialiser init(seed);
    return part().make_mlp(C, init);
}
AnyModule attention(Index C, Index NH, std::uint64_t seed = 1) {
    Initialiser init(seed);
    return part().make_attention(C, NH, init);
}
AnyModule block(Index C, Index NH, std::uint64_t seed = 1) {
    Initialiser init(seed);
    return part().make_block(C, NH, init);
}
AnyGpt gpt(const Sizes& sizes, std::uint64_t seed = 1) {
    Initialiser init(seed);
    return part().make_gpt(sizes, init);
}

Tensor random(const Shape& shape, std::uint64_t seed) {
    return Tensor::from(shape, normal_numbers(seed, shape.count()));
}

// Tokens 0 to V - 1, in an order that is the same every time.
Tokens some_ids(std::uint64_t seed, Index B, Index T, Index V) {
    Random random(seed);
    std::vector<int> id(static_cast<std::size_t>(B * T));
    for (int& one : id) one = static_cast<int>(random.below(static_cast<std::uint64_t>(V)));
    return Tokens({B, T}, id);
}

// --- parameters by name ---------------------------------------------------------------------------

struct Wanted {
    std::string name;
    Shape shape;
};
using List = std::vector<Wanted>;

void append(List& list, const std::string& prefix, const List& more) {
    for (const auto& [name, shape] : more) list.push_back({prefix + "." + name, shape});
}
List linear_list(Index in, Index out) {
    return {{"weight", {in, out}}, {"bias", {out}}};
}
List norm_list(Index C) {
    return {{"weight", {C}}, {"bias", {C}}};
}
List mlp_list(Index C) {
    List list;
    append(list, "up", linear_list(C, 4 * C));
    append(list, "down", linear_list(4 * C, C));
    return list;
}
List attention_list(Index C) {
    List list;
    append(list, "qkv", linear_list(C, 3 * C));
    append(list, "projection", linear_list(C, C));
    return list;
}
List block_list(Index C) {
    List list;
    append(list, "norm1", norm_list(C));
    append(list, "attention", attention_list(C));
    append(list, "norm2", norm_list(C));
    append(list, "mlp", mlp_list(C));
    return list;
}
List gpt_list(const Sizes& sizes) {
    List list = {{"token.weight", {sizes.V, sizes.C}}, {"position.weight", {sizes.P, sizes.C}}};
    for (Index i = 0; i < sizes.layers; ++i)
        append(list, fmt::format("block.{}", i), block_list(sizes.C));
    append(list, "norm", norm_list(sizes.C));
    return list;
}

const NamedParameter* find(const Parameters& parameters, const std::string& name) {
    for (const auto& p : parameters)
        if (p.name == name) return &p;
    return nullptr;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 4; ++i) text += (i ? ", " : "") + names[i];
    return names.size() > 4 ? fmt::format("{} and {} more", text, names.size() - 4) : text;
}

// Whether these are the parameters wanted: a sentence for a learner, not a comparison of lists.
Comparison listed(const Parameters& yours, const List& wanted) {
    std::vector<std::string> missing, strange;
    for (const auto& w : wanted)
        if (!find(yours, w.name)) missing.push_back(w.name);
    std::set<std::string> known, seen;
    for (const auto& w : wanted) known.insert(w.name);
    for (const auto& p : yours)
        if (known.count(p.name) == 0) strange.push_back(p.name);
    for (const auto& p : yours)
        if (!seen.insert(p.name).second)
            return {false, fmt::format("two of your parameters are called {}", p.name)};
    if (!missing.empty() || !strange.empty()) {
        std::string words = "your list of parameters";
        if (!missing.empty())
            words += fmt::format(
                " has no {}: not visited, without a value, or with numbers that "
                "another in the list has already",
                joined(missing));
        if (!strange.empty())
            words +=
                fmt::format("{} {} is not expected", missing.empty() ? ":" : ";", joined(strange));
        return {false, words};
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (yours[i].name != wanted[i].name)
            return {false, fmt::format("number {} of your list of parameters is {}, expected {}",
                                       i + 1, yours[i].name, wanted[i].name)};
        if (yours[i].variable.shape() != wanted[i].shape)
            return {false, fmt::format("your {} has the shape {}, expected {}", yours[i].name,
                                       yours[i].variable.shape(), wanted[i].shape)};
        if (!yours[i].variable.requires_grad())
            return {false, fmt::format("your {} is a constant: its gradient is not wanted",
                                       yours[i].name)};
    }
    return {true, "as expected"};
}

void put(const Parameters& parameters, const std::string& name, const Numbers& numbers) {
    const Variable& variable = find(parameters, name)->variable;
    variable.value().copy_from(Tensor::from(variable.shape(), numbers));
}

// Every parameter gets numbers of its own, so that it matters which is used, and where.
void put_random(const Parameters& parameters, std::uint64_t seed) {
    for (const auto& p : parameters) {
        const Tensor numbers = random(p.variable.shape(), seed++);
        for (Index i = 0; i < numbers.count(); ++i)
            p.variable.value()[i] =
                Real(0.5) * numbers[i] + Real(p.name.find("norm") != std::string::npos);
    }
}

// The numbers of yours, for the library's module, by name.
template <Module M>
void take(M& twin, const Parameters& yours) {
    for (const auto& p : named_parameters(twin))
        p.variable.value().copy_from(find(yours, p.name)->variable.value());
}

gradus::Block twin_of_block(const AnyModule& yours, Index C, Index NH) {
    Initialiser init(1);
    gradus::Block twin{LayerNorm(C), CausalSelfAttention(C, NH, init, Bias::yes, 1, 0),
                       LayerNorm(C), gradus::Mlp(C, init, Bias::yes, 1, 0)};
    take(twin, yours.parameters());
    return twin;
}
gradus::Gpt twin_of_gpt(const AnyGpt& yours, const Sizes& sizes) {
    gradus::Gpt twin({.layers = sizes.layers,
                      .heads = sizes.NH,
                      .width = sizes.C,
                      .context = sizes.P,
                      .vocabulary = sizes.V},
                     1);
    take(twin, yours.parameters());
    return twin;
}

// --- gradients --------------------------------------------------------------------------------------

// One number of which every gradient is another: the results times fixed random weights.
Variable score(const Variable& y) {
    return sum(y * random(y.shape(), 99));
}

// What gradients start from, where += has to add: 1, 2, 3 ... for parameter 0, 1, 2 ...
void fill_gradients(const Parameters& parameters) {
    Real start = 1;
    for (const auto& p : parameters) p.variable.grad().fill(start++);
}

// backward() against finite differences, for every number of every parameter listed. `forward` works
// with these.
void check_gradients(const Parameters& parameters, const std::function<Variable()>& forward) {
    fill_gradients(parameters);
    score(forward()).backward();
    const NoGrad no_graph;
    Real start = 1;
    for (const auto& p : parameters) {
        const Tensor& w = p.variable.value();
        Numbers expected;
        for (Index i = 0; i < w.count(); ++i) {
            const Real before = w[i], h = 1e-5;
            w[i] = before + h;
            const Real above = score(forward()).item();
            w[i] = before - h;
            const Real below = score(forward()).item();
            w[i] = before;
            expected.push_back(start + (above - below) / (2 * h));
        }
        CHECK(named({"the gradient of " + p.name + ", added to what was there"},
                    same(p.variable.grad().to_vector(), expected, {}, 1e-6)));
        ++start;
    }
}
void check_gradients(const AnyModule& module, const Tensor& x) {
    const Variable input = parameter(x);
    Parameters all = module.parameters();
    all.push_back({"x", input});
    check_gradients(all, [&] { return module.forward(input); });
}

// --- the same by plain loops -----------------------------------------------------------------------

Numbers linear_by_loops(const Numbers& x, const Parameters& parameters, const std::string& name) {
    const Tensor &w = find(parameters, name + ".weight")->variable.value(),
                 &b = find(parameters, name + ".bias")->variable.value();
    const Index in = w.size(0), out = w.size(1);
    Numbers y;
    for (Index r = 0; r < std::ssize(x) / in; ++r)
        for (Index j = 0; j < out; ++j) {
            Real sum = b[j];
            for (Index k = 0; k < in; ++k) sum += x[r * in + k] * w[k * out + j];
            y.push_back(sum);
        }
    return y;
}

Numbers mlp_by_loops(const Numbers& x, const Parameters& parameters) {
    Numbers h = linear_by_loops(x, parameters, "up");
    for (Real& v : h)
        v = v / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + Real(0.044715) * v * v * v)));
    return linear_by_loops(h, parameters, "down");
}

// x: (B, T, C)
Numbers attention_by_loops(const Tensor& x, const Parameters& parameters, Index NH) {
    const Index B = x.size(0), T = x.size(1), C = x.size(2), HS = C / NH;
    const Numbers qkv = linear_by_loops(x.to_vector(), parameters, "qkv");
    Numbers y(static_cast<std::size_t>(B * T * C));
    for (Index b = 0; b < B; ++b)
        for (Index h = 0; h < NH; ++h)
            for (Index t = 0; t < T; ++t) {
                const Real* q = &qkv[(b * T + t) * 3 * C + h * HS];
                Real z = 0;
                Real* to = &y[(b * T + t) * C + h * HS];
                for (Index j = 0; j <= t; ++j) {
                    const Real *k = &qkv[(b * T + j) * 3 * C + C + h * HS], *v = k + C;
                    Real dot = 0;
                    for (Index c = 0; c < HS; ++c) dot += q[c] * k[c];
                    const Real weight = std::exp(dot / std::sqrt(static_cast<Real>(HS)));
                    z += weight;
                    for (Index c = 0; c < HS; ++c) to[c] += weight * v[c];
                }
                for (Index c = 0; c < HS; ++c) to[c] /= z;
            }
    return linear_by_loops(y, parameters, "projection");
}

// --- fingerprints -----------------------------------------------------------------------------------

void add_shape(Numbers& all, const Shape& shape) {
    for (const Index size : shape) all.push_back(static_cast<Real>(size));
}
void add_name(Numbers& all, const std::string& name) {
    Real number = 0;
    for (const char c : name) number = Real(0.7) * number + c;
    all.push_back(number);
}

// With the first values: what can be told while parameters() is unfinished.
Numbers first_print(const AnyModule& module, const Tensor& x) {
    const Variable input = parameter(x), y = module.forward(input);
    Numbers all = y.value().to_vector();
    add_shape(all, y.shape());
    score(y).backward();
    const Numbers dx = input.grad().to_vector();
    all.insert(all.end(), dx.begin(), dx.end());
    return all;
}
// With numbers of its own in each parameter: their names, the result, and all gradients.
Numbers full_print(const Parameters& parameters, const std::function<Variable()>& forward) {
    put_random(parameters, 50);
    fill_gradients(parameters);
    const Variable y = forward();
    Numbers all = y.value().to_vector();
    add_shape(all, y.shape());
    score(y).backward();
    for (const auto& p : parameters) {
        add_name(all, p.name);
        add_shape(all, p.variable.shape());
        const Numbers grad = p.variable.grad().to_vector();
        all.insert(all.end(), grad.begin(), grad.end());
    }
    return all;
}
Numbers names_print(const Parameters& parameters) {
    Numbers all;
    for (const auto& p : parameters) add_name(all, p.name), add_shape(all, p.variable.shape());
    return all;
}

// No two sizes are equal or neighbours, but for the number of blocks.
constexpr Index kB = 3, kT = 5, kC = 12, kNH = 2;
constexpr Sizes kSizes{.V = 11, .P = 15, .C = kC, .NH = kNH, .layers = 3};

const Fingerprint mlp_first("make_mlp", [] { return first_print(mlp(3), random({2, 5, 3}, 2)); });
const Fingerprint mlp_names("make_mlp", [] { return names_print(mlp(3).parameters()); });
const Fingerprint mlp_full("make_mlp", [] {
    const AnyModule module = mlp(3);
    return full_print(module.parameters(), [&] { return module.forward(random({2, 5, 3}, 2)); });
});
const Fingerprint attention_first("make_attention", [] {
    return first_print(attention(kC, kNH), random({kB, kT, kC}, 3));
});
const Fingerprint attention_names("make_attention",
                                  [] { return names_print(attention(kC, kNH).parameters()); });
const Fingerprint attention_full("make_attention", [] {
    const AnyModule module = attention(kC, kNH);
    return full_print(module.parameters(), [&] { return module.forward(random({kB, kT, kC}, 3)); });
});
const Fingerprint block_first("make_block", [] {
    return first_print(block(kC, kNH), random({kB, kT, kC}, 4));
});
const Fingerprint block_names("make_block",
                              [] { return names_print(block(kC, kNH).parameters()); });
const Fingerprint block_full("make_block", [] {
    const AnyModule module = block(kC, kNH);
    return full_print(module.parameters(), [&] { return module.forward(random({kB, kT, kC}, 4)); });
});
const Fingerprint gpt_first("make_gpt", [] {
    const Variable y = gpt(kSizes).forward(some_ids(5, kB, kT, kSizes.V));
    Numbers all = y.value().to_vector();
    add_shape(all, y.shape());
    return all;
});
// Deviations in steps of 0.01, and how many different first numbers there are: the same for whoever
// draws in another order.
const Fingerprint gpt_values("make_gpt", [] {
    const Parameters parameters = gpt(kSizes).parameters();
    Numbers all = names_print(parameters);
    std::set<Real> different;
    for (const auto& p : parameters) {
        Real squares = 0;
        for (const Real w : p.variable.value().to_vector()) squares += w * w;
        different.insert(p.variable.value()[0]);
        all.push_back(
            std::round(100 * std::sqrt(squares / static_cast<Real>(p.variable.value().count()))));
    }
    all.push_back(static_cast<Real>(different.size()));
    return all;
});
const Fingerprint gpt_full("make_gpt", [] {
    const AnyGpt model = gpt(kSizes);
    const Tokens ids = some_ids(5, kB, kT, kSizes.V);
    return full_print(model.parameters(), [&] { return model.forward(ids); });
});

// Parameters without a model: 7 in those of two axes, others in the rest.
Parameters some_parameters(const List& list) {
    Parameters parameters;
    Real rest = 0.25;
    for (const auto& [name, shape] : list)
        parameters.push_back(
            {name, parameter(Tensor::full(shape, shape.rank() == 2 ? 7 : rest++))});
    return parameters;
}
const Fingerprint weights_print("first_weights", [] {
    const Parameters parameters =
        some_parameters(gpt_list({.V = 8, .P = 5, .C = 3, .NH = 1, .layers = 2}));
    Initialiser init(6);
    part().first_weights(parameters, 11, init);
    Numbers all;
    for (const auto& p : parameters) {
        const Numbers list = p.variable.value().to_vector();
        all.insert(all.end(), list.begin(), list.end());
    }
    all.push_back(init.normal({1}, 1).value()[0]);  // how much has been drawn
    return all;
});
const Fingerprint count_print("count_parameters", [] {
    Numbers all;
    for (const Sizes& sizes : {Sizes{.V = 101, .P = 29, .C = 12, .NH = 3, .layers = 7},
                               Sizes{.V = 13, .P = 47, .C = 5, .NH = 1, .layers = 3},
                               Sizes{.V = 2, .P = 4, .C = 64, .NH = 16, .layers = 1},
                               Sizes{.V = 50257, .P = 2048, .C = 12288, .NH = 96, .layers = 96}})
        all.push_back(static_cast<Real>(part().count_parameters(sizes)));
    return all;
});

// --- first weights ----------------------------------------------------------------------------------

// If the numbers are the expected ones but for a factor, it says so.
Comparison drawn(const std::string& name, const Tensor& yours, const Numbers& expected, double s) {
    const Numbers numbers = yours.to_vector();
    const Real times = numbers[0] / expected[0];
    Numbers scaled = expected;
    for (Real& w : scaled) w *= times;
    Comparison compared = gradus::lessons::named(
        {"your " + name}, same(numbers, expected, {yours.size(0), yours.size(1)}));
    if (!compared && same(numbers, scaled))
        return {false, fmt::format("your {} is drawn with s = {:.6g}, expected {:.6g}", name,
                                   static_cast<double>(times) * s, s)};
    return compared;
}

// first_weights on a list, against what the list's order and names say.
void check_first_weights(const List& list, Index layers) {
    const Parameters parameters = some_parameters(list), before = some_parameters(list);
    Initialiser init(7), again(7);
    part().first_weights(parameters, layers, init);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto& [name, variable] = parameters[i];
        if (variable.shape().rank() == 2) {
            const bool adds = name.ends_with("projection.weight") || name.ends_with("down.weight");
            const double s = adds ? 0.02 / std::sqrt(2.0 * static_cast<double>(layers)) : 0.02;
            const Numbers expected = again.normal(variable.shape(), s).value().to_vector();
            CHECK(drawn(name, variable.value(), expected, s));
        } else {
            CHECK(
                named({"your " + name + ", which has one axis and stays as it is"},
                      same(variable.value().to_vector(), before[i].variable.value().to_vector())));
        }
    }
}

Comparison counts(const Sizes& sizes, Index expected) {
    const Index yours = part().count_parameters(sizes);
    return {
        yours == expected,
        fmt::format("for V = {}, P = {}, C = {}, NH = {} and {} layers, yours is {}, expected {}",
                    sizes.V, sizes.P, sizes.C, sizes.NH, sizes.layers, yours, expected)};
}

}  // namespace

// --- make_mlp ---------------------------------------------------------------------------------------

TEST_CASE("make_mlp: its parameters, by name and shape") {
    CHECK(listed(
        mlp(1).parameters(),
        {{"up.weight", {1, 4}}, {"up.bias", {4}}, {"down.weight", {4, 1}}, {"down.bias", {1}}}));
    CHECK(listed(mlp(5).parameters(), mlp_list(5)));
}

TEST_CASE("make_mlp: the place from the text") {
    const AnyModule yours = mlp(1);
    const Parameters parameters = yours.parameters();
    REQUIRE(listed(parameters, mlp_list(1)));
    put(parameters, "up.weight", {1, -1, 0, 3});
    put(parameters, "up.bias", {0, 0, 0, -1});
    put(parameters, "down.weight", {1, 1, 5, 2});
    put(parameters, "down.bias", {10});
    const Variable y = yours.forward(Tensor::full({1, 1, 1}, 1));
    REQUIRE(shaped(y.shape(), {1, 1, 1}));
    CHECK(named({"the result"}, same(y.value().to_vector(), {14.591579369392})));
}

TEST_CASE("make_mlp: each place is worked out on its own") {
    const AnyModule yours = mlp(3);
    const Tensor x = random({2, 4, 3}, 10);
    const Variable all = yours.forward(x);
    REQUIRE(shaped(all.shape(), {2, 4, 3}));
    Numbers one_by_one;
    for (Index r = 0; r < 8; ++r) {
        const Tensor place = Tensor::from({1, 1, 3}, {x[r * 3], x[r * 3 + 1], x[r * 3 + 2]});
        const Numbers y = yours.forward(place).value().to_vector();
        one_by_one.insert(one_by_one.end(), y.begin(), y.end());
    }
    CHECK(named({"the results of all places together"},
                same(all.value().to_vector(), one_by_one, {8, 3})));
}

TEST_CASE("make_mlp: the gradients of every parameter, and of x") {
    for (const Index C : {1, 3}) {
        CAPTURE(C);
        const AnyModule yours = mlp(C);
        put_random(yours.parameters(), 20);
        check_gradients(yours, random({2, 2, C}, 11));
    }
}

TEST_CASE("make_mlp: any width and any places, as by loops") {
    for (const Index C : {1, 2, 7})
        for (const Shape& places : {Shape{1, 1}, Shape{2, 5}}) {
            CAPTURE(C);
            const AnyModule yours = mlp(C);
            const Parameters parameters = yours.parameters();
            REQUIRE(listed(parameters, mlp_list(C)));
            put_random(parameters, 30);
            const Tensor x = random({places[0], places[1], C}, 12);
            const Variable y = yours.forward(x);
            REQUIRE(shaped(y.shape(), x.shape()));
            CHECK(named({"the result"},
                        same(y.value().to_vector(), mlp_by_loops(x.to_vector(), parameters),
                             {places.count(), C})));
        }
}

// --- make_attention ---------------------------------------------------------------------------------

TEST_CASE("make_attention: its parameters, by name and shape") {
    CHECK(listed(attention(2, 1).parameters(), {{"qkv.weight", {2, 6}},
                                                {"qkv.bias", {6}},
                                                {"projection.weight", {2, 2}},
                                                {"projection.bias", {2}}}));
    CHECK(listed(attention(6, 3).parameters(), attention_list(6)));
}

TEST_CASE("make_attention: the two places from the text") {
    const AnyModule yours = attention(1, 1);
    const Parameters parameters = yours.parameters();
    REQUIRE(listed(parameters, attention_list(1)));
    put(parameters, "qkv.weight", {0, 0, 2});
    put(parameters, "qkv.bias", {1, 1, 0});
    put(parameters, "projection.weight", {10});
    put(parameters, "projection.bias", {1});
    const Variable y = yours.forward(Tensor::from({1, 2, 1}, {1, 3}));
    REQUIRE(shaped(y.shape(), {1, 2, 1}));
    CHECK(named({"the results of the two places"}, same(y.value().to_vector(), {21, 41})));
}

TEST_CASE("make_attention: the gradients of every parameter, and of x") {
    const AnyModule yours = attention(4, 2);
    put_random(yours.parameters(), 21);
    check_gradients(yours, random({2, 3, 4}, 13));
}

TEST_CASE("make_attention: any places and any number of heads, as by loops") {
    for (const Index NH : {1, 2, 3, 6})
        for (const Shape& places : {Shape{1, 1}, Shape{2, 5}}) {
            const Index C = 6;
            CAPTURE(NH);
            const AnyModule yours = attention(C, NH);
            const Parameters parameters = yours.parameters();
            REQUIRE(listed(parameters, attention_list(C)));
            put_random(parameters, 31);
            const Tensor x = random({places[0], places[1], C}, 14);
            const Variable y = yours.forward(x);
            REQUIRE(shaped(y.shape(), x.shape()));
            CHECK(named({"the result"},
                        same(y.value().to_vector(), attention_by_loops(x, parameters, NH),
                             {places.count(), C})));
        }
}

// --- make_block, with Norm --------------------------------------------------------------------------

TEST_CASE("make_block: its parameters, by name and shape") {
    CHECK(listed(block(2, 1).parameters(), {{"norm1.weight", {2}},
                                            {"norm1.bias", {2}},
                                            {"attention.qkv.weight", {2, 6}},
                                            {"attention.qkv.bias", {6}},
                                            {"attention.projection.weight", {2, 2}},
                                            {"attention.projection.bias", {2}},
                                            {"norm2.weight", {2}},
                                            {"norm2.bias", {2}},
                                            {"mlp.up.weight", {2, 8}},
                                            {"mlp.up.bias", {8}},
                                            {"mlp.down.weight", {8, 2}},
                                            {"mlp.down.bias", {2}}}));
    CHECK(listed(block(6, 3).parameters(), block_list(6)));
}

namespace {

// A block of width 2 whose attention, for a single place, hands on what it reads, times a factor, and
// whose Mlp adds nothing.
AnyModule block_that_hands_on(Real factor) {
    const AnyModule yours = block(2, 1);
    const Parameters parameters = yours.parameters();
    put(parameters, "attention.qkv.weight",
        {0, 0, 0, 0, 1, 0,  //
         0, 0, 0, 0, 0, 1});
    put(parameters, "attention.projection.weight", {factor, 0, 0, factor});
    put(parameters, "mlp.down.weight", Numbers(16));
    return yours;
}

}  // namespace

TEST_CASE("make_block: the norm from the text, in a block that adds what norm1 gives") {
    REQUIRE(listed(block(2, 1).parameters(), block_list(2)));
    const AnyModule yours = block_that_hands_on(1);
    put(yours.parameters(), "norm1.weight", {2, 3});
    put(yours.parameters(), "norm1.bias", {10, 20});
    const Variable y = yours.forward(Tensor::from({1, 1, 2}, {1, 3}));
    REQUIRE(shaped(y.shape(), {1, 1, 2}));
    CHECK(named({"(1, 3) + norm1 of it"}, same(y.value().to_vector(), {9, 26}, {}, 1e-4)));
}

TEST_CASE("make_block: the block from the text") {
    REQUIRE(listed(block(2, 1).parameters(), block_list(2)));
    const AnyModule yours = block_that_hands_on(-2);
    put(yours.parameters(), "mlp.up.weight",
        {1, 0, 0, 0, 0, 0, 0, 0,  //
         0, 1, 0, 0, 0, 0, 0, 0});
    Numbers down(16);
    down[0] = down[3] = 10;
    put(yours.parameters(), "mlp.down.weight", down);
    const Variable y = yours.forward(Tensor::from({1, 1, 2}, {1, 3}));
    REQUIRE(shaped(y.shape(), {1, 1, 2}));
    CHECK(named({"the result"},
                same(y.value().to_vector(), {11.411855757307, -0.588074242218}, {}, 1e-8)));
}

TEST_CASE("make_block: if attention and Mlp give zeros, x passes unchanged") {
    const AnyModule yours = block(4, 2);
    const Parameters parameters = yours.parameters();
    REQUIRE(listed(parameters, block_list(4)));
    put_random(parameters, 22);
    put(parameters, "attention.projection.weight", Numbers(16));
    put(parameters, "attention.projection.bias", Numbers(4));
    put(parameters, "mlp.down.weight", Numbers(64));
    put(parameters, "mlp.down.bias", Numbers(4));
    const Tensor x = random({2, 3, 4}, 15);
    const Variable y = yours.forward(x);
    REQUIRE(shaped(y.shape(), x.shape()));
    CHECK(named({"the result"}, same(y.value().to_vector(), x.to_vector(), {6, 4}, 0)));
}

TEST_CASE("make_block: the gradients of every parameter, and of x") {
    const AnyModule yours = block(4, 2);
    put_random(yours.parameters(), 23);
    check_gradients(yours, random({2, 3, 4}, 16));
}

TEST_CASE("make_block: with the same numbers it equals the library's block") {
    const Index shapes[][4] = {{1, 1, 1, 1}, {1, 5, 3, 3}, {3, 1, 8, 4}, {2, 6, 10, 5}};
    for (const auto& shape : shapes) {
        const Index B = shape[0], T = shape[1], C = shape[2], NH = shape[3];
        CAPTURE(B);
        CAPTURE(T);
        CAPTURE(C);
        CAPTURE(NH);
        const AnyModule yours = block(C, NH);
        REQUIRE(listed(yours.parameters(), block_list(C)));
        put_random(yours.parameters(), 32);
        const gradus::Block twin = twin_of_block(yours, C, NH);
        const Tensor x = random({B, T, C}, 17);
        const Variable y = yours.forward(x);
        REQUIRE(shaped(y.shape(), x.shape()));
        CHECK(named({"the result"},
                    same(y.value().to_vector(), twin(x).value().to_vector(), {B * T, C})));
    }
}

// --- make_gpt ---------------------------------------------------------------------------------------

TEST_CASE("make_gpt: its parameters, by name and shape") {
    const Sizes tiny{.V = 5, .P = 3, .C = 2, .NH = 1, .layers = 1};
    CHECK(listed(gpt(tiny).parameters(), gpt_list(tiny)));
    const Sizes deep{.V = 9, .P = 4, .C = 6, .NH = 2, .layers = 11};
    CHECK(listed(gpt(deep).parameters(), gpt_list(deep)));
}

TEST_CASE("make_gpt: the two tokens from the text, without blocks") {
    const Sizes sizes{.V = 3, .P = 2, .C = 2, .NH = 1, .layers = 0};
    const AnyGpt yours = gpt(sizes);
    const Parameters parameters = yours.parameters();
    REQUIRE(listed(parameters, gpt_list(sizes)));
    put(parameters, "token.weight", {2, 0, 0, 1, 1, 1});
    put(parameters, "position.weight", {0, 1, 0, 3});
    const Variable y = yours.forward(Tokens({1, 2}, {0, 1}));
    REQUIRE(shaped(y.shape(), {1, 2, 3}));
    CHECK(named({"the scores"}, same(y.value().to_vector(), {2, -1, 0, -2, 1, 0}, {2, 3}, 1e-4)));
}

TEST_CASE("make_gpt: the first values of the tables, and no two parameters alike") {
    const Sizes sizes{.V = 40, .P = 30, .C = 16, .NH = 2, .layers = 3};
    const Parameters parameters = gpt(sizes).parameters();
    REQUIRE(listed(parameters, gpt_list(sizes)));
    for (const auto& p : parameters) {
        if (p.name != "token.weight" && p.name != "position.weight") continue;
        Real squares = 0;
        for (const Real w : p.variable.value().to_vector()) squares += w * w;
        const auto n = static_cast<Real>(p.variable.value().count());
        const auto deviation = static_cast<double>(std::sqrt(squares / n));
        const Comparison as_expected{
            deviation > 0.017 && deviation < 0.023,
            fmt::format("your {} has a standard deviation of {:.3f}, expected 0.02", p.name,
                        deviation)};
        CHECK(as_expected);
    }
    std::map<Numbers, std::string> owners;
    for (const auto& p : parameters) {
        if (p.variable.shape().rank() != 2) continue;
        const Numbers numbers = p.variable.value().to_vector();
        const std::string before = owners[numbers];
        const Comparison different{
            before.empty(), fmt::format("your {} and {} start with the same numbers: each is to be "
                                        "drawn from init",
                                        before, p.name)};
        CHECK(different);
        owners[numbers] = p.name;
    }
}

TEST_CASE("make_gpt: a later token changes no earlier score, not by one bit") {
    const Sizes sizes{.V = 7, .P = 6, .C = 8, .NH = 2, .layers = 2};
    const AnyGpt yours = gpt(sizes);
    put_random(yours.parameters(), 24);
    const std::vector<int> ids = {3, 0, 6, 1, 1, 4};
    const Numbers before = yours.forward(Tokens({1, 6}, ids)).value().to_vector();
    for (std::size_t changed = 1; changed < 6; ++changed) {
        CAPTURE(changed);
        std::vector<int> other = ids;
        other[changed] = 5;
        const Numbers after = yours.forward(Tokens({1, 6}, other)).value().to_vector();
        const Numbers had(before.begin(), before.begin() + static_cast<Index>(changed) * 7),
            has(after.begin(), after.begin() + static_cast<Index>(changed) * 7);
        CHECK(named({"the scores before the place changed"}, same(has, had, {}, 0)));
    }
}

TEST_CASE("make_gpt: the same token at two places has different scores") {
    const Sizes sizes{.V = 4, .P = 5, .C = 6, .NH = 3, .layers = 1};
    const AnyGpt yours = gpt(sizes);
    put_random(yours.parameters(), 25);
    const Numbers y = yours.forward(Tokens({1, 5}, {2, 2, 2, 2, 2})).value().to_vector();
    for (std::size_t t = 1; t < 5; ++t) {
        CAPTURE(t);
        const Comparison different{
            std::abs(y[t * 4] - y[0]) > 1e-6,
            "the scores of place t are those of place 0: the position counts for nothing"};
        CHECK(different);
    }
}

TEST_CASE("make_gpt: the gradients of every parameter, the token table's from both its uses") {
    const Sizes sizes{.V = 5, .P = 4, .C = 4, .NH = 4, .layers = 2};
    const AnyGpt yours = gpt(sizes);
    put_random(yours.parameters(), 26);
    const Tokens ids({2, 3}, {1, 4, 1, 0, 1, 2});
    check_gradients(yours.parameters(), [&] { return yours.forward(ids); });
}

TEST_CASE("make_gpt: no parameter is left without a gradient") {
    const Sizes sizes{.V = 11, .P = 8, .C = 6, .NH = 3, .layers = 3};
    const AnyGpt yours = gpt(sizes);
    const Parameters parameters = yours.parameters();
    REQUIRE(listed(parameters, gpt_list(sizes)));
    cross_entropy(yours.forward(some_ids(27, 3, 8, 11)), some_ids(28, 3, 8, 11)).backward();
    for (const auto& p : parameters) {
        Real largest = 0;
        for (const Real d : p.variable.grad().to_vector()) largest = std::max(largest, std::abs(d));
        const Comparison moved{
            largest > 0, "no gradient arrives at your " + p.name + ": it would never be trained"};
        CHECK(moved);
    }
}

TEST_CASE("make_gpt: with the same numbers it equals the library's GPT, and so do its gradients") {
    for (const Sizes& sizes : {Sizes{.V = 1, .P = 1, .C = 1, .NH = 1, .layers = 1},
                               Sizes{.V = 13, .P = 6, .C = 8, .NH = 1, .layers = 1},
                               Sizes{.V = 20, .P = 15, .C = 12, .NH = 3, .layers = 4}}) {
        const Index V = sizes.V, C = sizes.C, layers = sizes.layers;
        CAPTURE(V);
        CAPTURE(C);
        CAPTURE(layers);
        const AnyGpt yours = gpt(sizes);
        const Parameters parameters = yours.parameters();
        REQUIRE(listed(parameters, gpt_list(sizes)));
        put_random(parameters, 33);
        gradus::Gpt twin = twin_of_gpt(yours, sizes);
        const Index B = 3, T = (sizes.P + 1) / 2;
        const Tokens ids = some_ids(29, B, T, sizes.V), targets = some_ids(30, B, T, sizes.V);
        const Variable y = yours.forward(ids), expected = twin(ids);
        REQUIRE(shaped(y.shape(), {B, T, sizes.V}));
        CHECK(named({"the scores"},
                    same(y.value().to_vector(), expected.value().to_vector(), {B * T, sizes.V})));
        cross_entropy(y, targets).backward();
        cross_entropy(expected, targets).backward();
        for (const auto& p : named_parameters(twin))
            CHECK(named({"the gradient of " + p.name},
                        same(find(parameters, p.name)->variable.grad().to_vector(),
                             p.variable.grad().to_vector())));
    }
}

// --- first_weights ----------------------------------------------------------------------------------

TEST_CASE("first_weights: two layers, as in the text: 0.02, and 0.01 for what is added to x") {
    check_first_weights({{"token.weight", {5, 2}},
                         {"block.0.attention.qkv.weight", {2, 6}},
                         {"block.0.attention.projection.weight", {2, 2}},
                         {"block.0.mlp.up.weight", {2, 8}},
                         {"block.0.mlp.down.weight", {8, 2}}},
                        2);
}

TEST_CASE(
    "first_weights: parameters with one axis stay as they are, and nothing is drawn for them") {
    check_first_weights({{"norm1.weight", {3}},
                         {"attention.qkv.bias", {9}},
                         {"attention.projection.bias", {3}},
                         {"mlp.up.weight", {3, 12}},
                         {"mlp.up.bias", {12}},
                         {"mlp.down.bias", {3}},
                         {"down.weight", {12, 3}}},
                        8);
}

TEST_CASE(
    "first_weights: an untrained GPT says that all tokens are equally likely, a loss of ln V") {
    for (const Index V : {1, 27, 300}) {
        CAPTURE(V);
        const Sizes sizes{.V = V, .P = 16, .C = 16, .NH = 4, .layers = 2};
        const AnyGpt yours = gpt(sizes);
        Initialiser init(34);
        part().first_weights(yours.parameters(), sizes.layers, init);
        const Variable y = yours.forward(some_ids(35, 8, 16, V));
        const auto loss = static_cast<double>(cross_entropy(y, some_ids(36, 8, 16, V)).item());
        const double expected = std::log(static_cast<double>(V));
        const Comparison as_expected{
            std::abs(loss - expected) < 0.01,
            fmt::format("the loss is {:.4f}, expected {:.4f} to within a hundredth", loss,
                        expected)};
        CHECK(as_expected);
    }
}

TEST_CASE("first_weights: any number of layers, with the list of a whole GPT") {
    for (const Index layers : {1, 3, 12}) {
        CAPTURE(layers);
        check_first_weights(gpt_list({.V = 7, .P = 5, .C = 4, .NH = 2, .layers = layers}), layers);
    }
}

// --- count_parameters -------------------------------------------------------------------------------

TEST_CASE("count_parameters: the tiny GPT from the text has 94") {
    CHECK(counts({.V = 5, .P = 3, .C = 2, .NH = 1, .layers = 1}, 94));
}

TEST_CASE("count_parameters: without blocks, of width 1, and one size more") {
    CHECK(counts({.V = 7, .P = 4, .C = 10, .NH = 2, .layers = 0}, 130));
    CHECK(counts({.V = 1, .P = 1, .C = 1, .NH = 1, .layers = 1}, 29));
    CHECK(counts({.V = 6, .P = 3, .C = 2, .NH = 1, .layers = 1}, 96));
    CHECK(counts({.V = 5, .P = 4, .C = 2, .NH = 1, .layers = 1}, 96));
    CHECK(counts({.V = 5, .P = 3, .C = 2, .NH = 2, .layers = 1}, 94));
    CHECK(counts({.V = 5, .P = 3, .C = 2, .NH = 1, .layers = 2}, 168));
}

TEST_CASE("count_parameters: as many as the list of your GPT has") {
    const Sizes sizes{.V = 31, .P = 17, .C = 6, .NH = 3, .layers = 4};
    Index listed = 0;
    for (const auto& p : gpt(sizes).parameters()) listed += p.variable.value().count();
    CHECK(counts(sizes, listed));
}

TEST_CASE("count_parameters: GPT-2 in its four sizes, GPT-3, and one twice as wide") {
    CHECK(counts({.V = 50257, .P = 1024, .C = 768, .NH = 12, .layers = 12}, 124439808));
    CHECK(counts({.V = 50257, .P = 1024, .C = 1024, .NH = 16, .layers = 24}, 354823168));
    CHECK(counts({.V = 50257, .P = 1024, .C = 1280, .NH = 20, .layers = 36}, 774030080));
    CHECK(counts({.V = 50257, .P = 1024, .C = 1600, .NH = 25, .layers = 48}, 1557611200));
    CHECK(counts({.V = 50257, .P = 2048, .C = 12288, .NH = 96, .layers = 96}, 174604259328));
    // Beyond an int: each half of a block alone.
    CHECK(counts({.V = 50257, .P = 2048, .C = 24576, .NH = 96, .layers = 96}, 697100869632));
}

}  // namespace gradus::lesson_21
