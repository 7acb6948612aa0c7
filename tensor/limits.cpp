// SPDX-License-Identifier: MIT
#include "tensor/limits.h"

#include "tensor/error.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// Defined in kernels/limits.cpp, once per instruction set.
#define LIMITS(isa)                                                   \
    namespace isa {                                                   \
    double multiply_adds(Index rounds, Real a, Real b, Real* result); \
    Real read_numbers(const Real* x, Index n);                        \
    }
LIMITS(baseline)
#ifdef GRADUS_HAVE_avx2
LIMITS(avx2)
#endif
#ifdef GRADUS_HAVE_avx512
LIMITS(avx512)
#endif
#undef LIMITS

namespace {

struct Kernels {
    double (*multiply_adds)(Index, Real, Real, Real*) = baseline::multiply_adds;
    Real (*read_numbers)(const Real*, Index) = baseline::read_numbers;
};

Kernels kernels() {
#ifdef GRADUS_HAVE_avx512
    if (isa() == "avx512") return {avx512::multiply_adds, avx512::read_numbers};
#endif
#ifdef GRADUS_HAVE_avx2
    if (isa() == "avx2") return {avx2::multiply_adds, avx2::read_numbers};
#endif
    return {};
}

constexpr Index kCacheLine = 16;  // numbers: a line of its own for each thread's result

}  // namespace

double multiply_adds(Index rounds) {
    const Kernels kernel = kernels();
    const Tensor results({threads(), kCacheLine});
    double work = 0;
    parallel_for(threads(), 1, [&](Index thread, Index) {
        const double done = kernel.multiply_adds(rounds, Real(0.5), Real(0.5),
                                                 results.data() + thread * kCacheLine);
        if (thread == 0) work = done;
    });
    return work * threads();
}

double read_memory(const Tensor& x, Index times) {
    const Index each = x.count() / threads();
    require(each % kReadMultiple == 0 && each * threads() == x.count(),
            "read_memory: {} numbers for {} threads, must be a multiple of {} each", x.count(),
            threads(), kReadMultiple);
    const Kernels kernel = kernels();
    const Tensor results({threads(), kCacheLine});
    // One chunk per thread: its part of the numbers stays in that thread's caches.
    parallel_for(threads(), 1, [&](Index thread, Index) {
        for (Index i = 0; i < times; ++i)
            results[thread * kCacheLine] += kernel.read_numbers(x.data() + thread * each, each);
    });
    return static_cast<double>(x.count() * times) * static_cast<double>(sizeof(Real));
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
