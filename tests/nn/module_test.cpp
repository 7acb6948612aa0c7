// SPDX-License-Identifier: MIT
// Modules: names and counts of parameters, their initial values, and the scope in which dropout is
// active.
#include "nn/module.h"

#include <doctest/doctest.h>

#include <memory>

#include <cmath>
#include <set>

#include "nn/layers/mlp.h"
#include "nn/stored_weights.h"
#include "tests/nn/small_gpt.h"

using namespace gradus;

namespace {

// A module that forgets to visit its second layer.
struct ForgetfulMlp {
    Linear up, down;
    Variable operator()(const Variable& x) const { return down(gelu(up(x))); }
    void parameters(auto&& visit) { visit("up", up); }
};

struct Moments {
    double mean = 0, stddev = 0;
};

Moments moments(const Tensor& x) {
    Moments m;
    for (Index i = 0; i < x.count(); ++i) m.mean += static_cast<double>(x[i]);
    m.mean /= static_cast<double>(x.count());
    for (Index i = 0; i < x.count(); ++i)
        m.stddev += (static_cast<double>(x[i]) - m.mean) * (static_cast<double>(x[i]) - m.mean);
    m.stddev = std::sqrt(m.stddev / static_cast<double>(x.count()));
    return m;
}

bool all_equal(const Tensor& x, Real value) {
    for (Index i = 0; i < x.count(); ++i)
        if (x[i] != value) return false;
    return true;
}

struct Tied {
    Linear first, second, third;
    explicit Tied(Initialiser init)
        : first(2, 2, init, Bias::no), second(first), third(2, 2, init, Bias::no) {}
    void parameters(auto&& visit) {
        visit("first", first);
        visit("second", second);
        visit("third", third);
    }
};

}  // namespace

static_assert(Module<Gpt> && Module<Linear> && Module<Mlp> && Module<ForgetfulMlp>);
static_assert(!Module<int> && !Module<Tensor>);

TEST_CASE("parameters are named from the outermost module to the innermost") {
    Gpt model({.layers = 2, .heads = 1, .width = 4, .context = 3, .vocabulary = 5}, 1);
    std::vector<std::string> names;
    for (const auto& p : named_parameters(model)) names.push_back(p.name);
    std::vector<std::string> expected = {"token.weight", "position.weight"};
    for (const std::string block : {"block.0.", "block.1."})
        for (const char* inner :
             {"norm1.weight", "norm1.bias", "attention.qkv.weight", "attention.qkv.bias",
              "attention.projection.weight", "attention.projection.bias", "norm2.weight",
              "norm2.bias", "mlp.up.weight", "mlp.up.bias", "mlp.down.weight", "mlp.down.bias"})
            expected.push_back(block + inner);
    expected.push_back("norm.weight");
    expected.push_back("norm.bias");
    CHECK(names == expected);
}

TEST_CASE("a module without biases names none") {
    Gpt model(
        {.layers = 1, .heads = 1, .width = 4, .context = 3, .vocabulary = 5, .bias = Bias::no}, 1);
    for (const auto& p : named_parameters(model)) {
        CAPTURE(p.name);
        CHECK(p.name.find("bias") == std::string::npos);
    }
    CHECK(named_parameters(model).size() == 9);
}

TEST_CASE("a module that forgets to visit a member is caught by the count") {
    Initialiser init(1);
    const Index C = 6, whole = 4 * C * C + 4 * C + 4 * C * C + C;
    Mlp mlp(C, init, Bias::yes, 0.02, 0);
    CHECK(parameter_count(mlp) == whole);
    ForgetfulMlp forgetful{Linear(C, 4 * C, init), Linear(4 * C, C, init)};
    CHECK(parameter_count(forgetful) == whole - (4 * C * C + C));
}

TEST_CASE("a named parameter is the module's own variable and not a copy") {
    Initialiser init(1);
    Linear layer(2, 3, init);
    named_parameters(layer)[1].variable.value().fill(7);
    CHECK(all_equal(layer.bias.value(), 7));
}

TEST_CASE("a linear layer computes x weight + bias and keeps the variance of its input") {
    Initialiser init(1);
    Linear layer(2, 3, init);
    layer.weight.value().copy_from(Tensor::matrix({{1, 2, 3}, {4, 5, 6}}));
    layer.bias.value().copy_from(Tensor::from({10, 20, 30}));
    const Variable y = layer(Tensor::matrix({{1, 10}}));
    CHECK(y.value().to_vector() == std::vector<Real>{51, 72, 93});

    const Linear wide(300, 400, init);
    CHECK(moments(wide.weight.value()).stddev ==
          doctest::Approx(1 / std::sqrt(300.0)).epsilon(0.02));
    CHECK(all_equal(wide.bias.value(), 0));
}

