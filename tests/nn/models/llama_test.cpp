// SPDX-License-Identifier: MIT
// The Llama as a whole: its size, what its options change, which positions see which, and its gradient.
#include "nn/models/llama.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/gradient_check.h"
#include "nn/generate/generate.h"
#include "nn/generate/kv_cache.h"
#include "nn/look/inside.h"
#include "nn/loss.h"
#include "nn/models/text_model.h"
#include "nn/train/optimiser.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

const LlamaConfig kSmall{.layers = 2,
                         .heads = 6,
                         .kv_heads = 2,
                         .width = 24,
                         .hidden = 20,
                         .context = 19,
                         .vocabulary = 11};

// One of each option, and of all together.
std::vector<LlamaConfig> variants() {
    std::vector<LlamaConfig> list(7, kSmall);
    list[1].tied = Tied::yes;
    list[2].qkv_bias = Bias::yes, list[2].projection_bias = Bias::yes;
    list[3].head_size = 10;
    list[4].window = 3;
    list[5].rotary_pairs = RotaryPairs::adjacent, list[5].rotary_stretch = {1, 4};
    list[6] = {.layers = 1,
               .heads = 3,
               .kv_heads = 1,
               .head_size = 6,
               .width = 7,
               .hidden = 5,
               .context = 9,
               .vocabulary = 4,
               .window = 2,
               .norm_eps = 1e-6,
               .rotary_base = 100,
               .rotary_pairs = RotaryPairs::adjacent,
               .rotary_stretch = {1, 2, 8},
               .qkv_bias = Bias::yes,
               .tied = Tied::yes};
    return list;
}

Tensor logits(const Llama& model, const Tokens& ids) {
    const NoGrad guard;
    return model(ids).value();
}

