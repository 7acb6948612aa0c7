// SPDX-License-Identifier: MIT
#include "tensor/bf16_unit.h"

#include <atomic>

#include "tensor/error.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace gradus {
namespace {

struct Features {
    bool dots = false, tiles = false, fp16 = false;
};

#if defined(__x86_64__)
// Linux gives AMX's 8 KiB of registers only to programs that request them (arch_prctl(2),
// ARCH_REQ_XCOMP_PERM; the kernel's Documentation/x86/xstate.rst).
bool may_use_tiles() {
#if defined(__linux__)
    constexpr long kAskForState = 0x1023, kTileData = 18;
    return syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
#else
    return false;
#endif
}
#endif

// Intel's manual, volume 2A, CPUID, leaf 7.
Features read_features() {
    Features found;
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
    const auto bit = [](unsigned word, int n) { return (word >> n & 1) != 0; };
    found.fp16 = bit(d, 23);
    const bool tiles = bit(d, 22) && bit(d, 24);  // AMX-BF16, AMX-TILE
    if (__get_cpuid_count(7, 1, &a, &b, &c, &d))
        found.dots = bit(a, 5) && __builtin_cpu_supports("avx512f");
    found.tiles = tiles && found.dots && may_use_tiles();
#endif
    return found;
}

const Features& features() {
    static const Features found = read_features();
    return found;
}

Bf16Unit fastest() {
    if (features().tiles) return Bf16Unit::tiles;
    return features().dots && !features().fp16 ? Bf16Unit::dots : Bf16Unit::floats;
}

// A static local, so that it is initialised even if a static in another file uses it first.
std::atomic<Bf16Unit>& current() {
    static std::atomic<Bf16Unit> unit = fastest();
    return unit;
}

}  // namespace

Bf16Unit bf16_unit() {
    return current();
}

bool has_bf16_unit(Bf16Unit unit) {
    return unit == Bf16Unit::floats ||
           (unit == Bf16Unit::dots ? features().dots : features().tiles);
}

void set_bf16_unit(Bf16Unit unit) {
    require(has_bf16_unit(unit), "bf16: this processor has no {}",
            unit == Bf16Unit::dots ? "AVX512_BF16" : "AMX, or the system does not allow its use");
    current() = unit;
}

}  // namespace gradus
