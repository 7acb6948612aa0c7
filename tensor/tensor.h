// SPDX-License-Identifier: MIT
// Tensor: a shape and its elements, contiguous and row-major. Nothing else: no strides, no graph,
// no devices.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tensor/random.h"
#include "tensor/real.h"
#include "tensor/shape.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// A tensor is a handle: copying it shares the elements; clone() copies them. As with a pointer, the
// elements of a const Tensor can still be changed. reshape() and slice() are views of the same
// elements.
class Tensor {
 public:
    Tensor() = default;  // undefined: no elements at all; as a gradient, "do not compute"
    explicit Tensor(const Shape& shape);  // zeros

    // Uninitialised: for outputs that will be completely overwritten.
    static Tensor empty(const Shape& shape);
    static Tensor full(const Shape& shape, Real value);
    static Tensor scalar(Real value) { return full({}, value); }
    static Tensor from(const std::vector<Real>& values);  // (n)
    // Throws unless the number of values is shape.count().
    static Tensor from(const Shape& shape, const std::vector<Real>& values);
    // {{1, 2, 3}, {4, 5, 6}}: (rows, columns).
    static Tensor matrix(std::initializer_list<std::initializer_list<Real>> rows);

    // Independent, normally distributed values with mean 0: element i depends only on (seed,
    // stream, index, i).
    static Tensor normal(const Shape& shape, Real stddev, std::uint64_t seed,
                         Stream stream = Stream::init, std::uint32_t index = 0);
    static Tensor uniform(const Shape& shape, Real low, Real high, Random& random);

    bool shared() const { return data_.use_count() > 1; }  // other handles see the same elements
    bool defined() const { return data_ != nullptr; }
    const Shape& shape() const { return shape_; }
    int rank() const { return shape_.rank(); }
    Index size(int axis) const { return shape_[axis]; }
    Index count() const { return shape_.count(); }
    Index rows() const { return shape_.rows(); }  // product of all sizes but the last

    Real* data() const { return data_.get(); }
    Real item() const;  // the only element; throws unless count() is 1
    Real& operator[](Index i) const { return data_.get()[i]; }  // flat, unchecked
    template <class... I>
    Real& at(I... indices) const {  // checked: t.at(row, column)
        const Index list[] = {static_cast<Index>(indices)...};
        return data_.get()[offset(list, static_cast<int>(sizeof...(indices)))];
    }

    Tensor reshape(const Shape& shape) const;    // same elements in another shape
    Tensor slice(Index begin, Index end) const;  // a range of the leading axis, no copy
    Tensor clone() const;
    void fill(Real value) const;
    void copy_from(const Tensor& other) const;  // same shape
    std::vector<Real> to_vector() const;

 private:
    Index offset(const Index* indices, int n) const;

    Shape shape_;
    std::shared_ptr<Real> data_;  // the block; a slice points into it
};

// Throws std::invalid_argument, naming the operation, if x is undefined.
void require_defined(const char* op, const Tensor& x);

// As NumPy prints it: nested brackets, aligned columns, long axes shortened with "...".
std::string to_string(const Tensor& tensor);

Index argmax(const Real* row, Index n);  // index of the largest number, the first if tied; n > 0
bool all_finite(const Tensor& tensor);   // no NaN, no infinity

}  // namespace GRADUS_PRECISION
}  // namespace gradus
