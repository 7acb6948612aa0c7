// SPDX-License-Identifier: MIT
#include "lessons/mine/parts.h"

#include <algorithm>
#include <memory>

#include "lessons/13-embedding/given.h"
#include "lessons/15-tokens/yours.h"
#include "lessons/21-gpt/yours.h"
#include "lessons/22-training/yours.h"
#include "lessons/check/answers.h"
#include "lessons/mine/reading.h"
#include "nn/data/text_source.h"

namespace gradus::lessons {
namespace {

constexpr std::size_t kLearnBytes = 100'000;  // that a learner's loops merge within seconds

// The model's parameters become those of the learner's Gpt, which the library then trains, saves and
// draws. A loaded model's values are copied first.
void share(Gpt& model, const std::vector<NamedParameter>& theirs, bool loaded) {
    std::size_t found = 0;
    visit_members(model, [&](const std::string& name, auto& member) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, Variable>) {
            if (!member.defined()) return;
            const auto same = std::find_if(theirs.begin(), theirs.end(),
                                           [&](const auto& p) { return p.name == name; });
            require(same != theirs.end(), "21_gpt.h: your Gpt has no parameter {}", name);
            require(same->variable.shape() == member.shape(),
                    "21_gpt.h: {} of your Gpt is {}, and should be {}", name,
                    same->variable.shape(), member.shape());
            if (loaded) same->variable.value().copy_from(member.value());
            member = same->variable;
            ++found;
        }
    });
    require(found == theirs.size(), "21_gpt.h: your Gpt has {} parameters, and should have {}",
            theirs.size(), found);
}

}  // namespace

TextParts parts_of_learner(Gpt& model, std::uint64_t seed, bool loaded) {
    TextParts parts;
    const GptConfig& c = model.config;
    if (is_own("21-gpt")) {
        require(c.dropout == 0, "--mine: your GPT has no dropout (leave out --dropout)");
        require(c.bias == Bias::yes, "--mine: your GPT has biases (leave out --bias no)");
        const AnyGpt gpt = your_gpt({c.vocabulary, c.context, c.width, c.heads, c.layers}, seed);
        share(model, gpt.parameters(), loaded);
        parts.model = gpt.forward;
    }
    if (is_own("22-training"))
        parts.loss = [](const LanguageModel& forward, const Batch& batch) {
            return your_loss(forward, {batch.inputs, batch.targets});
        };
    if (is_own("24-cache")) {
        require(c.bias == Bias::yes, "--mine: your cache is for a GPT with biases");
        const GptWeights weights = weights_of(named_parameters(model), c.heads);
        parts.writer = [weights, V = c.vocabulary] { return Reading(weights, V); };
    }
    if (is_own("23-sampling")) parts.generate = write_as_learner;
    return parts;
}

Tokenizer tokenizer_of_learner(const std::string& data, int merges) {
    std::string text;
    const auto known = text_source_names();
    if (std::find(known.begin(), known.end(), data) != known.end()) {
        const auto source = text_source(data);
        for (std::uint64_t i = 0; text.size() < kLearnBytes; ++i) text += source->document(1, i);
    } else {
        TextFile file(data, TextFile::Kind::utf8);
        for (std::string_view piece; text.size() < kLearnBytes && !(piece = file.next()).empty();)
            text += piece.substr(0, kLearnBytes - text.size());
    }
    const Merges learnt = your_merges(text, merges);
    return Tokenizer::bpe(Bpe(learnt, Bpe::Split::none));
}

std::vector<int> encode_as_learner(const Tokenizer& tokenizer, const std::string& text) {
    if (tokenizer.kind() != Tokenizer::Kind::bpe || !is_own("15-tokens"))
        return tokenizer.encode(text);
    return your_encode(text, tokenizer.bpe()->merges());
}

void train_as_learner(const TextRun& run, TextData& data, FitOptions& options) {
    if (is_own("13-embedding"))
        data.cut = [](const std::vector<int>& text, const std::vector<Index>& starts, Index T) {
            const Examples rows = your_batch(text, starts, T);
            return Batch{rows.inputs, rows.targets};
        };
    if (!is_own("22-training")) return;
    data.lay_out = [](const std::vector<std::vector<int>>& documents, int start) {
        const Examples rows = your_story_batch(documents, start);
        return Batch{rows.inputs, rows.targets};
    };
    const TrainerOptions& t = run.training;
    const RateSchedule rates{t.steps, t.warmup, t.lr, t.min_lr};
    options.prepare = [rates, cosine = t.schedule == "cosine"](Trainer& trainer) {
        if (cosine)
            trainer.schedule = [rates](Index step) { return your_learning_rate(step, rates); };
        trainer.clip = [](const std::vector<NamedParameter>& parameters, double limit) {
            std::vector<Variable> list;
            for (const auto& p : parameters) list.push_back(p.variable);
            return your_clipping(list, limit);
        };
    };
}

}  // namespace gradus::lessons
