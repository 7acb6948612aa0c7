// SPDX-License-Identifier: MIT
#include "bench/compare/limits.h"

#include <vector>

#include "tensor/ops.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// Defined in limits_kernels.cpp, once per instruction set.
namespace baseline {
double multiply_adds(Index rounds, Real a, Real b, Real* result);
Real read_numbers(const Real* x, Index n);
}  // namespace baseline
#ifdef GRADUS_HAVE_avx2
namespace avx2 {
double multiply_adds(Index rounds, Real a, Real b, Real* result);
Real read_numbers(const Real* x, Index n);
}  // namespace avx2
#endif
#ifdef GRADUS_HAVE_avx512
namespace avx512 {
double multiply_adds(Index rounds, Real a, Real b, Real* result);
Real read_numbers(const Real* x, Index n);
}  // namespace avx512
#endif

}  // namespace GRADUS_PRECISION
}  // namespace gradus

namespace gradus::bench {

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

// One chunk per thread: the numbers of a part stay in that thread's caches for a whole call.
template <class Body>
void on_every_thread(const Body& body) {
    parallel_for(threads(), 1, [&](Index part, Index) { body(part); });
}

}  // namespace

Contender multiply_add_peak(double seconds) {
    constexpr Index kRounds = 100000;  // under a millisecond
    const Kernels kernel = kernels();
    // A cache line of its own for each thread's result.
    const Tensor results({threads(), 16});
    const auto call = [=] {
        on_every_thread([&](Index part) {
            kernel.multiply_adds(kRounds, Real(0.5), Real(0.5), results.data() + part * 16);
        });
    };
    const double work =
        kernel.multiply_adds(kRounds, Real(0.5), Real(0.5), results.data()) * threads();
    return {"peak", work, repeated(call, seconds)};
}

Contender memory_reading(Index bytes, double seconds) {
    constexpr Index kMultiple = 1024;     // of numbers: whole rounds of the loop at any width
    constexpr Index kAtLeast = 16 << 20;  // bytes per call: small sets are read several times
    const Kernels kernel = kernels();
    const Index each = bytes / static_cast<Index>(sizeof(Real)) / threads() / kMultiple * kMultiple;
    const Index once = each * threads() * static_cast<Index>(sizeof(Real));
    const Index times = (kAtLeast + once - 1) / once;
    const Tensor memory = Tensor::full({each * threads()}, 1);
    const Tensor results({threads(), 16});
    const auto call = [=] {
        on_every_thread([&](Index part) {
            for (Index i = 0; i < times; ++i)
                results[part * 16] += kernel.read_numbers(memory.data() + part * each, each);
        });
    };
    return {"reading", static_cast<double>(once * times), repeated(call, seconds)};
}

}  // namespace gradus::bench
