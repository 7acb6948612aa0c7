// SPDX-License-Identifier: MIT
// The vectorised mask of kernels/dropout.h against the element-wise one of dropout_mask.h, at
// indices that no operation of a bearable size reaches: around element 2^32, where the low word
// wraps.
#define GRADUS_ISA mask_test
#include "tensor/kernels/dropout.h"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace gradus;

TEST_CASE("a vector of the dropout mask is the mask of its elements, also past element 2^32") {
    constexpr std::uint64_t kWrap = std::uint64_t{1} << 32;
    const std::uint32_t threshold = dropout_threshold(Real(0.5));
    int dropped = 0, wrong = 0;
    for (const std::uint64_t start : {std::uint64_t{0}, kWrap - 20, 7 * kWrap - 20}) {
        for (std::uint64_t number = start; number < start + 40; ++number) {
            const mask_test::Vec factor = mask_test::kept(0xFEDCBA9876543210, number, threshold, 2);
            for (Index lane = 0; lane < mask_test::kLanes; ++lane) {
                const bool keeps = dropout_keeps(
                    0xFEDCBA9876543210, number + static_cast<std::uint64_t>(lane), threshold);
                dropped += !keeps;
                wrong += factor[lane] != (keeps ? Real(2) : Real(0));
            }
        }
    }
    CHECK(wrong == 0);
    CHECK(dropped > 0);
}
