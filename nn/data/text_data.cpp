// SPDX-License-Identifier: MIT
#include "nn/data/text_data.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "nn/data/bits_per_byte.h"
#include "nn/progress.h"
#include "nn/text/ngram.h"
#include "nn/text/utf8.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

// Held-out stories: 1000 give the loss to within 0.0003 nats per character.
constexpr int kQuickStories = 128, kAllStories = 1000;
constexpr Index kQuickTokens = 8192;
constexpr std::uint64_t kValidationSeed = 0;  // the same held-out stories for every run
// What merges are learnt from: the same stories for every run, so that their tokens are the same.
constexpr std::uint64_t kLearnSeed = 1;
constexpr std::size_t kLearnBytes = 1'000'000;

std::vector<int> document_ids(const TextSource& source, const Tokenizer& tokenizer,
                              std::uint64_t seed, std::uint64_t number, Stream stream) {
    return tokenizer.encode(source.document(seed, number, stream));
}

Tokenizer source_tokenizer(const TextSource& source, TokenizerChoice choice) {
    TokenizerLearner learner(choice);
    if (choice.kind == Tokenizer::Kind::characters)
        for (const auto& character : source.alphabet()) learner.feed(character);
    std::size_t bytes = choice.kind == Tokenizer::Kind::bpe ? 0 : kLearnBytes;
    for (std::uint64_t i = 0; bytes < kLearnBytes; ++i) {
        const std::string document = source.document(kLearnSeed, i);
        learner.feed(document);
        bytes += document.size();
    }
    return learner.finish();
}

// Of a character: its bytes, unless characters are tokens.
Index most_tokens(const TextSource& source, Tokenizer::Kind kind) {
    std::size_t most = 1;
    if (kind != Tokenizer::Kind::characters)
        for (const auto& character : source.alphabet()) most = std::max(most, character.size());
    return static_cast<Index>(most);
}

// Of the time that a file takes: until its words are counted, and until its merges are learnt. On
// English texts of 5 to 50 MB these take 20 to 40% and 50 to 10% of it (2000 merges).
constexpr double kCounted = 0.4, kLearnt = 0.6;

TextFile::Kind kind_of_file(Tokenizer::Kind kind) {
    return kind == Tokenizer::Kind::bytes ? TextFile::Kind::bytes : TextFile::Kind::utf8;
}

}  // namespace

TextData::TextData(const std::string& name, TokenizerChoice choice, std::uint64_t seed)
    : name_(name), seed_(seed) {
    if (open_source()) {
        tokenizer_ = source_tokenizer(*source_, choice);
        longest_ = source_->max_length() * most_tokens(*source_, choice.kind);
        return;
    }
    TextPieces file(name_, kind_of_file(choice.kind));
    std::string_view piece;
    TokenizerLearner learner(choice);
    {
        const Progress counting(0, kCounted);
        while (!(piece = file.next()).empty()) learner.feed(piece), Progress::report(file.done());
    }
    {
        const Progress learning(kCounted, kLearnt);
        tokenizer_ = learner.finish();
    }
    const Progress reading(choice.kind == Tokenizer::Kind::bpe ? kLearnt : kCounted, 1);
    read(file, learner.tokens());
}

TextData::TextData(const Tokenizer& tokenizer, const std::string& name, std::uint64_t seed)
    : tokenizer_(tokenizer), name_(name), seed_(seed) {
    if (open_source()) {
        longest_ = source_->max_length() * most_tokens(*source_, tokenizer.kind());
        return;
    }
    TextPieces file(name_, kind_of_file(tokenizer.kind()));
    std::string_view piece;
    TokenStream stream(tokenizer_);
    std::size_t tokens = 0;
    {
        const Progress counting(0, kCounted);
        while (!(piece = file.next()).empty())
            tokens += stream.feed(piece).size(), Progress::report(file.done());
    }
    tokens += stream.finish().size();
    const Progress reading(kCounted, 1);
    read(file, static_cast<Index>(tokens));
}

bool TextData::open_source() {
    const auto known = text_source_names();
    if (std::find(known.begin(), known.end(), name_) != known.end()) {
        source_ = text_source(name_);
        return true;
    }
    std::string list;
    for (const auto& source : known) list += source + ", ";
    std::error_code error;  // a loop of links, say, for which TextFile has the words
    if (!std::filesystem::exists(name_, error) && !error)
        throw FileError(name_,
                        "there is no such file (built in: " + list + "or give a text file's path)");
    return false;
}

// Once more from the beginning, now for the tokens, of which there are so many.
void TextData::read(TextPieces& file, Index tokens) {
    const auto needed = static_cast<double>(tokens * TokenText::bytes_per_token(tokenizer_.size()));
    require_memory(needed, fmt::format("{}: {} tokens take {}", name_, tokens, bytes_text(needed)),
                   "train on a part of it: head -c 1000000000 FILE > PART");
    TokenText text(tokenizer_.size(), tokens);
    TokenStream stream(tokenizer_);
    file.rewind();
    std::string_view piece;
    while (!(piece = file.next()).empty())
        text.append(stream.feed(piece)), Progress::report(file.done());
    text.append(stream.finish());
    const Index training = text.size() * 9 / 10;
    train_ = text.slice(0, training);
    val_ = text.slice(training, text.size());
}

