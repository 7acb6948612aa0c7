// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

namespace gradus::lesson_00 {
namespace {

const Fingerprint size_print("alphabet_size", [] {
    return std::vector<double>{static_cast<double>(part().alphabet_size())};
});

}  // namespace

TEST_CASE("alphabet_size: a to z are 26 letters") {
    CHECK(same(part().alphabet_size(), 26));
}

}  // namespace gradus::lesson_00
