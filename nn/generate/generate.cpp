// SPDX-License-Identifier: MIT
#include "nn/generate/generate.h"

#include <algorithm>

#include "nn/progress.h"

namespace gradus {
namespace {

bool stops(const GenerateOptions& options, int token) {
    return std::find(options.stop.begin(), options.stop.end(), token) != options.stop.end();
}

// The token after row b; logits: (B, any number of positions, V).
int draw(const Tensor& logits, Index b, const GenerateOptions& how, Random& random) {
    const Index V = logits.size(-1), drawn = how.vocabulary > 0 ? how.vocabulary : V;
    const Real* last = logits.data() + ((b + 1) * logits.size(1) - 1) * V;
    return sample_token(last, drawn, how.sampler, random);
}

}  // namespace

std::vector<int> generate(const LanguageModel& model, const std::vector<int>& prompt,
                          const GenerateOptions& options, Random& random,
                          const std::function<bool(int)>& on_token) {
    require(!prompt.empty(), "generate: the prompt has no tokens");
    require(options.context >= 1, "generate: context {}, must be at least 1", options.context);
    require_valid(options.sampler);
    const NoGrad guard;
    std::vector<int> text = prompt, fresh;
    // The model sees the last `seen` tokens.
    Index seen = std::min(static_cast<Index>(text.size()), options.context);
    for (; static_cast<Index>(fresh.size()) < options.tokens; ++seen) {
        if (seen > options.context) seen = std::max<Index>(1, options.context / 2);
        const Tensor logits =
            model(Tokens({1, seen}, std::vector<int>(text.end() - seen, text.end()))).value();
        const int token = draw(logits, 0, options, random);
        text.push_back(token);
        fresh.push_back(token);
        Progress::report(static_cast<double>(fresh.size()) / static_cast<double>(options.tokens));
        if ((on_token && !on_token(token)) || stops(options, token)) break;
    }
    return fresh;
}

std::vector<std::vector<int>> generate_many(const LanguageModel& model,
                                            const std::vector<int>& prompt, Index count,
                                            const GenerateOptions& options, std::uint64_t seed) {
    require(!prompt.empty(), "generate: the prompt has no tokens");
    require_valid(options.sampler);
    const NoGrad guard;
    struct Text {
        std::vector<int> tokens;
        Random random;
        bool ended = false;
    };
    std::vector<Text> texts;
    for (Index i = 0; i < count; ++i)
        texts.push_back({prompt, Random(seed, Stream::sampling, static_cast<std::uint64_t>(i))});
    // The model reads T tokens and predicts the next; it never reads the last one, so a text may
    // reach context + 1 tokens.
    const Index limit =
        std::min(options.context, static_cast<Index>(prompt.size()) + options.tokens - 1);
    for (Index T = static_cast<Index>(prompt.size()); T <= limit; ++T) {
        std::vector<Text*> running;
        std::vector<int> ids;
        for (auto& text : texts) {
            if (text.ended) continue;
            running.push_back(&text);
            ids.insert(ids.end(), text.tokens.begin(), text.tokens.end());
        }
        if (running.empty()) break;
        const auto B = static_cast<Index>(running.size());
        const Tensor logits = model(Tokens({B, T}, std::move(ids))).value();
        for (Index b = 0; b < B; ++b) {
            Text& text = *running[static_cast<std::size_t>(b)];
            text.tokens.push_back(draw(logits, b, options, text.random));
            text.ended = stops(options, text.tokens.back());
        }
        Progress::report(static_cast<double>(T) / static_cast<double>(limit));
    }
    std::vector<std::vector<int>> results;
    for (auto& text : texts)
        results.emplace_back(text.tokens.begin() + static_cast<Index>(prompt.size()),
                             text.tokens.end());
    return results;
}

}  // namespace gradus