TEST_CASE("an embedding picks rows and a layer norm makes rows of mean 0 and variance 1") {
    Initialiser init(1);
    const Embedding table(5, 3, init);
    const Tensor rows = table(Tokens({1, 2}, {4, 1})).value();
    CHECK(rows.shape() == Shape{1, 2, 3});
    CHECK(same_bits(rows.reshape({2, 3}).slice(0, 1), table.weight.value().slice(4, 5)));
    CHECK(same_bits(rows.reshape({2, 3}).slice(1, 2), table.weight.value().slice(1, 2)));

    const LayerNorm norm(16);
    const Tensor y = norm(Tensor::normal({1, 16}, 5, 3) + Real(100)).value();
    CHECK(std::abs(moments(y).mean) < 1e-5);
    CHECK(moments(y).stddev == doctest::Approx(1).epsilon(1e-4));
}

TEST_CASE("initial weights are normal, stddev 0.02, divided by sqrt(2 layers) before a residual") {
    const Index L = 4;
    Gpt model({.layers = L, .heads = 4, .width = 64, .context = 64, .vocabulary = 100}, 7);
    for (const auto& p : named_parameters(model)) {
        CAPTURE(p.name);
        const Tensor& w = p.variable.value();
        if (p.name.find("bias") != std::string::npos) {
            CHECK(all_equal(w, 0));
        } else if (p.name.find("norm") != std::string::npos) {
            CHECK(all_equal(w, 1));
        } else {
            const bool residual = p.name.find("projection") != std::string::npos ||
                                  p.name.find("down") != std::string::npos;
            const double stddev = residual ? 0.02 / std::sqrt(2.0 * L) : 0.02;
            const auto n = static_cast<double>(w.count());
            // Four standard errors of a mean and of a stddev.
            CHECK(std::abs(moments(w).mean) < 4 * stddev / std::sqrt(n));
            CHECK(std::abs(moments(w).stddev / stddev - 1) < 4 / std::sqrt(2 * n));
        }
    }
}

TEST_CASE("the same seed gives the same bits, and another seed different bits, in every weight") {
    const GptConfig config{.layers = 2, .heads = 2, .width = 8, .context = 5, .vocabulary = 7};
    Gpt a(config, 3), b(config, 3), c(config, 4);
    CHECK(same_parameters(a, copy_parameters(b)));
    const auto list = named_parameters(a), other = named_parameters(c);
    for (std::size_t i = 0; i < list.size(); ++i) {
        CAPTURE(list[i].name);
        const bool constant = list[i].variable.shape().rank() < 2;  // biases and gains
        CHECK(same_bits(list[i].variable.value(), other[i].variable.value()) == constant);
    }
    // No two matrices share their random numbers.
    std::set<Real> first;
    std::size_t matrices = 0;
    for (const auto& p : list) {
        if (p.variable.shape().rank() < 2) continue;
        first.insert(p.variable.value()[0]);
        ++matrices;
    }
    CHECK(first.size() == matrices);
}

TEST_CASE("dropout does nothing outside a TrainMode scope") {
    const Variable x = Tensor::full({1000}, 1);
    const Dropout drop{Real(0.5)};
    CHECK_FALSE(TrainMode::active());
    CHECK(drop(x).node() == x.node());
    {
        const TrainMode scope(1, 0);
        CHECK(TrainMode::active());
        CHECK(drop(x).node() != x.node());
        CHECK(Dropout{}(x).node() == x.node());  // rate 0
    }
    CHECK_FALSE(TrainMode::active());
    CHECK(drop(x).node() == x.node());
}

TEST_CASE("dropout drops at its rate and scales up what it keeps") {
    for (const double rate : {0.1, 0.5, 0.9}) {
        CAPTURE(rate);
        const Index n = 100000;
        const TrainMode scope(1, 0);
        const Tensor y = Dropout{static_cast<Real>(rate)}(Tensor::full({n}, 2)).value();
        Index dropped = 0, right = 0;
        for (Index i = 0; i < n; ++i) {
            dropped += y[i] == 0;
            right += y[i] == 0 || std::abs(static_cast<double>(y[i]) * (1 - rate) - 2) < 1e-5;
        }
        CHECK(right == n);
        const double error = std::sqrt(rate * (1 - rate) / static_cast<double>(n));
        CHECK(std::abs(static_cast<double>(dropped) / static_cast<double>(n) - rate) < 4 * error);
    }
}

