// SPDX-License-Identifier: MIT
// Training and validation text: stories generated as needed, or a file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/batch.h"
#include "nn/data/text_source.h"
#include "nn/files/datasets/text_pieces.h"
#include "nn/tokenizers/token_stream.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

class TextData {
 public:
    // `name`: a text source ("tales") or the path of a file, of text or of documents (TextPieces). It
    // is read in pieces: only its tokens are kept (nn/tokenizers/token_text.h). The tokenizer is learnt from
    // it, or from the first MB of stories. Throws FileError for a file that is missing, empty or,
    // unless tokens are to be bytes, not UTF-8 text; std::invalid_argument if the tokens do not fit in
    // memory. Reports its Progress: a large file takes seconds or minutes.
    TextData(const std::string& name, TokenizerChoice choice, std::uint64_t seed);
    // With a tokenizer that was learnt elsewhere.
    TextData(const Tokenizer& tokenizer, const std::string& name, std::uint64_t seed);

    // If set, lays out the documents of a training batch, each of which begins after the token
    // `start`, in place of document_batch().
    std::function<Batch(const std::vector<std::vector<int>>& documents, int start)> lay_out;
    // The same for the windows of a file: each begins at one of the places `starts` of the text, which
    // holds nothing else.
    std::function<Batch(const std::vector<int>& text, const std::vector<Index>& starts, Index T)>
        cut;

    const Tokenizer& tokenizer() const { return tokenizer_; }
    const TextSource* source() const { return source_.get(); }  // null for a file
    std::string describe() const;                               // a one-line description
    std::string prompt() const;                                 // a suitable prompt for samples
    Index held_out() const { return val_.size(); }              // tokens of a file; 0 for a source
    Index longest() const { return longest_; }  // tokens of a document, at most; 0 for a file
    double floor() const;                       // nats per token; negative: unknown
    // The same in bits per byte of the held-out documents, whatever the tokens are.
    double floor_bits_per_byte() const;
    double uniform_baseline() const;  // ln V
    // Validation loss of a count-based bigram model; negative: not computed.
    double bigram_baseline() const;

    // Throws std::invalid_argument if there is too little text for windows of T tokens, or nothing
    // to learn in it.
    void require_context(Index T) const;

    // Training batch `number` of B rows: fresh documents, or shuffled windows of the first 90%
    // of the file. T is the same in every call.
    Batch batch(std::uint64_t number, Index B, Index T);
    // Held-out documents, or consecutive windows of the last 10% of the file. Unless `all` is true,
    // only a small sample of them.
    std::vector<Batch> validation(bool all, Index B, Index T) const;
    double full_effort() const;  // how many times as much all of them are as the sample

 private:
    bool open_source();  // whether `name_` is one
    void read(TextPieces& file, Index tokens);

    std::unique_ptr<TextSource> source_;
    Tokenizer tokenizer_;
    TokenText train_, val_;
    std::optional<ShuffledWindows> windows_;  // of train_
    std::string name_;
    std::uint64_t seed_;
    Index longest_ = 0;
};

}  // namespace gradus
