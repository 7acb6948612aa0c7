// SPDX-License-Identifier: MIT
// The texts that this lesson's check and demo cut into tokens.
#pragma once

#include <string>

#include "nn/data/text_source.h"

namespace gradus::lesson_15 {

// Stories first to first + count - 1 of a source, one after the other.
inline std::string tales(const std::string& name, int first, int count) {
    const auto source = text_source(name);
    std::string text;
    for (int i = 0; i < count; ++i)
        text += source->document(1, static_cast<std::uint64_t>(first + i));
    return text;
}

}  // namespace gradus::lesson_15
