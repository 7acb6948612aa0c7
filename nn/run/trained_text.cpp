// SPDX-License-Identifier: MIT
#include "nn/run/trained_text.h"

#include <algorithm>

namespace gradus {

TrainedText trained_text(const std::string& folder, const TextRun& run, TextModel model) {
    TrainedText trained{.path = folder,
                        .origin = "a run of this program",
                        .model = std::move(model),
                        .tokenizer = run.tokenizer,
                        .name = run.name,
                        .prompt = run.prompt,
                        .run = run};
    if (!run.stop.empty()) trained.begin = trained.stop = run.tokenizer.encode(run.stop);
    return trained;
}

const Tokenizer& TrainedText::words() const {
    if (!tokenizer)
        throw FileError(path,
                        "has no tokenizer (tokenizer.json, or vocab.json and merges.txt, beside "
                        "the weights)");
    return *tokenizer;
}

std::vector<int> TrainedText::opening(const std::vector<int>& ids) const {
    std::vector<int> all = begin;
    all.insert(all.end(), ids.begin(), ids.end());
    if (all.empty()) all = {stop.empty() ? 0 : stop[0]};
    return all;
}

TrainedText load_trained(const std::string& path, Weights weights) {
    if (holds_run(path) || !is_pretrained(path)) {
        const TextRun run = load_text_run(path);
        return trained_text(path, run, load_text_model(path, run));
    }
    Pretrained loaded = load_pretrained(path, weights);
    TrainedText trained;
    trained.path = path, trained.origin = loaded.origin;
    trained.model = std::move(loaded.model);
    trained.tokenizer = std::nullopt;  // WIP
    if (!trained.tokenizer) {
        if (loaded.bos) trained.begin = {*loaded.bos};
    } else if (const auto bos = trained.tokenizer->bos()) {
        trained.begin = {*bos};
    }
    trained.stop = loaded.eos;
    if (const auto eos = trained.tokenizer ? trained.tokenizer->eos() : std::nullopt;
        eos && std::find(trained.stop.begin(), trained.stop.end(), *eos) == trained.stop.end())
        trained.stop.push_back(*eos);
    trained.prompt = "The";
    return trained;
}

}  // namespace gradus
