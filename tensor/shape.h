// SPDX-License-Identifier: MIT
// The sizes of a tensor along its axes, and the broadcasting rule. At most six axes, stored
// inline: copying a shape never allocates.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/real.h"

namespace gradus {

class Shape {
 public:
    static constexpr int kMaxRank = 6;

    Shape() = default;                          // rank 0: a scalar
    Shape(std::initializer_list<Index> sizes);  // throws if a size is negative or rank > kMaxRank
    explicit Shape(const std::vector<Index>& sizes);

    int rank() const { return rank_; }
    Index count() const;  // product of the sizes; 1 for rank 0
    // axis may be negative: -1 is the last; throws if out of range.
    Index operator[](int axis) const;
    Index size(int axis) const { return (*this)[axis]; }
    Index rows() const;     // product of all sizes but the last
    int axis(int a) const;  // -1 -> rank-1; throws if out of range

    Shape with(int axis, Index size) const;  // a copy with one size changed
    Shape without(int axis) const;           // a copy with one axis removed
    Shape appended(Index size) const;        // a copy with one more axis at the end

    const Index* begin() const { return sizes_.data(); }
    const Index* end() const { return sizes_.data() + rank_; }
    friend bool operator==(const Shape& a, const Shape& b);

 private:
    std::array<Index, kMaxRank> sizes_{};
    int rank_ = 0;
};

// "(2, 3)", "(5,)", "()": as NumPy prints shapes.
std::string to_string(const Shape& shape);

// The shape that a and b are broadcast to in an elementwise operation. Their shapes are aligned at
// the last axis; along each axis, the sizes must be equal or one of them must be 1 (NumPy's rule).
// Otherwise throws "add: shapes (2, 3) and (4,) do not broadcast: ...".
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b);

}  // namespace gradus

template <>
struct fmt::formatter<gradus::Shape> {
    constexpr auto parse(format_parse_context& context) { return context.begin(); }
    auto format(const gradus::Shape& shape, format_context& context) const {
        // Not format_to: clang mangles its name differently from the g++ that built fmt.
        const std::string text = gradus::to_string(shape);
        return std::copy(text.begin(), text.end(), context.out());
    }
};
