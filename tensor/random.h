// SPDX-License-Identifier: MIT
// Random numbers that are identical on every machine: Philox4x32-10, a counter-based generator
// (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.2 and
// table 2). Block i of a stream is a pure function of (seed, stream, index, i), so no draw
// depends on earlier ones, and (seed, stream, index) is enough to recreate a generator.
// std::normal_distribution is not used, because its results differ between standard libraries.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace gradus {

// The purpose of the numbers. Streams are independent, so generating a sample during training
// cannot affect the training.
enum class Stream : std::uint32_t { init, data, dropout, sampling, validation, user };

// Ten rounds of Philox on one 128-bit counter under a 64-bit key.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key);

// A sequence of random numbers: the `index`-th of its stream (one per parameter, training step or
// story).
class Random {
 public:
    explicit Random(std::uint64_t seed, Stream stream = Stream::user, std::uint64_t index = 0)
        : seed_(seed), stream_(stream), index_(index) {}

    std::uint32_t bits32();  // the next 32 random bits
    std::uint64_t bits64();  // the next 64

    double uniform();                      // in [0, 1), a multiple of 2^-53
    double normal();                       // mean 0, variance 1
    std::uint64_t below(std::uint64_t n);  // uniform in 0..n-1, without bias; throws if n is 0

    // Shuffles in place (Fisher and Yates; Durstenfeld 1964).
    template <class T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }

 private:
    std::uint64_t seed_;
    Stream stream_;
    std::uint64_t index_;
    std::uint32_t block_ = 0;
    unsigned used_ = 4;  // words of the current block already handed out
    std::array<std::uint32_t, 4> words_{};
};

// One normally distributed sample as a pure function of (seed, stream, index, position), so that
// tensors can be initialised in parallel and in any order. Marsaglia's polar method (1964); each
// rejection moves on to the next sub-counter.
double normal_at(std::uint64_t seed, Stream stream, std::uint32_t index, std::uint64_t position);

}  // namespace gradus