std::string TextData::describe() const {
    if (source_)
        return fmt::format("{}: {} generated as needed, {:.0f} characters each, vocabulary of {}",
                           name_, source_->items(), source_->mean_length(), tokenizer_.size());
    return fmt::format("{}: {} tokens, vocabulary of {}; the last tenth is held out", name_,
                       train_.size() + val_.size(), tokenizer_.size());
}

std::string TextData::prompt() const {
    if (source_) return source_->prompt();
    // The first character of the file, which may be several tokens.
    const TokenText& text = train_.size() > 0 ? train_ : val_;
    const std::string begin = tokenizer_.decode(text.list(0, 4));
    return begin.substr(0, static_cast<std::size_t>(utf8_step(begin).bytes));
}
double TextData::uniform_baseline() const {
    return std::log(static_cast<double>(tokenizer_.size()));
}

double TextData::floor() const {
    if (!source_) return -1;
    if (tokenizer_.kind() == Tokenizer::Kind::bytes) return floor_bits_per_byte() * std::log(2.0);
    // The same nats per document are spread over as many merges as the tokenizer happens to make.
    return tokenizer_.kind() == Tokenizer::Kind::characters ? source_->floor() : -1;
}

double TextData::floor_bits_per_byte() const {
    if (!source_) return -1;
    Index characters = 0, bytes = 0;
    for (std::uint64_t i = 0; i < kAllStories; ++i) {
        const std::string text = source_->document(kValidationSeed, i, Stream::validation);
        characters += utf8_count(text);
        bytes += std::ssize(text);
    }
    return bits_per_byte(source_->floor(), characters, bytes);
}

double TextData::bigram_baseline() const {
    if (source_) return -1;
    NgramModel model(2, tokenizer_.size(), 1);
    const auto all = static_cast<double>(train_.size() + val_.size());
    Index before = 0;
    // Pieces overlap by one token, so that every pair is in exactly one of them.
    const auto each_piece = [&](const TokenText& text, const auto& visit) {
        constexpr Index kPiece = 1 << 16;
        for (Index at = 0; at + 1 < text.size(); at += kPiece) {
            visit(text.list(at, kPiece + 1));
            Progress::report(static_cast<double>(before + at) / all);
        }
        before += text.size();
    };
    each_piece(train_, [&](const std::vector<int>& piece) { model.count(piece); });
    double sum = 0;
    each_piece(val_, [&](const std::vector<int>& piece) {
        sum += model.loss(piece) * static_cast<double>(piece.size() - 1);
    });
    return sum / static_cast<double>(val_.size() - 1);
}

void TextData::require_context(Index T) const {
    if (source_) {
        require(T >= longest(),
                "a context or window of {} is shorter than the longest of the {} of {}, {} tokens",
                T, source_->items(), name_, longest());
        return;
    }
    require(val_.size() > T,
            "{}: {} tokens are too few: the tenth held out for validation must be longer than the "
            "context of {} "
            "(use a smaller --window or, of a new model, --context, or at least {} tokens)",
            name_, train_.size() + val_.size(), T, 10 * (T + 1));
    require(tokenizer_.size() > 1, "{}: has only one character, {}, so there is nothing to learn",
            name_, code_point_name(utf8_decode(tokenizer_.token(0))[0]));
}

Batch TextData::batch(std::uint64_t number, Index B, Index T) {
    if (!source_) {
        if (!windows_) windows_.emplace(train_, T, seed_);
        if (!cut) return windows_->batch(number, B);
        std::vector<int> text;
        std::vector<Index> starts;
        for (const Index at : windows_->starts(number, B)) {
            const std::vector<int> window = train_.list(at, T + 1);
            starts.push_back(std::ssize(text));
            text.insert(text.end(), window.begin(), window.end());
        }
        return cut(text, starts, T);
    }
    std::vector<std::vector<int>> documents;
    for (Index b = 0; b < B; ++b)
        documents.push_back(document_ids(
            *source_, tokenizer_, seed_,
            number * static_cast<std::uint64_t>(B) + static_cast<std::uint64_t>(b), Stream::data));
    const int start = tokenizer_.encode("\n")[0];
    return lay_out ? lay_out(documents, start) : document_batch(documents, start, longest());
}

std::vector<Batch> TextData::validation(bool all, Index B, Index T) const {
    if (!source_) {
        const Index every = all ? 1 : std::max<Index>(1, val_.size() / kQuickTokens);
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

double TextData::full_effort() const {
    if (source_) return static_cast<double>(kAllStories) / static_cast<double>(kQuickStories);
    return std::max(1.0, static_cast<double>(val_.size()) / static_cast<double>(kQuickTokens));
}

}  // namespace gradus
