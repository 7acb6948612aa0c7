// SPDX-License-Identifier: MIT
#include "bench/compare/limits.h"

#include "tensor/limits.h"
#include "tensor/parallel.h"

namespace gradus::bench {

Contender multiply_add_peak(double seconds) {
    constexpr Index kRounds = 100000;  // under a millisecond
    return {"peak", multiply_adds(kRounds), repeated([] { multiply_adds(kRounds); }, seconds)};
}

Contender memory_reading(Index bytes, double seconds) {
    constexpr Index kAtLeast = 16 << 20;  // bytes per call: small sets are read several times
    const Index each =
        bytes / static_cast<Index>(sizeof(Real)) / threads() / kReadMultiple * kReadMultiple;
    const Index once = each * threads() * static_cast<Index>(sizeof(Real));
    const Index times = (kAtLeast + once - 1) / once;
    const Tensor memory = Tensor::full({each * threads()}, 1);
    return {"reading", static_cast<double>(once * times),
            repeated([=] { read_memory(memory, times); }, seconds)};
}

}  // namespace gradus::bench
