// SPDX-License-Identifier: MIT
// Vectors as wide as those of the instruction set this file is compiled for, written with the
// compilers' own vector extensions: + - * / and comparisons work on whole vectors. Every file in
// tensor/kernels/ is compiled once per instruction set (GRADUS_ISA) and calls no inline function of
// the standard library: an instance compiled here for AVX-512 could be the copy that the linker
// keeps for the whole program, which would then crash on an older processor. So everything below
// has internal linkage, and a test looks for weak symbols in the object files.
#pragma once

#if defined(GRADUS_ISA_avx2) || defined(GRADUS_ISA_avx512)
#include <immintrin.h>  // masked loads and stores; always inlined, so no symbol is emitted
#elif defined(__aarch64__)
#include <arm_neon.h>  // a fused multiply-add; always inlined, too
#endif

#include "tensor/attention_shape.h"
#include "tensor/dropout_mask.h"
#include "tensor/kept_vectors.h"
#include "tensor/memory.h"
#include "tensor/operand.h"
#include "tensor/parallel.h"
#include "tensor/real.h"

// For functions called in a loop over rows or strips of rows: no vector register survives a call, so the loop would
// load all its constants again for each row (attention, 12 x 64 x 128 under AVX-512: 4% of forward).
#define GRADUS_INLINE __attribute__((always_inline)) inline

#define GRADUS_KERNELS_BEGIN            \
    namespace gradus {                  \
    inline namespace GRADUS_PRECISION { \
    namespace GRADUS_ISA {
#define GRADUS_KERNELS_END \
    }                      \
    }                      \
    }