std::string error_of(const auto& f) {
    try {
        f();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("the closed form counts every parameter of a Llama, whatever its options") {
    for (const LlamaConfig& config : variants()) {
        Llama model(config, 1);
        CHECK(parameter_count(model) == config.parameter_count());
    }
}

TEST_CASE("the published sizes have exactly the published numbers of parameters") {
    const LlamaConfig llama2{.layers = 32,
                             .heads = 32,
                             .kv_heads = 32,
                             .width = 4096,
                             .hidden = 11008,
                             .context = 4096,
                             .vocabulary = 32000};
    CHECK(llama2.parameter_count() == 6'738'415'616);
    const LlamaConfig tiny_llama{.layers = 22,
                                 .heads = 32,
                                 .kv_heads = 4,
                                 .width = 2048,
                                 .hidden = 5632,
                                 .context = 2048,
                                 .vocabulary = 32000};
    CHECK(tiny_llama.parameter_count() == 1'100'048'384);
    const LlamaConfig smol{.layers = 30,
                           .heads = 9,
                           .kv_heads = 3,
                           .width = 576,
                           .hidden = 1536,
                           .context = 8192,
                           .vocabulary = 49152,
                           .tied = Tied::yes};
    CHECK(smol.parameter_count() == 134'515'008);
    const LlamaConfig qwen{.layers = 24,
                           .heads = 14,
                           .kv_heads = 2,
                           .width = 896,
                           .hidden = 4864,
                           .context = 32768,
                           .vocabulary = 151936,
                           .qkv_bias = Bias::yes,
                           .tied = Tied::yes};
    CHECK(qwen.parameter_count() == 494'032'768);
    const LlamaConfig stories{.layers = 5,
                              .heads = 8,
                              .kv_heads = 4,
                              .width = 64,
                              .hidden = 172,
                              .context = 512,
                              .vocabulary = 512,
                              .tied = Tied::yes};
    CHECK(stories.parameter_count() == 260'032);
}

TEST_CASE("an impossible Llama is refused, and the message names the field") {
    const auto with = [](auto change) {
        LlamaConfig c = kSmall;
        change(c);
        return error_of([&] { Llama(c, 1); });
    };
    CHECK(with([](auto&) {}).empty());
    CHECK(with([](auto& c) { c.layers = 0; }) == "llama: 0 layers, must be 1 to 1000");
    CHECK(with([](auto& c) { c.heads = 0; }) == "llama: 0 heads, must be 1 to 65536");
    CHECK(with([](auto& c) { c.kv_heads = 4; }) ==
          "llama: 4 heads of keys and values, must divide the 6 heads");
    CHECK(with([](auto& c) { c.kv_heads = 0; }) ==
          "llama: 0 heads of keys and values, must divide the 6 heads");
    CHECK(with([](auto& c) { c.width = 25; }) ==
          "llama: heads must divide the width: 25 / 6 leaves 1");
    CHECK(with([](auto& c) { c.head_size = 3; }) ==
          "llama: heads of size 3, must be even, up to 65536: rotary positions turn pairs");
    CHECK(with([](auto& c) { c.head_size = -2; }).find("llama: heads of size") == 0);
    CHECK(with([](auto& c) { c.hidden = 0; }) == "llama: hidden width 0, must be 1 to 1048576");
    CHECK(with([](auto& c) { c.context = 0; }) == "llama: context 0, must be 1 to 1048576");
    CHECK(with([](auto& c) { c.vocabulary = 0; }) == "llama: vocabulary 0, must be 1 to 16777216");
    CHECK(with([](auto& c) { c.window = -1; }) ==
          "llama: window -1, must be at least 0 (0: no window)");
    CHECK(with([](auto& c) { c.norm_eps = NAN; }) == "llama: norm_eps nan, must be in [0, 1)");
    CHECK(with([](auto& c) { c.rotary_base = 1; }) == "llama: rotary base 1, must be above 1");
    CHECK(with([](auto& c) { c.rotary_stretch = {1}; }) == "llama: 1 rotary stretches for 2 pairs");
    CHECK(with([](auto& c) {
              c.rotary_stretch = {1, 0};
          }) == "llama: rotary factor 0, must be above 0");
    const Llama model(kSmall, 1);
    CHECK(error_of([&] {
              model(Tokens({3}, {1, 2, 3}));
          }) == "llama: token ids must be (B, T), got (3,)");
    CHECK(error_of([&] {
              model(random_tokens({1, 20}, 11, 1));
          }) == "llama: 20 positions, must be 1 to the context of 19");
}

TEST_CASE("every parameter of a Llama receives a gradient and moves in one step") {
    for (const LlamaConfig& config : variants()) {
        Llama model(config, 1);
        const auto before = copy_parameters(model);
        const Shape shape{3, config.context};
        cross_entropy(model(random_tokens(shape, config.vocabulary, 2)),
                      random_tokens(shape, config.vocabulary, 3))
            .backward();
        AdamW optimiser(named_parameters(model));
        optimiser.step(Real(0.01));
        const auto after = named_parameters(model);
        for (std::size_t i = 0; i < after.size(); ++i) {
            CAPTURE(after[i].name);
            CHECK(gradient_norm({after[i]}) > 0);
            CHECK_FALSE(same_bits(after[i].variable.value(), before[i]));
        }
    }
}

TEST_CASE("a position of a Llama sees what came before it, with a window only so much of it") {
    for (const LlamaConfig& config : variants()) {
        Llama model(config, 1);
        amplify(model, Real(10));
        const Index T = config.context, V = config.vocabulary, changed = 3;
        const Tokens ids = random_tokens({1, T}, V, 5);
        Tokens other = ids;
        int& token = other.id[static_cast<std::size_t>(changed)];
        token = (token + 1) % static_cast<int>(V);
        const Tensor a = logits(model, ids).reshape({T, V}),
                     b = logits(model, other).reshape({T, V});
        const Index reach =
            config.window > 0 ? config.layers * (config.window - 1) : config.context;
        for (Index t = 0; t < T; ++t) {
            CAPTURE(t);
            const bool sees = t >= changed && t <= changed + reach;
            CHECK(same_bits(a.slice(t, t + 1), b.slice(t, t + 1)) == !sees);
        }
    }
}

namespace {

// In pieces of one token, and in longer ones: the logits after each are those of the whole text.
void check_pieces(const LlamaConfig& config) {
    const double rounding = 4000 * std::numeric_limits<Real>::epsilon();
    Llama model(config, 1);
    amplify(model, Real(10));
    const Index T = config.context, V = config.vocabulary;
    const Tokens ids = random_tokens({2, T}, V, 2);
    for (const auto& pieces : std::vector<std::vector<Index>>{
             std::vector<Index>(static_cast<std::size_t>(T), 1), {4, 1, 3, T - 8}}) {
        Cached<Llama> cached(model);
        Index read = 0;
        for (const Index more : pieces) {
            read += more;
            std::vector<int> id;
            for (Index b = 0; b < 2; ++b)
                id.insert(id.end(), ids.id.begin() + b * T, ids.id.begin() + b * T + read);
            const Tokens text({2, read}, id);
            const Tensor all = logits(model, text), last = cached(text).value();
            for (Index b = 0; b < 2; ++b)
                CHECK(
                    largest_difference(
                        last.slice(b, b + 1).reshape({V}),
                        all.slice(b, b + 1).reshape({read, V}).slice(read - 1, read).reshape({V})) <
                    rounding);
        }
        CHECK(cached.computed() == 2 * T);
    }
}

}  // namespace

TEST_CASE("a Llama read in any pieces gives the model's logits, with every option") {
    for (const LlamaConfig& config : variants()) check_pieces(config);
}

TEST_CASE("a Llama read in any pieces gives the model's logits, on every instruction set") {
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        check_pieces(variants().back());  // the smallest, with most options
    }
}

TEST_CASE("a cache grows with the text, far beyond its first size, and loses nothing") {
    LlamaConfig config = kSmall;
    config.layers = 1, config.context = 2600;
    Llama model(config, 1);
    amplify(model, Real(10));
    const Tokens ids = random_tokens({1, 2500}, config.vocabulary, 4);
    Cached<Llama> cached(model);
    const auto text = [&](Index T) {
        return Tokens({1, T}, std::vector<int>(ids.id.begin(), ids.id.begin() + T));
    };
    for (const Index T : {1000, 1023, 1024, 1025, 2048, 2049}) cached(text(T));
    const Tensor last = cached(text(2500)).value(), all = logits(model, text(2500));
    CHECK(cached.computed() == 2500);
    CHECK(largest_difference(last.reshape({11}),
                             all.reshape({2500, 11}).slice(2499, 2500).reshape({11})) < 1e-3);
}

TEST_CASE("fewer heads of keys and values are many that are equal") {
    LlamaConfig config = kSmall;
    Llama grouped(config, 1);
    amplify(grouped, Real(10));
    config.kv_heads = config.heads;
    Llama full(config, 2);
    const auto from = named_parameters(grouped), to = named_parameters(full);
    for (std::size_t i = 0; i < to.size(); ++i) {
        const Tensor a = from[i].variable.value(), b = to[i].variable.value();
        if (a.shape() == b.shape()) {
            b.copy_from(a);
            continue;
        }
        const Index HS = config.size_of_head(), copies = 3;  // head h of 6 reads head h / 3 of 2
        for (Index row = 0; row < b.size(0); ++row)
            for (Index c = 0; c < b.size(1); ++c)
                b.at(row, c) = a.at(row, c / HS / copies * HS + c % HS);
    }
    const Tokens ids = random_tokens({2, 19}, 11, 3);
    CHECK(largest_difference(logits(grouped, ids), logits(full, ids)) < 1e-3);
}

TEST_CASE("the gradient of a Llama's loss equals its difference quotient") {
    if (!kDouble) return;
    for (const LlamaConfig& config : variants()) {
        Llama model(config, 1);
        amplify(model, Real(10));
        const Shape shape{2, 5};
        const Tokens ids = random_tokens(shape, config.vocabulary, 2),
                     targets = random_tokens(shape, config.vocabulary, 3);
        const auto loss = [&] {
            const NoGrad guard;
            return double(cross_entropy(model(ids), targets).item());
        };
        cross_entropy(model(ids), targets).backward();
        for (const auto& p : named_parameters(model)) {
            CAPTURE(p.name);
            const Tensor x = p.variable.value();
            for (const Index i : {Index{0}, x.count() / 2, x.count() - 1}) {
                const Real before = x[i], h = Real(1e-5);
                x[i] = before + h;
                const double up = loss();
                x[i] = before - h;
                const double down = loss();
                x[i] = before;
                const double numeric = (up - down) / (2 * double(h));
                CHECK(std::abs(numeric - double(p.variable.grad()[i])) <=
                      1e-8 + 1e-6 * std::abs(numeric));
            }
        }
    }
}

TEST_CASE("recomputed blocks give the same gradients") {
    Llama kept(kSmall, 1), again(kSmall, 1);
    const Tokens ids = random_tokens({2, 7}, 11, 2), targets = random_tokens({2, 7}, 11, 3);
    cross_entropy(kept(ids), targets).backward();
    {
        const TrainMode mode(1, 0, true);
        cross_entropy(again(ids), targets).backward();
    }
    const auto a = named_parameters(kept), b = named_parameters(again);
    for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(same_bits(a[i].variable.grad(), b[i].variable.grad()));
}

TEST_CASE("a look inside a Llama shows probabilities, and its last layer is the model") {
    for (const LlamaConfig& config : variants()) {
        Llama model(config, 1);
        amplify(model, Real(10));
        const Index T = 6, V = config.vocabulary;
        const Tokens ids = random_tokens({1, T}, V, 8);
        const auto views = look_inside(model, ids.id);
        CHECK(std::ssize(views) == config.layers);
        for (const LayerView& view : views) {
            CHECK(view.attention.shape() == Shape({config.heads, T, T}));
            for (Index row = 0; row < config.heads * T; ++row) {
                double sum = 0;
                for (Index s = 0; s < T; ++s) sum += double(view.attention[row * T + s]);
                CHECK(std::abs(sum - 1) < 1e-5);
                for (Index s = row % T + 1; s < T; ++s) CHECK(view.attention[row * T + s] == 0);
            }
        }
        const Tensor all = logits(model, ids);
        CHECK(likeliest(views.back().lens, T - 1, 1)[0] ==
              static_cast<int>(argmax(all.data() + (T - 1) * V, V)));
    }
}

TEST_CASE("a text model is whatever it holds") {
    const Llama llama(kSmall, 1);
    TextModel model = llama;
    CHECK(model.layers() == 2);
    CHECK(model.heads() == 6);
    CHECK(model.width() == 24);
    CHECK(model.context() == 19);
    CHECK(model.vocabulary() == 11);
    CHECK(architecture_of(model.config()) == "llama");
    CHECK(parameter_count(model) == parameter_count(model.config()));
    const Tokens ids = random_tokens({1, 4}, 11, 1);
    const NoGrad guard;
    CHECK(same_bits(model(ids).value(), logits(llama, ids)));
    CHECK(same_bits(model.embeddings({3, 1}).slice(1, 2), llama.token.weight.value().slice(1, 2)));
    const double before = double(cross_entropy(model(ids), ids).item());
    model.quantise();
    CHECK(std::abs(double(cross_entropy(model(ids), ids).item()) - before) < 1e-2);
    CHECK(architecture_of(TextModel(Gpt({}, 1)).config()) == "gpt");
}
