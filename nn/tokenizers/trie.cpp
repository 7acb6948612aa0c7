// SPDX-License-Identifier: MIT
#include "nn/tokenizers/trie.h"

#include <algorithm>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

// Nodes are made level by level, so that the children of each are next to each other: a node stands
// for a range of the sorted strings that agree in its first `depth` bytes.
Trie::Trie(std::vector<std::pair<std::string_view, int>> entries) {
    std::sort(entries.begin(), entries.end());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        require(!entries[i].first.empty(), "trie: an empty string");
        require(i == 0 || entries[i].first != entries[i - 1].first, "trie: {} occurs twice",
                in_quotes(entries[i].first));
    }
    struct Strings {
        std::size_t begin, end, depth;
    };
    std::vector<Strings> ranges = {{0, entries.size(), 0}};  // by node
    nodes_ = {{-1, 0, 0}};
    labels_ = {0};
    for (std::size_t n = 0; n < ranges.size(); ++n) {
        auto [at, end, depth] = ranges[n];
        if (at < end && entries[at].first.size() == depth) nodes_[n].id = entries[at++].second;
        nodes_[n].first = static_cast<int>(nodes_.size());
        while (at < end) {
            const char byte = entries[at].first[depth];
            std::size_t next = at;
            while (next < end && entries[next].first[depth] == byte) ++next;
            ranges.push_back({at, next, depth + 1});
            nodes_.push_back({-1, 0, 0});
            labels_.push_back(static_cast<unsigned char>(byte));
            ++nodes_[n].count;
            at = next;
        }
    }
}

const Trie::Node* Trie::child(const Node& node, char byte) const {
    const auto label = static_cast<unsigned char>(byte);
    const auto begin = labels_.begin() + node.first, end = begin + node.count;
    // Few nodes have more than a handful of children; the root has up to 256.
    const auto at =
        node.count > 8 ? std::lower_bound(begin, end, label) : std::find(begin, end, label);
    if (at == end || *at != label) return nullptr;
    return &nodes_[static_cast<std::size_t>(at - labels_.begin())];
}

Trie::Match Trie::longest(std::string_view text) const {
    Match match{0, -1};
    matches(text, [&](std::size_t length, int id) { match = {length, id}; });
    return match;
}

}  // namespace gradus
