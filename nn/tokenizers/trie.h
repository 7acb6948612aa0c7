// SPDX-License-Identifier: MIT
// A trie over bytes: which of many strings does a text begin with? It answers for all of them in one
// walk along the text, as long as the longest string that fits.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace gradus {

class Trie {
 public:
    // Throws std::invalid_argument if a string is empty or occurs twice.
    explicit Trie(std::vector<std::pair<std::string_view, int>> entries = {});

    // Calls visit(length, id) for every string that the text begins with, the shortest first.
    template <class Visit>
    void matches(std::string_view text, Visit visit) const {
        const Node* node = nodes_.data();
        for (std::size_t i = 0; i < text.size() && (node = child(*node, text[i])) != nullptr; ++i)
            if (node->id >= 0) visit(i + 1, node->id);
    }

    struct Match {
        std::size_t length;  // 0: the text begins with none of the strings
        int id;
    };
    Match longest(std::string_view text) const;

 private:
    struct Node {
        int id;            // of the string that ends here; -1: none does
        int first, count;  // the children, next to each other, by ascending bytes
    };
    const Node* child(const Node& node, char byte) const;

    std::vector<Node> nodes_;            // the root first
    std::vector<unsigned char> labels_;  // of each node: the byte that leads to it
};

}  // namespace gradus
