// SPDX-License-Identifier: MIT
#include "nn/data/text_data.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "nn/files/atomic_file.h"
#include "nn/text/ngram.h"

namespace gradus {
namespace {

// Held-out stories: 1000 give the loss to within 0.0003 nats per character.
constexpr int kQuickStories = 128, kAllStories = 1000;
constexpr Index kQuickTokens = 8192;
constexpr std::uint64_t kValidationSeed = 0;  // the same held-out stories for every run

std::vector<int> document_ids(const TextSource& source, const Tokenizer& tokenizer,
                              std::uint64_t seed, std::uint64_t number, Stream stream) {
    return tokenizer.encode(source.document(seed, number, stream));
}

}  // namespace

TextData::TextData(const std::string& name, bool bytes, std::uint64_t seed)
    : name_(name), seed_(seed) {
    const auto known = text_source_names();
    if (std::find(known.begin(), known.end(), name) != known.end()) {
        source_ = text_source(name);
        std::string alphabet;
        for (const auto& character : source_->alphabet()) alphabet += character;
        tokenizer_ = bytes ? Tokenizer::bytes() : Tokenizer::characters(alphabet);
        return;
    }
    std::string list;
    for (const auto& source : known) list += source + ", ";
    if (!std::filesystem::exists(name))
        throw FileError(name,
                        "there is no such file (built in: " + list + "or give a text file's path)");
    const std::string text = bytes ? read_file(name) : read_text_file(name);
    if (text.empty()) throw FileError(name, "the file is empty");
    tokenizer_ = bytes ? Tokenizer::bytes() : Tokenizer::characters(text);
    std::vector<int> ids = tokenizer_.encode(text);
    const auto cut = static_cast<Index>(ids.size() * 9 / 10);
    train_.assign(ids.begin(), ids.begin() + cut);
    val_.assign(ids.begin() + cut, ids.end());
}

std::string TextData::describe() const {
    if (source_)
        return fmt::format(
            "{}: stories generated as needed, {:.0f} characters each, vocabulary of {}", name_,
            source_->mean_length(), tokenizer_.size());
    return fmt::format("{}: {} tokens, vocabulary of {}; the last tenth is held out", name_,
                       train_.size() + val_.size(), tokenizer_.size());
}

std::string TextData::prompt() const {
    return source_ ? source_->prompt() : tokenizer_.decode({train_[0]});
}
Index TextData::longest() const {
    return source_ ? source_->max_length() : 0;
}
double TextData::uniform_baseline() const {
    return std::log(static_cast<double>(tokenizer_.size()));
}

double TextData::floor() const {
    // With one token per byte, the same nats per document are spread over more tokens.
    if (!source_ || tokenizer_.kind() == Tokenizer::Kind::bytes) return -1;
    return source_->floor();
}

double TextData::bigram_baseline() const {
    if (source_) return -1;
    NgramModel model(2, tokenizer_.size(), 1);
    model.count(train_);
    return model.loss(val_);
}

void TextData::require_context(Index T) const {
    if (source_) {
        require(T >= longest(),
                "--context {} is shorter than the longest story of {} ({} characters)", T, name_,
                longest());
        return;
    }
    require(static_cast<Index>(val_.size()) > T,
            "{}: {} tokens are too few: the tenth held out for validation must be longer than the "
            "context of {} "
            "(use a smaller --context, or at least {} tokens)",
            name_, train_.size() + val_.size(), T, 10 * (T + 1));
}

Batch TextData::batch(std::uint64_t number, Index B, Index T) {
    if (!source_) {
        if (!windows_) windows_.emplace(train_, T, seed_);
        return windows_->batch(number, B);
    }
    std::vector<std::vector<int>> documents;
    for (Index b = 0; b < B; ++b)
        documents.push_back(document_ids(
            *source_, tokenizer_, seed_,
            number * static_cast<std::uint64_t>(B) + static_cast<std::uint64_t>(b), Stream::data));
    return document_batch(documents, tokenizer_.encode("\n")[0], longest());
}

std::vector<Batch> TextData::validation(bool all, Index B, Index T) const {
    if (!source_) {
        const Index every =
            all ? 1 : std::max<Index>(1, static_cast<Index>(val_.size()) / kQuickTokens);
        return consecutive_windows(val_, B, T, every);
    }
    std::vector<Batch> batches;
    const Index count = all ? kAllStories : kQuickStories;
    for (Index first = 0; first < count; first += B) {
        std::vector<std::vector<int>> documents;
        for (Index i = first; i < std::min(count, first + B); ++i)
            documents.push_back(document_ids(*source_, tokenizer_, kValidationSeed,
                                             static_cast<std::uint64_t>(i), Stream::validation));
        batches.push_back(document_batch(documents, tokenizer_.encode("\n")[0]));
    }
    return batches;
}

}  // namespace gradus
