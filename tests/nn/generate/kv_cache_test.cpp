// SPDX-License-Identifier: MIT
// CachedGpt: in whatever pieces a text arrives, the logits are those for the whole of it, and no
// token is computed twice.
#include "nn/generate/kv_cache.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autograd/all.h"
#include "nn/generate/generate.h"
#include "nn/stored_weights.h"
#include "nn/train/optimiser.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

constexpr Index kContext = 23, kVocabulary = 11;

// Larger weights than at initialisation, so that the context matters.
Gpt small_gpt(Bias bias = Bias::yes, Real dropout = 0) {
    Gpt model({.layers = 2,
               .heads = 3,
               .width = 24,
               .context = kContext,
               .vocabulary = kVocabulary,
               .dropout = dropout,
               .bias = bias},
              1);
    for (const auto& p : named_parameters(model))
        if (p.variable.shape().rank() == 2)
            for (Index i = 0; i < p.variable.value().count(); ++i) p.variable.value()[i] *= 10;
    return model;
}

Tokens first(const Tokens& ids, Index T) {
    const Index B = ids.shape[0], all = ids.shape[1];
    Tokens part({B, T}, std::vector<int>(static_cast<std::size_t>(B * T)));
    for (Index b = 0; b < B; ++b) std::copy_n(ids.id.begin() + b * all, T, part.id.begin() + b * T);
    return part;
}

Tokens rows(const Tokens& ids, const std::vector<Index>& which) {
    const Index T = ids.shape[1];
    std::vector<int> id;
    for (const Index b : which)
        id.insert(id.end(), ids.id.begin() + b * T, ids.id.begin() + (b + 1) * T);
    return {{static_cast<Index>(which.size()), T}, id};
}

// The largest difference between the decoder's logits (B, 1, V) and the model's last rows; checks
// that all are finite.
double difference(const Tensor& decoded, const Gpt& model, const Tokens& ids) {
    const NoGrad guard;
    const Tensor all = model(ids).value();
    const Index B = ids.shape[0], T = ids.shape[1], V = all.size(-1);
    REQUIRE(decoded.shape() == Shape({B, 1, V}));
    REQUIRE(all_finite(decoded));
    double worst = 0;
    for (Index b = 0; b < B; ++b)
        for (Index v = 0; v < V; ++v)
            worst = std::max(
                worst, std::abs(static_cast<double>(decoded[b * V + v] - all.at(b, T - 1, v))));
    return worst;
}

const double kRounding = 2000 * std::numeric_limits<Real>::epsilon();  // logits reach a few tens

}  // namespace

TEST_CASE(
    "a cache in bf16 or int8: the same in any pieces, near the model's logits, and not equal") {
    const TextModel model = small_gpt();
    const Tokens ids = random_tokens({2, kContext}, kVocabulary, 3);
    const NoGrad guard;
    const Tensor exact = model(ids).value();
    const auto last = [&](const Tensor& all) {
        const Tensor rows = Tensor::empty({2, 1, kVocabulary});
        for (Index b = 0; b < 2; ++b)
            std::copy_n(all.data() + ((b + 1) * kContext - 1) * kVocabulary, kVocabulary,
                        rows.data() + b * kVocabulary);
        return rows;
    };
    for (const CacheFormat format : {CacheFormat::f32, CacheFormat::bf16, CacheFormat::int8}) {
        CAPTURE(to_string(format));
        const Tensor all = through_kv_cache(model, format)(ids).value();
        for (const std::vector<Index>& pieces : {std::vector<Index>{kContext},
                                                 std::vector<Index>(kContext, 1),
                                                 {5, 1, 1, 7, 2, 1, 6}}) {
            const LanguageModel cached = with_kv_cache(model, format);
            Index T = 0;
            Tensor logits;
            for (const Index piece : pieces) logits = cached(first(ids, T += piece)).value();
            CHECK(largest_difference(logits, last(all)) < kRounding);
        }
        const double cost = largest_difference(all, exact);
        if (format == CacheFormat::f32) {
            CHECK(cost < kRounding);
        } else {
            CHECK(cost > 10 * kRounding);
            CHECK(cost < 1);  // logits reach a few tens
            const auto size = [&](CacheFormat f) { return kv_cache_bytes(model, kContext, f); };
            CHECK(size(format) < size(CacheFormat::f32));
        }
    }
}

