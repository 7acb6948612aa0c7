// SPDX-License-Identifier: MIT
// Arrays between two guard zones ("walls"): a kernel that writes past its output is caught, and one
// that reads past its input computes with NaN, or is stopped on the spot by AddressSanitizer. The
// values are deliberately not vector-aligned, as those of a slice need not be either.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "tensor/random.h"
#include "tensor/real.h"

#if defined(__SANITIZE_ADDRESS__)
#define GRADUS_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GRADUS_POISON 1
#endif
#endif
#ifdef GRADUS_POISON
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace gradus {

class Guarded {
 public:
    explicit Guarded(const std::vector<Real>& values)
        : count_(values.size()), all_(count_ + 2 * kWall) {
        std::memset(all_.data(), 0xFF,
                    all_.size() * sizeof(Real));  // all bits set: a NaN that no computation yields
        std::copy(values.begin(), values.end(), data());
        ASAN_POISON_MEMORY_REGION(all_.data(), kWall * sizeof(Real));
        ASAN_POISON_MEMORY_REGION(data() + count_, kWall * sizeof(Real));
    }
    ~Guarded() { open(); }
    Guarded(Guarded&&) = default;
    Guarded& operator=(Guarded&&) = delete;

    Real* data() { return all_.data() + kWall; }
    std::vector<Real> values() const {
        const auto begin = all_.begin() + kWall;
        return {begin, begin + static_cast<std::ptrdiff_t>(count_)};
    }
    // Whether both walls are untouched; unpoisons them.
    bool intact() {
        open();
        return wall(0) && wall(kWall + count_);
    }

 private:
    static constexpr std::size_t kWall = 67;  // wider than a vector of any instruction set, and odd

    void open() { ASAN_UNPOISON_MEMORY_REGION(all_.data(), all_.size() * sizeof(Real)); }
    bool wall(std::size_t begin) const {
        const auto* bytes = reinterpret_cast<const unsigned char*>(all_.data() + begin);
        return std::all_of(bytes, bytes + kWall * sizeof(Real),
                           [](unsigned char b) { return b == 0xFF; });
    }

    std::size_t count_;
    std::vector<Real> all_;
};

// n samples, uniform in [low, high).
inline std::vector<Real> random_numbers(Random& random, Index n, double low = -1, double high = 1) {
    std::vector<Real> values(static_cast<std::size_t>(n));
    for (Real& x : values) x = static_cast<Real>(low + (high - low) * random.uniform());
    return values;
}

}  // namespace gradus
