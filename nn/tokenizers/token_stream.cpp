// SPDX-License-Identifier: MIT
#include "nn/tokenizers/token_stream.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

#include "tensor/error.h"

namespace gradus {

using Kind = Tokenizer::Kind;

namespace {

constexpr std::string_view kBpe = "bpe:";
constexpr int kMostMerges = 100'000;  // about as many as GPT-4's

constexpr std::size_t kLongestKnown = 64;  // bytes: longer words hardly repeat

}  // namespace

TokenizerChoice TokenizerChoice::of(std::string_view words) {
    if (words == "characters") return {Kind::characters};
    if (words == "bytes") return {Kind::bytes};
    require(
        words.substr(0, kBpe.size()) == kBpe,
        "tokenizer {} is not known (known: characters, bytes, bpe:N, or a file or folder that has "
        "one)",
        in_quotes(words));
    const std::string_view number = words.substr(kBpe.size());
    int merges = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), merges);
    require(error == std::errc() && end == number.data() + number.size() && merges >= 1 &&
                merges <= kMostMerges,
            "tokenizer {}: the number of merges must be from 1 to {} (bpe:2000)", in_quotes(words),
            kMostMerges);
    return {Kind::bpe, merges};
}

std::string TokenizerChoice::words() const {
    if (kind == Kind::bpe) return fmt::format("{}{}", kBpe, merges);
    return kind == Kind::bytes ? "bytes" : "characters";
}

TokenizerLearner::TokenizerLearner(TokenizerChoice choice)
    : choice_(choice), split_([this](std::string_view word) { ++words_[std::string(word)]; }) {
    require(choice.merges >= 0, "tokenizer: {} merges, must be at least 0", choice.merges);
    require(choice.kind != Kind::other, "tokenizer: only characters, bytes and merges are learnt");
}

void TokenizerLearner::feed(std::string_view piece) {
    if (choice_.kind == Kind::bpe) return split_.feed(piece);
    if (choice_.kind == Kind::bytes) {
        tokens_ += static_cast<Index>(piece.size());
        return;
    }
    tokens_ += characters_.add(piece);
}

Tokenizer TokenizerLearner::finish() {
    if (choice_.kind == Kind::bytes) return Tokenizer::bytes();
    if (choice_.kind == Kind::characters)
        return Tokenizer::characters(utf8_encode(characters_.list()));
    split_.finish();
    Bpe bpe = Bpe::train(words_, choice_.merges, Bpe::Split::gpt2);
    std::vector<int> ids;
    for (const auto& [word, count] : words_) {
        ids.clear();
        bpe.encode_word(word, ids);
        tokens_ += count * static_cast<Index>(ids.size());
    }
    return Tokenizer::bpe(std::move(bpe));
}

TokenStream::TokenStream(const Tokenizer& tokenizer)
    : tokenizer_(tokenizer),
      split_([this](std::string_view word) { encode(word); },
             tokenizer.bpe() ? tokenizer.bpe()->split() : Split::none) {}

void TokenStream::encode(std::string_view word) {
    if (word.size() > kLongestKnown) return tokenizer_.bpe()->encode_word(word, ids_);
    if (known_.size() == kMostKnown) known_.clear();
    const auto [at, is_new] = known_.try_emplace(std::string(word));
    if (is_new) tokenizer_.bpe()->encode_word(word, at->second);
    ids_.insert(ids_.end(), at->second.begin(), at->second.end());
}

std::vector<int> TokenStream::feed(std::string_view piece) {
    using enum Tokenizer::Kind;
    if (tokenizer_.kind() == characters || tokenizer_.kind() == bytes)
        return tokenizer_.encode(piece);
    ids_.clear();
    if (tokenizer_.bpe() && tokenizer_.bpe()->by_words())
        split_.feed(piece);
    else
        whole_ += piece;
    return std::move(ids_);
}

std::vector<int> TokenStream::finish() {
    ids_.clear();
    split_.finish();
    if (!whole_.empty()) tokenizer_.model().encode(whole_, ids_);
    whole_.clear();
    return std::move(ids_);
}

}  // namespace gradus
