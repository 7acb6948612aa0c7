// SPDX-License-Identifier: MIT
// For the functions that a lesson gives: what they are handed must be there.
#pragma once

#include "tensor/real.h"

#if defined(__SANITIZE_ADDRESS__)  // g++
#define GRADUS_WATCHED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GRADUS_WATCHED
#endif
#endif

namespace gradus::lessons {

// Reads n numbers. A given function runs on code that is compiled without the sanitizer, which would
// read and write beyond the end of a learner's vector unnoticed; this is compiled into the learner's
// file, where ./gradus check names the line. In a training run, nothing is left of it.
inline void must_hold(const Real* numbers, Index n) {
#ifdef GRADUS_WATCHED
    for (Index i = 0; i < n; ++i) static_cast<void>(static_cast<const volatile Real*>(numbers)[i]);
#else
    static_cast<void>(numbers), static_cast<void>(n);
#endif
}

}  // namespace gradus::lessons