TEST_CASE("a text read in any pieces gives the model's logits, on every instruction set") {
    const SavedSettings saved;
    const std::vector<std::vector<Index>> pieces = {
        {kContext}, std::vector<Index>(kContext, 1), {1, 22}, {22, 1}, {5, 1, 1, 7, 2, 1, 6}};
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        for (const Bias bias : {Bias::yes, Bias::no}) {
            const Gpt model = small_gpt(bias);
            for (const Index B : {1, 2, 5}) {
                if (kSanitized && B == 5) continue;
                CAPTURE(B);
                const Tokens ids = random_tokens({B, kContext}, kVocabulary, 2);
                for (std::size_t i = 0; i < pieces.size(); ++i) {
                    CAPTURE(i);
                    CachedGpt decoder(model);
                    Index T = 0;
                    for (const Index more : pieces[i]) {
                        T += more;
                        const Tokens text = first(ids, T);
                        CHECK(difference(decoder(text).value(), model, text) < kRounding);
                    }
                    CHECK(decoder.computed() == B * kContext);
                }
            }
        }
    }
}

TEST_CASE("a cache that forgets its oldest position is caught by the same comparison") {
    const Gpt model = small_gpt();
    const Tokens ids = random_tokens({1, 6}, kVocabulary, 2);
    const ScopedOverride guard(
        ops().attention_forward, [](Real* y, Real* lse, const Real* q, const Real* k, const Real* v,
                                    const Real* bias, const AttentionShape& shape) {
            if (shape.Tk <= 2 || shape.Tk == shape.Tq)  // no cache yet, or the model without one
                return naive::attention_forward(y, lse, q, k, v, bias, shape);
            // From the third position on, nothing is left of the first one's value.
            std::vector<Real> values(v, v + shape.B * shape.v.batch);
            for (Index h = 0; h < shape.kv_heads; ++h)
                std::fill_n(values.data() + h * shape.v.head, shape.value_size, Real(0));
            naive::attention_forward(y, lse, q, k, values.data(), bias, shape);
        });
    CachedGpt decoder(model);
    CHECK(difference(decoder(first(ids, 1)).value(), model, first(ids, 1)) < kRounding);
    CHECK(difference(decoder(first(ids, 2)).value(), model, first(ids, 2)) < kRounding);
    CHECK(difference(decoder(first(ids, 3)).value(), model, first(ids, 3)) > 100 * kRounding);
}

TEST_CASE("rows that have ended are dropped, and the others go on without being read again") {
    const Gpt model = small_gpt();
    const Tokens ids = random_tokens({5, 9}, kVocabulary, 3);
    CachedGpt decoder(model);
    decoder(first(ids, 4));
    const auto read_on = [&](const std::vector<Index>& which, Index T) {
        const Tokens text = first(rows(ids, which), T);
        CHECK(difference(decoder(text).value(), model, text) < kRounding);
    };
    read_on({0, 2, 4}, 5);
    read_on({2, 4}, 7);
    CHECK(decoder.computed() == 5 * 4 + 3 * 1 + 2 * 2);
    read_on({4}, 8);
    CHECK(decoder.computed() == 5 * 4 + 3 * 1 + 2 * 2 + 1);
}

TEST_CASE("a text that does not continue the previous one is read afresh") {
    const Gpt model = small_gpt();
    const Tokens a = random_tokens({2, 8}, kVocabulary, 4),
                 b = random_tokens({2, 8}, kVocabulary, 5);
    CachedGpt decoder(model);
    const auto read = [&](const Tokens& text, Index fresh) {
        const Index before = decoder.computed();
        CHECK(difference(decoder(text).value(), model, text) < kRounding);
        CHECK(decoder.computed() - before == fresh);
    };
    read(first(a, 6), 12);
    read(first(a, 6), 12);  // nothing new in it
    read(first(a, 5), 10);
    read(b, 16);
    read(rows(a, {1}), 8);
    read(a, 16);  // more rows
    Tokens changed = a;
    changed.id[8 + 2] = (changed.id[8 + 2] + 1) % static_cast<int>(kVocabulary);
    read(first(a, 6), 12);
    read(changed, 16);  // row 1 differs at its third token
    decoder(first(a, 6));
    read(rows(a, {1, 0}), 16);  // rows swapped
}

TEST_CASE("decoding drops nothing and records no graph") {
    const Gpt plain = small_gpt(), dropping = small_gpt(Bias::yes, Real(0.5));
    const Tokens ids = random_tokens({1, 6}, kVocabulary, 6);
    CachedGpt decoder(dropping);
    CHECK_FALSE(decoder(ids).requires_grad());
    CachedGpt again(dropping);
    CHECK(difference(again(ids).value(), plain, ids) < kRounding);
}

