// SPDX-License-Identifier: MIT
// The table through which the library calls its operations: one slot per entry of ops.inc. A slot
// holds a function and counts its calls. At start-up the slots hold the vectorised versions for
// this processor; any of them can be replaced by a function with the same signature, which the
// whole library then uses:
//
//     ops().softmax_forward = my_softmax;
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/attention_shape.h"
#include "tensor/kept_vectors.h"
#include "tensor/operand.h"
#include "tensor/real.h"
#include "tensor/rotary_shape.h"
#include "tensor/strided_view.h"
#include "tensor/windows.h"

namespace gradus {

template <class Signature>
class Slot;

template <class... Args>
class Slot<void(Args...)> {
 public:
    using Function = void (*)(Args...);

    explicit Slot(const char* name) : name_(name) {}
    void operator()(Args... args) {
        calls_.fetch_add(1, std::memory_order_relaxed);
        function_(args...);
    }
    Slot& operator=(Function replacement) {
        function_ = replacement;
        return *this;
    }
    Function function() const { return function_; }
    const char* name() const { return name_; }
    std::uint64_t calls() const { return calls_.load(std::memory_order_relaxed); }

 private:
    const char* name_;
    Function function_ = nullptr;
    std::atomic<std::uint64_t> calls_{0};
};

inline namespace GRADUS_PRECISION {

struct Ops {
#define OP(name, arguments) Slot<void arguments> name{#name};
#include "tensor/ops.inc"
#undef OP
};

Ops& ops();

// Plain loops that define what each operation computes: the reference for every test.
namespace naive {
#define OP(name, arguments) void name arguments;
#include "tensor/ops.inc"
#undef OP
}  // namespace naive

// Fills every slot with the version for one instruction set: "naive", "baseline", "avx2" or
// "avx512". Throws std::invalid_argument if the name is unknown or this processor cannot run that
// version. The first use of ops() takes the name from GRADUS_ISA in the environment or, if that is
// not set, uses the best of isa_names().
void use_isa(std::string_view name);
std::string isa();                     // the name in use
std::vector<std::string> isa_names();  // those this processor can run, best last
std::vector<std::string> naive_ops();  // the operations that have no vectorised version

}  // namespace GRADUS_PRECISION

// Puts a function into a slot until the end of the scope:
//     ScopedOverride guard(ops().softmax_forward, mine);
template <class Function>
class ScopedOverride {
 public:
    ScopedOverride(Slot<Function>& slot, typename Slot<Function>::Function function)
        : slot_(slot), before_(slot.function()) {
        slot_ = function;
    }
    ~ScopedOverride() { slot_ = before_; }
    ScopedOverride(const ScopedOverride&) = delete;
    ScopedOverride& operator=(const ScopedOverride&) = delete;

 private:
    Slot<Function>& slot_;
    typename Slot<Function>::Function before_;
};

}  // namespace gradus
