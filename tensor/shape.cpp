// SPDX-License-Identifier: MIT
#include "tensor/shape.h"

#include <algorithm>

namespace gradus {

Shape::Shape(std::initializer_list<Index> sizes) : Shape(std::vector<Index>(sizes)) {}

Shape::Shape(const std::vector<Index>& sizes) {
    require(sizes.size() <= kMaxRank, "shape: {} axes, at most {} are supported", sizes.size(),
            int{kMaxRank});
    Index count = 1;
    for (Index size : sizes) {
        require(size >= 0, "shape: size {} of axis {} is negative", size, rank_);
        require(!__builtin_mul_overflow(count, size, &count), "shape: more than 2^63 elements");
        sizes_[rank_++] = size;
    }
}

Index Shape::count() const {
    Index n = 1;
    for (Index size : *this) n *= size;
    return n;
}

int Shape::axis(int a) const {
    require(a >= -rank_ && a < rank_, "shape: axis {} of shape {} does not exist", a, *this);
    return a < 0 ? a + rank_ : a;
}

Index Shape::operator[](int a) const {
    return sizes_[axis(a)];
}

Index Shape::rows() const {
    require(rank_ > 0, "shape: () is a scalar and has no rows");
    Index n = 1;
    for (int a = 0; a + 1 < rank_; ++a) n *= sizes_[a];
    return n;
}

Shape Shape::with(int a, Index size) const {
    std::vector<Index> sizes(begin(), end());
    sizes[axis(a)] = size;
    return Shape(sizes);
}

Shape Shape::without(int a) const {
    std::vector<Index> sizes(begin(), end());
    sizes.erase(sizes.begin() + axis(a));
    return Shape(sizes);
}

Shape Shape::appended(Index size) const {
    std::vector<Index> sizes(begin(), end());
    sizes.push_back(size);
    return Shape(sizes);
}

bool operator==(const Shape& a, const Shape& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::string to_string(const Shape& shape) {
    std::string text = "(";
    for (int a = 0; a < shape.rank(); ++a) text += (a ? ", " : "") + std::to_string(shape[a]);
    return text + (shape.rank() == 1 ? ",)" : ")");
}

Shape broadcast_shape(const char* op, const Shape& a, const Shape& b) {
    const int rank = std::max(a.rank(), b.rank());
    std::vector<Index> sizes(rank);
    // Aligned at the last axis; a missing axis counts as 1.
    for (int back = 1; back <= rank; ++back) {
        const Index x = back <= a.rank() ? a[-back] : 1, y = back <= b.rank() ? b[-back] : 1;
        require(
            x == y || x == 1 || y == 1,
            "{}: shapes {} and {} do not broadcast: axis -{} has sizes {} and {}, and neither is 1",
            op, a, b, back, x, y);
        sizes[rank - back] = x == 1 ? y : x;
    }
    return Shape(sizes);
}

}  // namespace gradus
