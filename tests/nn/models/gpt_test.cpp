// SPDX-License-Identifier: MIT
// The GPT as a whole: its size, its loss before training, which positions see which, and its
// gradient.
#include "nn/models/gpt.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/gradient_check.h"
#include "nn/loss.h"
#include "nn/train/optimiser.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

const GptConfig kSmall{.layers = 2, .heads = 3, .width = 24, .context = 19, .vocabulary = 11};

// Puts these variables in the place of a module's parameters, in the order of named_parameters.
template <class M>
void set_parameters(M& module, const std::vector<Variable>& values) {
    std::size_t next = 0;
    const auto visit = [&](const auto& self, auto& member) -> void {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, Variable>) {
            if (member.defined()) member = values.at(next++);
        } else if constexpr (Module<std::remove_cvref_t<decltype(member)>>) {
            member.parameters([&](std::string_view, auto& inner) { self(self, inner); });
        }
    };
    module.parameters([&](std::string_view, auto& member) { visit(visit, member); });
}

Tensor logits(const Gpt& model, const Tokens& ids) {
    const NoGrad guard;
    return model(ids).value();
}

// Rows 0..t of batch row b.
Tensor until(const Tensor& x, Index b, Index t) {
    return x.slice(b, b + 1).reshape({x.size(1), x.size(2)}).slice(0, t + 1);
}

// The number of positions t for which the logits up to t depend on token t + 1.
Index leaking_positions(const Gpt& model) {
    const Index T = model.config.context, V = model.config.vocabulary;
    const Tokens ids = random_tokens({2, T}, V, 5);
    const Tensor before = logits(model, ids);
    Index leaking = 0;
    for (Index t = 0; t + 1 < T; ++t) {
        Tokens changed = ids;
        int& token = changed.id[static_cast<std::size_t>(t + 1)];
        token = static_cast<int>((token + 1) % V);
        const Tensor after = logits(model, changed);
        leaking += !same_bits(until(before, 0, t), until(after, 0, t));
        // The change must show at t + 1, or this test would prove nothing, and must leave the other
        // row of the batch alone.
        CHECK_FALSE(same_bits(until(before, 0, t + 1), until(after, 0, t + 1)));
        CHECK(same_bits(until(before, 1, T - 1), until(after, 1, T - 1)));
    }
    return leaking;
}

}  // namespace

TEST_CASE("the closed form counts every parameter, with and without biases") {
    for (const Index layers : {1, 2, 5})
        for (const Index width : {4, 12})
            for (const Index context : {1, 9})
                for (const Index vocabulary : {1, 7, 300})
                    for (const Bias bias : {Bias::no, Bias::yes}) {
                        Gpt model({.layers = layers,
                                   .heads = 2,
                                   .width = width,
                                   .context = context,
                                   .vocabulary = vocabulary,
                                   .bias = bias},
                                  1);
                        CAPTURE(layers);
                        CAPTURE(width);
                        CAPTURE(context);
                        CAPTURE(vocabulary);
                        CHECK(parameter_count(model) == model.config.parameter_count());
                    }
}