namespace gradus {

inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {

// The functions that these files define.
#define OP(name, arguments) void name arguments;
#define NAIVE_OP(name, arguments)
#include "tensor/ops.inc"
#undef OP

namespace {

constexpr Index min(Index a, Index b) {
    return a < b ? a : b;
}
constexpr Index max(Index a, Index b) {
    return a > b ? a : b;
}
inline Index ceil_div(Index a, Index b) {
    return (a + b - 1) / b;
}

// This thread's scratch memory, kept from call to call: buffer number `which` (0..7), with room for
// `count` elements.
inline Real* scratch(int which, Index count) {
    return static_cast<Real*>(
        thread_scratch(which, static_cast<__SIZE_TYPE__>(count) * sizeof(Real)));
}

#if defined(GRADUS_ISA_avx512)
constexpr int kVectorBytes = 64;
#elif defined(GRADUS_ISA_avx2)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;  // SSE2 on x86-64, NEON on arm64
#endif
constexpr Index kLanes = kVectorBytes / sizeof(Real);

#ifdef GRADUS_DOUBLE
using Integer = std::int64_t;
using Bits = std::uint64_t;
#else
using Integer = std::int32_t;
using Bits = std::uint32_t;
#endif

typedef Real Vec __attribute__((vector_size(kVectorBytes)));
typedef Real LooseVec __attribute__((vector_size(kVectorBytes), aligned(sizeof(Real)), may_alias));
typedef Integer IntVec __attribute__((vector_size(kVectorBytes)));
typedef Bits BitVec __attribute__((vector_size(kVectorBytes)));

inline Vec load(const Real* p) {
    return *reinterpret_cast<const LooseVec*>(p);
}
inline void store(Real* p, Vec v) {
    *reinterpret_cast<LooseVec*>(p) = v;
}
inline Vec splat(Real x) {
    return x - Vec{};
}

// a where the mask's lane is all ones, b where it is zero; comparing vectors gives such a mask.
inline Vec select(IntVec mask, Vec a, Vec b) {
    return mask ? a : b;
}
// Written this way, it is one instruction. If either is NaN, the result is b.
inline Vec max(Vec a, Vec b) {
    return a > b ? a : b;
}

// a b + c in one instruction with one rounding, if the instruction set has a fused multiply-add.
// Compilers also make one from a * b + c (-ffp-contract=fast), but not if something separates the
// two operations: a sanitizer's checks, or a branch that an operand may come from. Used for sums
// that every compiler must round identically.
inline Vec multiply_add(Vec a, Vec b, Vec c) {
#if defined(GRADUS_ISA_avx512)  // in float only
    return _mm512_fmadd_ps(a, b, c);
#elif defined(GRADUS_ISA_avx2) && !defined(GRADUS_DOUBLE)
    return _mm256_fmadd_ps(a, b, c);
#elif defined(GRADUS_ISA_avx2)
    return _mm256_fmadd_pd(a, b, c);
#elif defined(__aarch64__) && !defined(GRADUS_DOUBLE)
    return vfmaq_f32(c, a, b);
#elif defined(__aarch64__)
    return vfmaq_f64(c, a, b);
#else
    return a * b + c;
#endif
}
inline Real multiply_add(Real a, Real b, Real c) {
    return multiply_add(splat(a), splat(b), splat(c))[0];
}

// 0, 1, 2, ... in the lanes.
inline IntVec iota() {
    IntVec v{};
    for (Index i = 0; i < kLanes; ++i) v[i] = static_cast<Integer>(i);
    return v;
}

// The pieces of sixteen bytes into which vectors of every instruction set can be split.
typedef Real Quad __attribute__((vector_size(16)));
constexpr Index kQuad = 16 / sizeof(Real);

// The first n < kLanes values; the other lanes hold `fill`, and memory beyond the n values is not
// touched. A copy of variable length would be a call to memcpy, which takes 10 to 20 ns.
inline Vec masked_load(const Real* p, Index n, Real fill = 0) {
#if defined(GRADUS_ISA_avx512)  // in float only
    return _mm512_mask_loadu_ps(splat(fill), static_cast<__mmask16>((1u << n) - 1), p);
#else
    Vec v = splat(fill);
#if defined(GRADUS_ISA_avx2)
    const IntVec inside = iota() < static_cast<Integer>(n);
#ifdef GRADUS_DOUBLE
    v = select(inside, _mm256_maskload_pd(p, (__m256i)inside), v);
#else
    v = select(inside, _mm256_maskload_ps(p, (__m256i)inside), v);
#endif
#else
    for (Index i = 0; i < kLanes; ++i)
        if (i < n) v[i] = p[i];
#endif
    return v;
#endif
}
inline void masked_store(Real* p, Vec v, Index n) {
#if defined(GRADUS_ISA_avx512)  // in float only
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
#else
    // AVX2 has masked stores too, but they take 13 cycles (Zen 1); storing in pieces takes 2 to 4.
    Quad parts[kLanes / kQuad];
    __builtin_memcpy(parts, &v, sizeof v);
    for (const Quad& part : parts) {
        if (n >= kQuad)
            __builtin_memcpy(p, &part, sizeof part);
        else
            for (Index i = 0; i < kQuad - 1; ++i)
                if (i < n) p[i] = part[i];
        p += kQuad;
        n -= kQuad;
    }
#endif
}

// Adds (or compares) halves: first those of the vector, down to 16 bytes, then those of the
// remaining lanes. Taking one lane at a time would be a chain of kLanes steps.
template <class V, class Add>
GRADUS_INLINE Real horizontal(V v, Add add) {
    constexpr Index kParts = sizeof(V) / sizeof(Quad);
    Quad parts[kParts];
    __builtin_memcpy(parts, &v, sizeof v);
    for (Index width = kParts / 2; width > 0; width /= 2)
        for (Index i = 0; i < width; ++i) parts[i] = add(parts[i], parts[i + width]);
    Real lanes[kQuad];
    for (Index i = 0; i < kQuad; ++i) lanes[i] = parts[0][i];
    for (Index width = kQuad / 2; width > 0; width /= 2)
        for (Index i = 0; i < width; ++i) lanes[i] = add(lanes[i], lanes[i + width]);
    return lanes[0];
}
template <class V>
Real horizontal_sum(V v) {
    return horizontal(v, [](auto a, auto b) { return a + b; });
}
inline Real horizontal_max(Vec v) {
    return horizontal(v, [](auto a, auto b) { return a > b ? a : b; });
}

inline Real sqrt(Real x) {
    return static_cast<Real>(sizeof(Real) == 4 ? __builtin_sqrtf(static_cast<float>(x))
                                               : __builtin_sqrt(x));
}
inline Vec sqrt(Vec v) {  // compilers turn the loop into one vector instruction
    for (Index i = 0; i < kLanes; ++i) v[i] = sqrt(v[i]);
    return v;
}

// e^x = 2^k e^r with k = round(x / ln 2) and |r| <= ln 2 / 2. To compute r, ln 2 is split into two
// parts, the first with trailing zero bits so that k times it is exact (Cody, Waite 1980). Then k
// is added directly to the exponent bits of e^r. If e^x is below the smallest normal number, the
// result is 0; if it is above the largest, infinity. NaN stays NaN. The last two lines of exp()
// handle these cases.
#ifdef GRADUS_DOUBLE
constexpr Real kExpMax = 709.78, kExpMin = -708.39, kRound = 6755399441055744.0;  // 1.5 * 2^52
constexpr Real kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
constexpr int kMantissa = 52;
#else
constexpr Real kExpMax = 88.72f, kExpMin = -87.33f, kRound = 12582912.0f;  // 1.5 * 2^23
constexpr Real kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
constexpr int kMantissa = 23;
#endif

// e^r for |r| <= ln 2 / 2: the Taylor polynomial up to the term below the last bit (r^7/7! in
// float: 1.2e-7 relative; r^13/13! in double).
inline Vec exp_fraction(Vec r) {
    constexpr int kDegree = sizeof(Real) == 4 ? 7 : 13;
    Real factor = 1;
    for (int i = 2; i <= kDegree; ++i) factor *= static_cast<Real>(i);
    Vec y = splat(1 / factor);
    for (int i = kDegree; i >= 1; --i) {
        factor /= static_cast<Real>(i);
        y = y * r + 1 / factor;
    }
    return y;
}

inline Vec exp(Vec x) {
    // Adding 1.5 * 2^mantissa rounds to a whole number, and leaves it in the low mantissa bits.
    const Vec shifted = x * Real(1.4426950408889634) + kRound;
    const Vec k = shifted - kRound;
    Vec y = exp_fraction(x - k * kLn2High - k * kLn2Low);
    y = (Vec)((BitVec)y + ((BitVec)shifted << kMantissa));  // bits above k's are shifted out
    y = select(x < kExpMin, Vec{}, y);
    return select(x <= kExpMax, y, x + static_cast<Real>(__builtin_inf()));
}

// e^x for x <= 0, which is all that a softmax needs: it cannot overflow, and ln 2 is not split,
// which causes an error in the exponent of at most 2e-9 |k| (1e-17 |k| in double). With the bias
// added, k is the exponent field of 2^k.
inline Vec exp_below(Vec x) {
    constexpr Real kBiased = kRound + (sizeof(Real) == 4 ? 127 : 1023);
    const Vec shifted = x * Real(1.4426950408889634) + kBiased;
    const Vec k = shifted - kBiased;
    const Vec y = exp_fraction(x - k * Real(0.6931471805599453));
    return select(x < kExpMin, Vec{}, y * (Vec)((BitVec)shifted << kMantissa));
}

inline Vec sigmoid(Vec x) {
    return 1 / (1 + exp(-x));
}

// tanh x = 1 - 2 / (e^2x + 1); near zero, where this formula suffers from cancellation, the odd
// Taylor polynomial takes over.
inline Vec tanh(Vec x) {
    constexpr double kOdd[] = {-1.0 / 3,    2.0 / 15,         -17.0 / 315,
                               62.0 / 2835, -1382.0 / 155925, 21844.0 / 6081075};
    // The switch is where the first omitted term is below the last bit: x^13/280 at 1/4 in float,
    // x^15/700 at 1/16 in double.
    constexpr int kTerms = sizeof(Real) == 4 ? 5 : 6;
    constexpr Real kSwitch = sizeof(Real) == 4 ? Real(0.25) : Real(0.0625);
    const Vec s = x * x;
    Vec p = splat(static_cast<Real>(kOdd[kTerms - 1]));
    for (int i = kTerms - 2; i >= 0; --i) p = p * s + static_cast<Real>(kOdd[i]);
    return select(s < kSwitch * kSwitch, x + x * s * p, 1 - 2 / (exp(2 * x) + 1));
}

// Runs body(i, width) over i = 0, kLanes, ... on all threads; width is kLanes except for the tail.
// Loops shorter than kGrain elements stay on one thread.
constexpr Index kGrain = 16384;

template <class Body>
void each_vector(Index n, Body body) {
    parallel_for(n, kGrain, [&](Index begin, Index end) {
        Index i = begin;
        for (; i + kLanes <= end; i += kLanes) body(i, kLanes);
        if (i < end) body(i, end - i);
    });
}

// A whole vector, or the tail of an array.
inline Vec load(const Real* p, Index width, Real fill = 0) {
    return width == kLanes ? load(p) : masked_load(p, width, fill);
}
inline void store(Real* p, Vec v, Index width) {
    width == kLanes ? store(p, v) : masked_store(p, v, width);
}

// Rows per chunk, such that a chunk holds about kGrain elements.
inline Index row_grain(Index cols) {
    return cols >= kGrain ? 1 : kGrain / (cols > 0 ? cols : 1);
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
