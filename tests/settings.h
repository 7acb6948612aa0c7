// SPDX-License-Identifier: MIT
// Facts about the build that tests depend on, and settings that they restore.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "tensor/bf16_unit.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus {

// Sanitizers make everything 2 to 20 times slower, so tests may then try fewer sizes, but never
// fewer kinds of cases.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GRADUS_SANITIZED 1
#elif defined(__has_feature)
#define GRADUS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define GRADUS_SANITIZED 0
#endif
constexpr bool kSanitized = GRADUS_SANITIZED;

// For a test that judges numbers or pages by minutes of work, and reaches no code that others do not:
// TEST_CASE("..." * kFullSpeedOnly).
inline const doctest::skip kFullSpeedOnly(kSanitized);

constexpr bool kDouble = sizeof(Real) == 8;

// Restores the instruction set, bf16 unit and number of threads at the end of the scope.
class SavedSettings {
 public:
    SavedSettings() = default;
    ~SavedSettings() {
        use_isa(isa_);
        set_bf16_unit(bf16_unit_);
        set_threads(threads_);
    }
    SavedSettings(const SavedSettings&) = delete;
    SavedSettings& operator=(const SavedSettings&) = delete;

 private:
    std::string isa_ = isa();
    Bf16Unit bf16_unit_ = bf16_unit();
    int threads_ = threads();
};

// Runs the body under every instruction set.
template <class Body>
void each_isa(Body body) {
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        body();
    }
}

}  // namespace gradus
