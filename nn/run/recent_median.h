// SPDX-License-Identifier: MIT
// The median of recent values, used for step times: a single step during which the laptop slept
// must not change the estimated pace.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gradus {

class RecentMedian {
 public:
    static constexpr std::size_t kRecent = 51;

    void add(double value) {
        if (recent_.size() < kRecent)
            recent_.push_back(value);
        else
            recent_[next_] = value;
        next_ = (next_ + 1) % kRecent;
    }
    // The median of the last 51 values: the upper of the middle two if their number is even, and 0
    // before the first.
    double value() const {
        if (recent_.empty()) return 0;
        std::vector<double> sorted = recent_;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
        std::nth_element(sorted.begin(), middle, sorted.end());
        return *middle;
    }

 private:
    std::vector<double> recent_;  // a ring buffer
    std::size_t next_ = 0;
};

}  // namespace gradus