TEST_CASE("GPT-2's four sizes have exactly the published numbers of parameters") {
    CHECK(GptConfig::gpt2("124M").parameter_count() == 124'439'808);
    CHECK(GptConfig::gpt2("350M").parameter_count() == 354'823'168);
    CHECK(GptConfig::gpt2("774M").parameter_count() == 774'030'080);
    CHECK(GptConfig::gpt2("1558M").parameter_count() == 1'557'611'200);
    CHECK_THROWS_WITH_AS(GptConfig::gpt2("42M"),
                         "gpt2: no size \"42M\"; there are 124M, 350M, 774M and 1558M",
                         std::invalid_argument);
}

TEST_CASE("nanoGPT's CPU model has 804,096 parameters and a three-layer storyteller 352,032" *
          kFullSpeedOnly) {
    // (65 + 64) 128 + 4 (12 128^2 + 2 128) + 128, and (42 + 128) 96 + 3 (12 96^2 + 13 96) + 2 96.
    Gpt cpu(
        {.layers = 4, .heads = 4, .width = 128, .context = 64, .vocabulary = 65, .bias = Bias::no},
        1);
    CHECK(parameter_count(cpu) == 804'096);
    Gpt tales({.layers = 3, .heads = 3, .width = 96, .context = 128, .vocabulary = 42}, 1);
    CHECK(parameter_count(tales) == 352'032);
}

TEST_CASE("a training token costs six operations per weight, and twelve L C T for attention") {
    const GptConfig c = GptConfig::gpt2("124M");
    const double weights = 124'439'808 - 1024 * 768;
    CHECK(c.flops_per_token() == doctest::Approx(6 * weights + 12.0 * 12 * 768 * 1024));
}

TEST_CASE("an impossible configuration is refused with a value that would work") {
    const auto message = [](GptConfig c) {
        try {
            Gpt(c, 1);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const GptConfig good{.layers = 1, .heads = 2, .width = 8, .context = 4, .vocabulary = 5};
    const auto with = [&](auto change) {
        GptConfig c = good;
        change(c);
        return message(c);
    };
    CHECK(message(good).empty());
    CHECK(with([](auto& c) { c.heads = 3; }) ==
          "gpt: heads must divide the width: 8 / 3 leaves 2 (a width of 9 would do)");
    CHECK(with([](auto& c) { c.heads = 0; }) == "gpt: 0 heads, must be at least 1");
    CHECK(with([](auto& c) { c.layers = 0; }) == "gpt: 0 layers, must be 1 to 1000");
    CHECK(with([](auto& c) { c.layers = -1; }) == "gpt: -1 layers, must be 1 to 1000");
    CHECK(with([](auto& c) { c.width = 0; }) == "gpt: width 0, must be 1 to 65536");
    CHECK(with([](auto& c) { c.context = 0; }) == "gpt: context 0, must be 1 to 16777216");
    CHECK(with([](auto& c) { c.vocabulary = 0; }) == "gpt: vocabulary 0, must be 1 to 16777216");
    CHECK(with([](auto& c) { c.dropout = 1; }) == "gpt: dropout 1, must be in [0, 1)");
    CHECK(with([](auto& c) { c.dropout = NAN; }).find("dropout nan") != std::string::npos);
}

TEST_CASE("tokens that a GPT cannot read are refused") {
    const Gpt model(kSmall, 1);
    CHECK_THROWS_WITH_AS(model(Tokens({3}, {1, 2, 3})), "gpt: token ids must be (B, T), got (3,)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(model(random_tokens({1, 20}, 11, 1)),
                         "gpt: 20 positions, must be 1 to the context of 19",
                         std::invalid_argument);
    CHECK_THROWS_AS(model(Tokens({1, 0}, {})), std::invalid_argument);
    CHECK_THROWS_AS(model(Tokens({1, 2}, {0, 11})), std::invalid_argument);
    CHECK_THROWS_AS(model(Tokens({1, 2}, {-1, 0})), std::invalid_argument);
}

TEST_CASE("an untrained GPT has a loss of ln V") {
    struct Case {
        Index layers, heads, width, vocabulary;
    };
    for (const Case& c : {Case{1, 1, 8, 2}, Case{2, 3, 24, 11}, Case{3, 4, 96, 42},
                          Case{6, 4, 32, 65}, Case{1, 2, 64, 1000}, Case{12, 2, 16, 300}}) {
        CAPTURE(c.layers);
        CAPTURE(c.width);
        CAPTURE(c.vocabulary);
        const Index T = 32;
        const Gpt model({.layers = c.layers,
                         .heads = c.heads,
                         .width = c.width,
                         .context = T,
                         .vocabulary = c.vocabulary},
                        1);
        const Tokens ids = random_tokens({4, T}, c.vocabulary, 2);
        const Tokens targets = random_tokens({4, T}, c.vocabulary, 3);
        const NoGrad guard;
        const double loss = static_cast<double>(cross_entropy(model(ids), targets).item());
        CHECK(std::abs(loss - std::log(static_cast<double>(c.vocabulary))) < 0.1);
    }
}

TEST_CASE("every parameter receives a gradient and moves in one step") {
    for (const Bias bias : {Bias::no, Bias::yes}) {
        GptConfig config = kSmall;
        config.bias = bias;
        Gpt model(config, 1);
        const auto before = copy_parameters(model);
        cross_entropy(model(random_tokens({3, config.context}, config.vocabulary, 2)),
                      random_tokens({3, config.context}, config.vocabulary, 3))
            .backward();
        AdamW optimiser(named_parameters(model));
        optimiser.step(Real(0.01));
        const auto after = named_parameters(model);
        for (std::size_t i = 0; i < after.size(); ++i) {
            CAPTURE(after[i].name);
            CHECK(after[i].variable.has_grad());
            CHECK(gradient_norm({after[i]}) > 0);
            CHECK_FALSE(same_bits(after[i].variable.value(), before[i]));
        }
    }
}

TEST_CASE("changing a token changes no bit of the logits before it, on every instruction set") {
    const SavedSettings saved;
    const Gpt model(kSmall, 1);
    for (const auto& name : isa_names()) {
        CAPTURE(name);
        use_isa(name);
        CHECK(leaking_positions(model) == 0);
    }
}

TEST_CASE("a missing causal mask is caught by the same test, on every instruction set") {
    const SavedSettings saved;
    const Gpt model(kSmall, 1);
    for (const auto& name : isa_names()) {
        CAPTURE(name);
        use_isa(name);
        const Leak leak;
        CHECK(leaking_positions(model) == kSmall.context - 1);
    }
}

TEST_CASE("the same token means something else at another position, and order matters") {
    const Gpt model(kSmall, 1);
    const Index T = 6;
    const Tensor same = logits(model, Tokens({1, T}, std::vector<int>(T, 3)));
    for (Index t = 1; t < T; ++t)
        CHECK_FALSE(
            same_bits(same.reshape({T, 11}).slice(0, 1), same.reshape({T, 11}).slice(t, t + 1)));
    const Tensor ab = logits(model, Tokens({1, 3}, {1, 2, 4})),
                 ba = logits(model, Tokens({1, 3}, {2, 1, 4}));
    CHECK_FALSE(same_bits(ab.reshape({3, 11}).slice(2, 3), ba.reshape({3, 11}).slice(2, 3)));
}

TEST_CASE("reversing the rows of a batch reverses their logits") {
    const Gpt model(kSmall, 1);
    const Index B = 5, T = 7;
    const Tokens ids = random_tokens({B, T}, 11, 4);
    Tokens turned = ids;
    for (Index b = 0; b < B; ++b)
        std::copy_n(ids.id.begin() + b * T, T, turned.id.begin() + (B - 1 - b) * T);
    const Tensor a = logits(model, ids), z = logits(model, turned);
    double worst = 0;
    for (Index b = 0; b < B; ++b)
        for (Index i = 0; i < T * 11; ++i)
            worst = std::max(worst, std::abs(static_cast<double>(a[b * T * 11 + i]) -
                                             static_cast<double>(z[(B - 1 - b) * T * 11 + i])));
    CHECK(worst < 1e-5);  // a row's position may decide which tile of a kernel computes it
}

TEST_CASE("what comes after the end of a document changes neither loss nor gradient") {
    Gpt model(kSmall, 1);
    Batch batch = document_batch({{1, 2, 3, 0}, {4, 5, 6, 7, 8, 9, 0}}, 0);
    std::vector<Tensor> gradients[2];
    Real loss[2];
    for (int run = 0; run < 2; ++run) {
        for (const auto& p : named_parameters(model)) p.variable.zero_grad();
        const Variable l = cross_entropy(model(batch.inputs), batch.targets);
        loss[run] = l.item();
        l.backward();
        for (const auto& p : named_parameters(model))
            gradients[run].push_back(p.variable.grad().clone());
        // Document 0 has four tokens; the three positions after them hold something else next time.
        for (std::size_t t = 4; t < 7; ++t) {
            CHECK(batch.targets.id[t] == -1);
            batch.inputs.id[t] = 10;
        }
    }
    CHECK(loss[0] == loss[1]);
    for (std::size_t i = 0; i < gradients[0].size(); ++i)
        for (Index j = 0; j < gradients[0][i].count(); ++j)
            if (gradients[0][i][j] != gradients[1][i][j]) {
                FAIL("gradient of ", named_parameters(model)[i].name, " differs at ", j);
            }
}

#ifdef GRADUS_DOUBLE  // in float, differences of so nonlinear a function are only good to 10%
TEST_CASE("the gradient of a whole GPT agrees with finite differences in every parameter") {
    const GptConfig config{
        .layers = 2, .heads = 2, .width = 4, .context = 3, .vocabulary = 5, .dropout = Real(0.25)};
    const Tokens ids({2, 3}, {1, 4, 4, 0, 2, 1}), targets({2, 3}, {4, 4, -1, 2, 1, 3});
    Gpt model(config, 1);
    std::vector<Tensor> start;
    Random random(2);
    for (const auto& p : named_parameters(model)) {
        // Larger than at initialisation, so that no part of the gradient is tiny.
        Tensor w = Tensor::uniform(p.variable.shape(), Real(-0.6), Real(0.6), random);
        if (p.name.find("norm") != std::string::npos && p.name.ends_with("weight"))
            for (Index i = 0; i < w.count(); ++i) w[i] += 1;
        start.push_back(w);
    }
    for (const bool training : {false, true}) {
        CAPTURE(training);
        const auto check = gradient_check(
            [&](const std::vector<Variable>& parameters) {
                set_parameters(model, parameters);
                if (!training) return cross_entropy(model(ids), targets);
                const TrainMode scope(3, 0);
                return cross_entropy(model(ids), targets);
            },
            start);
        CHECK_MESSAGE(check.ok, check.message, " (", check.worst, " times the tolerance)");
    }
}
#endif

TEST_CASE("the GPT-2 head is the token embedding itself") {
    Gpt model(kSmall, 1);
    const Tokens ids = random_tokens({1, 3}, 11, 1);
    const Tensor before = logits(model, ids);
    // Token 7 does not occur in the input, so its row acts through the head alone.
    Tokens without = ids;
    for (int& id : without.id) id = id == 7 ? 8 : id;
    const Tensor a = logits(model, without);
    for (Index c = 0; c < 24; ++c) model.token.weight.value().at(7, c) = 0;
    const Tensor b = logits(model, without);
    for (Index t = 0; t < 3; ++t) {
        CHECK(b.at(0, t, 7) == 0);
        CHECK(a.at(0, t, 7) != 0);
        CHECK(a.at(0, t, 6) == b.at(0, t, 6));
    }
    CHECK(before.shape() == Shape{1, 3, 11});
}
