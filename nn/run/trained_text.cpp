// SPDX-License-Identifier: MIT
#include "nn/run/trained_text.h"

#include "nn/files/tokenizer_files.h"

namespace gradus {
namespace {

TrainedText load_run(const std::string& folder) {
    const TextRun run = load_text_run(folder);
    TrainedText trained{.path = folder,
                        .origin = "a run of this program",
                        .model = load_text_model(folder, run),
                        .tokenizer = run.tokenizer,
                        .name = run.name,
                        .prompt = run.prompt};
    if (!run.stop.empty()) trained.begin = trained.stop = run.tokenizer.encode(run.stop);
    trained.run = run;
    return trained;
}

}  // namespace

const Tokenizer& TrainedText::words() const {
    if (!tokenizer)
        throw FileError(path, "has no tokenizer (tokenizer.json, or vocab.json and merges.txt, beside "
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
    if (holds_run(path) || !is_pretrained(path)) return load_run(path);
    Pretrained loaded = load_pretrained(path, weights);
    TrainedText trained{.path = path,
                        .origin = loaded.origin,
                        .model = std::move(loaded.model),
                        .tokenizer = load_tokenizer_of(path, trained_vocabulary),
                        .stop = loaded.eos};
    return trained;
}

}  // namespace gradus