TEST_CASE("the same step drops the same numbers; another step, seed or call drops others") {
    const Variable x = Tensor::full({64}, 1);
    const Dropout drop{Real(0.5)};
    const auto mask = [&](std::uint64_t seed, std::uint64_t step, int call) {
        const TrainMode scope(seed, step);
        for (int i = 0; i < call; ++i) drop(x);
        return drop(x).value();
    };
    const Tensor first = mask(1, 0, 0);
    CHECK(same_bits(first, mask(1, 0, 0)));
    CHECK_FALSE(same_bits(first, mask(2, 0, 0)));
    CHECK_FALSE(same_bits(first, mask(1, 1, 0)));
    CHECK_FALSE(same_bits(first, mask(1, std::uint64_t{1} << 32, 0)));
    CHECK_FALSE(same_bits(first, mask(1, 0, 1)));
}

TEST_CASE("TrainMode scopes nest: the inner one ends and the outer one goes on where it was") {
    const Variable x = Tensor::full({64}, 1);
    const Dropout drop{Real(0.5)};
    Tensor plain[2], nested[2];
    {
        const TrainMode outer(1, 0);
        plain[0] = drop(x).value(), plain[1] = drop(x).value();
    }
    {
        const TrainMode outer(1, 0);
        nested[0] = drop(x).value();
        {
            const TrainMode inner(9, 9);
            drop(x);
        }
        CHECK(TrainMode::active());
        nested[1] = drop(x).value();
    }
    CHECK(same_bits(plain[0], nested[0]));
    CHECK(same_bits(plain[1], nested[1]));
}

TEST_CASE("a parameter that two members share is listed, counted and stepped once") {
    Tied tied(Initialiser(1));
    const auto list = named_parameters(tied);
    REQUIRE(list.size() == 2);
    CHECK(list[0].name == "first.weight");
    CHECK(list[1].name == "third.weight");
    CHECK(parameter_count(tied) == 8);
}

TEST_CASE("stored weights keep their names, are counted and listed, and are not trained") {
    Gpt model({.layers = 1, .heads = 2, .width = 8, .context = 6, .vocabulary = 5}, 1);
    const Index count = parameter_count(model), bytes = parameter_bytes(model);
    const Tokens ids({1, 4}, {1, 4, 0, 2});
    const Tensor before = model(ids).value();
    const auto names = named_parameters(model);
    CHECK(stored_weights(model).empty());
    store_weights(model, WeightFormat::bf16);
    const auto rest = named_parameters(model);
    const auto stored = stored_weights(model);
    CHECK(rest.size() + stored.size() == names.size());
    CHECK(stored.size() == 6);  // both embeddings and four matrices
    for (const auto& w : stored) {
        CAPTURE(w.name);
        CHECK(std::any_of(names.begin(), names.end(),
                          [&](const NamedParameter& p) { return p.name == w.name; }));
        CHECK(w.weight->format == WeightFormat::bf16);
    }
    CHECK(parameter_count(model) == count);
    const auto real = static_cast<Index>(sizeof(Real));
    CHECK(parameter_bytes(model) == bytes - (12 * 8 * 8 + 11 * 8) * (real - 2));
    CHECK(summary(model).find(
              "\ntoken.weight                         (5, 8) bf16             40\n") !=
          std::string::npos);
    const Tensor after = model(ids).value();
    double changed = 0;
    for (Index i = 0; i < after.count(); ++i)
        changed = std::max(changed, std::abs(static_cast<double>(after[i] - before[i])));
    CHECK(changed > 0);
    CHECK(changed < 0.01);
    CHECK_THROWS_WITH_AS(store_weights(model, WeightFormat::f16),
                         "embedding: the table is stored already, in bf16", std::invalid_argument);
    CHECK_THROWS_WITH_AS(model.blocks[0].mlp.up.store(WeightFormat::f16),
                         "linear: the weight is stored already, in bf16", std::invalid_argument);
    CHECK_THROWS_WITH_AS(model.blocks[0].mlp.up.store(
                             store(Tensor({8, 9}), WeightFormat::f16, WeightLayout::in_out)),
                         "linear: a stored weight with 8 in and 9 out, but 8 and 32 are needed",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        model.token.store(store(Tensor({8, 5}), WeightFormat::f16, WeightLayout::in_out)),
        "embedding: a stored table (8, 5), but (5, 8) is needed, row by row",
        std::invalid_argument);
}

TEST_CASE(
    "a model built without initial values has its shapes and takes no time for random numbers") {
    const GptConfig config{.layers = 1, .heads = 2, .width = 8, .context = 6, .vocabulary = 5};
    Gpt none(config, Initialiser::none()), seeded(config, 1);
    const auto a = named_parameters(none), b = named_parameters(seeded);
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(a[i].variable.shape() == b[i].variable.shape());
}

TEST_CASE("a summary lists every parameter with its shape and count, and the total") {
    Linear linear(2, 16, *std::make_unique<Initialiser>(1));
    CHECK(summary(linear) ==
          "weight  (2, 16)            32\n"
          "bias    (16,)              16\n"
          "all                        48\n");
}
