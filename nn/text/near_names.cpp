// SPDX-License-Identifier: MIT
#include "nn/text/near_names.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace gradus {

int edit_distance(std::string_view a, std::string_view b) {
    // rows[i % 3][j]: number of edits from the first i bytes of a to the first j of b.
    std::vector<int> rows[3];
    for (auto& row : rows) row.resize(b.size() + 1);
    std::iota(rows[0].begin(), rows[0].end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto &row = rows[i % 3], &above = rows[(i + 2) % 3], &two_above = rows[(i + 1) % 3];
        row[0] = static_cast<int>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int replace = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a.size() % 3][b.size()];
}

std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& known,
                                    int count) {
    constexpr std::size_t kLongest = 256;  // no real name is longer; bounds the running time
    const int limit = std::max(2, static_cast<int>(std::min(name.size(), kLongest)) / 3);
    std::vector<std::pair<int, std::size_t>> found;  // distance, position in known
    for (std::size_t i = 0; i < known.size(); ++i) {
        const std::string_view other = known[i];
        if (name.empty() || name.size() > kLongest || other.size() > kLongest) continue;
        const std::size_t extra = other.size() > name.size() ? other.size() - name.size() : 0;
        const bool tail = extra > 0 && other.substr(extra) == name && other[extra - 1] == '.';
        const bool head = extra > 0 && other.substr(0, name.size()) == name;
        if (tail || head) {  // their distance is what has been added
            found.emplace_back(std::min(static_cast<int>(extra), limit), i);
            continue;
        }
        // Each letter more or less is an edit: most names of a large file need no closer look.
        const std::size_t missing = name.size() - std::min(name.size(), other.size());
        if (std::max(extra, missing) > static_cast<std::size_t>(limit)) continue;
        const int distance = edit_distance(name, other);
        if (distance <= limit && distance < static_cast<int>(name.size()))
            found.emplace_back(distance, i);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> result;
    for (const auto& [distance, i] : found)
        if (static_cast<int>(result.size()) < count) result.push_back(known[i]);
    return result;
}

}  // namespace gradus