TEST_CASE("tokens that the model cannot read are refused, and the decoder works on") {
    const Gpt model = small_gpt();
    const Tokens ids = random_tokens({1, 7}, kVocabulary, 7);
    CachedGpt decoder(model);
    decoder(first(ids, 4));
    Tokens bad = first(ids, 5);
    bad.id[4] = kVocabulary;
    CHECK_THROWS_AS(decoder(bad), std::invalid_argument);
    CHECK_THROWS_WITH_AS(decoder(random_tokens({1, kContext + 1}, kVocabulary, 1)),
                         "gpt: 24 positions, must be 1 to the context of 23",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(decoder(Tokens({3}, {1, 2, 3})),
                         "cached model: token ids must be (B, T), got (3,)", std::invalid_argument);
    CHECK_THROWS_AS(decoder(Tokens({1, 0}, {})), std::invalid_argument);
    CHECK(difference(decoder(ids).value(), model, ids) < kRounding);
}

TEST_CASE("generated text is the same with and without a cache, far beyond the context") {
    const Gpt model = small_gpt();
    const LanguageModel plain = [&](const Tokens& ids) { return model(ids); };
    const GenerateOptions options{.context = kContext, .tokens = 100};
    CachedGpt decoder(model);
    Random a(1), b(1);
    const auto text = generate(std::ref(decoder), {1, 2}, options, a);
    CHECK(text.size() == 100);
    CHECK(text == generate(plain, {1, 2}, options, b));
    // 2 + 100 tokens; after each 23, the 11 before the new one are read again with it. Without a
    // cache it would be about 100 * 17.
    CHECK(decoder.computed() < 2 * 102);

    const GenerateOptions many{.context = kContext, .tokens = 20, .stop = {0}};
    CachedGpt side_by_side(model);
    CHECK(generate_many(std::ref(side_by_side), {3, 4}, 12, many, 9) ==
          generate_many(plain, {3, 4}, 12, many, 9));
    CHECK(side_by_side.computed() <= 12 * (2 + 20));
}

TEST_CASE("logits and text are the same bits for 1, 2 and 3 threads, in floats and in 8 bits") {
    const SavedSettings saved;
    const GptConfig config{.layers = 2, .heads = 4, .width = 128, .context = 40, .vocabulary = 300};
    for (const bool int8 : {false, true}) {
        CAPTURE(int8);
        Gpt model(config, 1);
        if (int8) model.quantise();
        std::vector<Tensor> logits;
        std::vector<std::vector<int>> texts;
        for (const int n : {1, 2, 3}) {
            set_threads(n);
            CachedGpt decoder(model);
            decoder(random_tokens({3, 20}, config.vocabulary, 8));
            logits.push_back(decoder(random_tokens({3, 21}, config.vocabulary, 8)).value());
            Random random(1);
            texts.push_back(generate(CachedGpt(model), {5}, {.context = 40, .tokens = 60}, random));
        }
        for (std::size_t i = 1; i < 3; ++i) {
            CHECK(same_bits(logits[0], logits[i]));
            CHECK(texts[0] == texts[i]);
        }
    }
}

TEST_CASE(
    "an 8-bit model gives the same logits cached or not, and nearly those of the float model") {
    const Gpt real = small_gpt();
    Gpt int8 = real;
    int8.quantise();
    const Tokens ids = random_tokens({2, kContext}, kVocabulary, 9);
    CachedGpt decoder(int8);
    for (Index T = 1; T <= kContext; ++T)
        CHECK(difference(decoder(first(ids, T)).value(), int8, first(ids, T)) < 50 * kRounding);
    const double changed = difference(decoder(ids).value(), real, ids);
    CHECK(changed > kRounding);
    CHECK(changed < 2);  // of logits that reach a few tens
}

TEST_CASE(
    "8 bits: the size is counted, the float model stays as it was, and what is left can learn") {
    Gpt real = small_gpt(), copy = small_gpt();
    const auto before = copy_parameters(real);
    Gpt int8 = real;
    int8.quantise();
    CHECK(same_parameters(real, before));
    const auto size = static_cast<Index>(sizeof(Real));
    CHECK(parameter_bytes(real) == real.config.parameter_count() * size);
    CHECK(parameter_count(int8) == real.config.parameter_count());
    // Per layer, 72 + 24 + 96 rows of 24 numbers, padded to 32, and 24 rows of 96; then the table.
    const Index floats = 2 * 12 * 24 * 24 + kVocabulary * 24;
    const Index narrow = 2 * (72 + 24 + 96) + kVocabulary, wide = 2 * 24;
    CHECK(parameter_bytes(int8) ==
          parameter_bytes(real) - floats * size + narrow * (32 + size) + wide * (96 + size));
    sum(square(int8(random_tokens({1, 3}, kVocabulary, 1)))).backward();
    for (const auto& p : named_parameters(int8)) {
        CAPTURE(p.name);  // position embeddings, norms and biases
        CHECK(p.variable.has_grad());
    }
}
