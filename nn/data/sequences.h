// SPDX-License-Identifier: MIT
// Sequence tasks that ask for memory and nothing else. Their answers are known exactly, and so is the
// loss of a model that remembers nothing, the line to beat. Each row is a pure function of (seed,
// stream, row number): Stream::data is for training, Stream::validation for testing.
#pragma once

#include "nn/data/batch.h"
#include "tensor/random.h"

namespace gradus {

// The copy task (Hochreiter, Schmidhuber 1997; as in Arjovsky, Shah, Bengio 2016, arXiv:1511.06464):
// 10 symbols, a long pause, a signal, and then the 10 symbols are to be repeated.
//     inputs   3 1 4 1 5 2 6 5 3 5  _ _ ... _ :  _ _ _ _ _ _ _ _ _ _
//     targets  _ _ _ _ _ _ _ _ _ _  _ _ ... _ _  3 1 4 1 5 2 6 5 3 5
// The symbols are 0 to 7, uniform and independent; _ is kBlank and : is kSignal. As in the paper,
// something is asked at every position, a blank at the first T + 10, so no target is -1.
struct CopyTask {
    static constexpr Index kSymbols = 8, kCopied = 10;
    static constexpr int kBlank = 8, kSignal = 9;

    Index T = 20;  // from the last symbol to the first answer: T - 1 blanks and the signal

    Index vocabulary() const { return kSymbols + 2; }
    Index length() const { return T + 2 * kCopied; }
    // The least loss without memory, in nats per position: certain of the blanks, and of the symbols
    // only that they are among 8. 10 ln 8 / (T + 20).
    double memoryless_loss() const;
    // Rows first to first + B - 1 of the seed's, (B, length()). Throws std::invalid_argument unless T
    // and B are at least 1 and first at least 0; so do the other tasks.
    Batch batch(std::uint64_t seed, Stream stream, Index first, Index B) const;
};

// The latch (after the latch of Bengio, Simard, Frasconi 1994): one symbol, T steps of noise, and at
// the last of them the symbol is asked for.
//     inputs    5 12  9  9 14 ... 11
//     targets  -1 -1 -1 -1 -1 ...  5
// The symbols are 0 to 7 and the noise 8 to 15, all uniform and independent.
struct LatchTask {
    static constexpr Index kSymbols = 8, kNoise = 8;

    Index T = 50;  // steps of noise

    Index vocabulary() const { return kSymbols + kNoise; }
    Index length() const { return T + 1; }
    double memoryless_loss() const;  // ln 8, in nats per answer
    Batch batch(std::uint64_t seed, Stream stream, Index first, Index B) const;
};

// Associative recall with several queries (MQAR: Arora et al. 2023, arXiv:2312.04927): pairs of a key
// and its value, and then every key again, in another order.
//     inputs   17 40   3 61  25 33 |   3  25  17
//     targets  -1 -1  -1 -1  -1 -1 |  61  33  40
// Keys are 0 to V/2 - 1 and values V/2 to V - 1; the keys of a row differ, and so do its values. The
// paper also spreads the queries out among random tokens; here they follow the pairs at once.
struct RecallTask {
    Index pairs = 8;
    Index V = 64;  // even; at least 2 * pairs

    Index vocabulary() const { return V; }
    Index length() const { return 3 * pairs; }
    double memoryless_loss() const;  // ln(V/2), in nats per answer
    // The loss of a model that has gathered the values of the row, but not whose they are: ln(pairs).
    double unpaired_loss() const;
    Batch batch(std::uint64_t seed, Stream stream, Index first, Index B) const;
};

}  // namespace gradus
