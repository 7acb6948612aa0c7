// SPDX-License-Identifier: MIT
// Integers with a shape: token ids (B, T), class labels (rows).
#pragma once

#include <vector>

#include "tensor/shape.h"

namespace gradus {

struct Tokens {
    Shape shape;
    // Row-major. As a target, a negative id means that this position is ignored.
    std::vector<int> id;

    Tokens() = default;
    Tokens(const Shape& s, std::vector<int> values) : shape(s), id(std::move(values)) {
        require(shape.count() == static_cast<Index>(id.size()), "tokens: shape {} for {} ids",
                shape, id.size());
    }
    Index count() const { return static_cast<Index>(id.size()); }
};

// Throws std::invalid_argument unless every id is the number of one of a table's rows.
inline void require_rows(const Tokens& ids, Index rows) {
    for (const int id : ids.id)
        require(id >= 0 && id < rows, "embedding: id {} is outside the table of {} rows", id, rows);
}

}  // namespace gradus
