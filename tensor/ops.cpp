// SPDX-License-Identifier: MIT
#include "tensor/ops.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// The vectorised versions, defined once per instruction set by the files in tensor/kernels/.
#define OP(name, arguments) void name arguments;
namespace baseline {
#define NAIVE_OP(name, arguments)
#include "tensor/ops.inc"
}  // namespace baseline
#ifdef GRADUS_HAVE_avx2
namespace avx2 {
#define NAIVE_OP(name, arguments)
#include "tensor/ops.inc"
}  // namespace avx2
#endif
#ifdef GRADUS_HAVE_avx512
namespace avx512 {
#define NAIVE_OP(name, arguments)
#include "tensor/ops.inc"
}  // namespace avx512
#endif
#undef OP

namespace {

// A static local, so that it is initialised even if a static in another file uses it first.
std::string& current_isa() {
    static std::string& name = *new std::string;
    return name;
}

// Returns whether the table was filled.
bool fill(Ops& table, std::string_view name) {
#define OP(op, arguments) table.op = GRADUS_FROM::op;
    if (name == "naive") {
#define GRADUS_FROM naive
#include "tensor/ops.inc"
#undef GRADUS_FROM
    } else if (name == "baseline") {
#define GRADUS_FROM baseline
#define NAIVE_OP(op, arguments) table.op = naive::op;
#include "tensor/ops.inc"
#undef GRADUS_FROM
#ifdef GRADUS_HAVE_avx2
    } else if (name == "avx2") {
#define GRADUS_FROM avx2
#define NAIVE_OP(op, arguments) table.op = naive::op;
#include "tensor/ops.inc"
#undef GRADUS_FROM
#endif
#ifdef GRADUS_HAVE_avx512
    } else if (name == "avx512") {
#define GRADUS_FROM avx512
#define NAIVE_OP(op, arguments) table.op = naive::op;
#include "tensor/ops.inc"
#undef GRADUS_FROM
#endif
    } else {
        return false;
    }
#undef OP
    return true;
}

void choose(Ops& table, std::string_view name) {
    bool known = false;
    for (const auto& possible : isa_names()) known = known || name == possible;
    std::string list;
    for (const auto& possible : isa_names()) list += (list.empty() ? "" : ", ") + possible;
    require(known && fill(table, name), "isa: \"{}\" is not one of those this processor runs: {}",
            name, list);
    current_isa() = name;
}

}  // namespace

std::vector<std::string> isa_names() {
    std::vector<std::string> names = {"naive", "baseline"};
#ifdef GRADUS_HAVE_avx2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) names.emplace_back("avx2");
#endif
#ifdef GRADUS_HAVE_avx512
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        names.emplace_back("avx512");
#endif
    return names;
}

std::vector<std::string> naive_ops() {
    std::vector<std::string> names;
#define OP(name, arguments)
#define NAIVE_OP(name, arguments) names.emplace_back(#name);
#include "tensor/ops.inc"
#undef OP
    return names;
}

Ops& ops() {
    static Ops& table = []() -> Ops& {
        auto fresh = std::make_unique<Ops>();
        const char* said = std::getenv("GRADUS_ISA");
        std::string wanted = said && *said ? said : isa_names().back();
        // Programs in double hear the same environment, but have no version for AVX-512.
        if (sizeof(Real) == 8 && wanted == "avx512") wanted = isa_names().back();
        choose(*fresh, wanted);
        return *fresh.release();  // never destroyed: destructors of statics may still use it
    }();
    return table;
}

void use_isa(std::string_view name) {
    choose(ops(), name);
}

std::string isa() {
    ops();
    return current_isa();
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
