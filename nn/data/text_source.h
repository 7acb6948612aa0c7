// SPDX-License-Identifier: MIT
// Text of known entropy: a generator of whole documents that also computes the exact probability of
// every document and of every next character. The entropy is then the floor of any model's loss
// (Shannon 1951, "Prediction and entropy of printed English"): a loss above it can still fall, a
// loss below it means data leakage.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/random.h"

namespace gradus {

// One entry of a next-character distribution.
struct NextCharacter {
    std::string character;  // one code point in UTF-8
    double probability;
};

// A document is a single line of UTF-8 text; its only '\n' is its last character.
// Lengths are in characters (code points), including the final '\n'; entropies are in nats (1 nat
// = 1.4427 bits).
class TextSource {
 public:
    virtual ~TextSource() = default;

    virtual std::string name() const = 0;    // as passed to text_source(): "tales"
    virtual std::string items() const = 0;   // what its documents are called: "stories"
    virtual std::string prompt() const = 0;  // to start samples with: "Mia Fox"

    virtual std::string sample(Random& random) const = 0;

    // log p(document), exact; -infinity for anything the source cannot generate, including
    // malformed text.
    virtual double logprob(std::string_view document) const = 0;

    // p(character | prefix) for every character that can follow, sorted by code point; sums to 1 up
    // to rounding. Throws std::invalid_argument if no document begins with `prefix`, or if `prefix`
    // is a whole document.
    virtual std::vector<NextCharacter> next(std::string_view prefix) const = 0;

    // The mistakes in a document, each described in words: kind changes from "Fox" to "Owl". Empty
    // if and only if logprob is finite. Accepts any bytes, so that it can judge the output of a
    // half-trained model.
    virtual std::vector<std::string> violations(std::string_view document) const = 0;

    virtual double entropy() const = 0;                     // H, nats per document
    virtual double mean_length() const = 0;                 // E[length]
    virtual int max_length() const = 0;                     // length of the longest document
    virtual std::vector<std::string> alphabet() const = 0;  // all characters, sorted

    // Nats per character: no model's mean loss over whole documents can be lower, except by chance
    // or through data leakage.
    double floor() const { return entropy() / mean_length(); }

    // Document `number` of a seed. Each has its own random numbers, so documents can be generated
    // in any order; Stream::validation gives a second, independent sequence.
    std::string document(std::uint64_t seed, std::uint64_t number,
                         Stream stream = Stream::data) const;

    // -log p(character | prefix) for each character of `document`, in nats: the loss of a perfect
    // model. Throws std::invalid_argument if the document is impossible.
    std::vector<double> surprisal(std::string_view document) const;
};

// "tales", "tales-zh", "idioms", "names" or "sums". Throws std::invalid_argument, listing these, for
// any other name.
std::unique_ptr<TextSource> text_source(std::string_view name);

// The names above, in that order.
std::vector<std::string> text_source_names();

namespace detail {

// The document's line, with the '\n' if it has one; a fault for text after it, and one for a missing
// end: "name unfinished: the end of the line is missing".
std::string_view only_line(std::string_view document, std::string_view item,
                           std::vector<std::string>& faults);

// Adds `weight` to the entry for the first character of `rest`; the entries are kept sorted.
void add_next(std::vector<NextCharacter>& next, std::string_view rest, double weight);

}  // namespace detail

}  // namespace gradus
