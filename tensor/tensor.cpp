// SPDX-License-Identifier: MIT
#include "tensor/tensor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/memory.h"
#include "tensor/parallel.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

Tensor Tensor::empty(const Shape& shape) {
    constexpr Index kMost = std::numeric_limits<Index>::max() / static_cast<Index>(sizeof(Real));
    require(shape.count() <= kMost, "tensor: shape {} is more than memory can hold", shape);
    Tensor t;
    t.shape_ = shape;
    const std::size_t bytes = static_cast<std::size_t>(shape.count()) * sizeof(Real);
    t.data_ = std::shared_ptr<Real>(static_cast<Real*>(pool_allocate(bytes)),
                                    [bytes](Real* block) { pool_free(block, bytes); });
    return t;
}

Tensor::Tensor(const Shape& shape) {
    *this = full(shape, 0);
}

Tensor Tensor::full(const Shape& shape, Real value) {
    Tensor t = empty(shape);
    t.fill(value);
    return t;
}

Tensor Tensor::from(const Shape& shape, const std::vector<Real>& values) {
    require(shape.count() == static_cast<Index>(values.size()),
            "tensor: shape {} has {} elements, {} values given", shape, shape.count(),
            values.size());
    Tensor t = empty(shape);
    std::copy(values.begin(), values.end(), t.data());
    return t;
}

Tensor Tensor::from(const std::vector<Real>& values) {
    return from({static_cast<Index>(values.size())}, values);
}

Tensor Tensor::matrix(std::initializer_list<std::initializer_list<Real>> rows) {
    std::vector<Real> values;
    const std::size_t columns = rows.size() ? rows.begin()->size() : 0;
    for (const auto& row : rows) {
        require(row.size() == columns, "tensor: matrix rows differ in length: {} and {}", columns,
                row.size());
        values.insert(values.end(), row);
    }
    return from({static_cast<Index>(rows.size()), static_cast<Index>(columns)}, values);
}

Tensor Tensor::normal(const Shape& shape, Real stddev, std::uint64_t seed, Stream stream,
                      std::uint32_t index) {
    Tensor t = empty(shape);
    Real* x = t.data();
    parallel_for(t.count(), 4096, [=](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
            x[i] = stddev *
                   static_cast<Real>(normal_at(seed, stream, index, static_cast<std::uint64_t>(i)));
    });
    return t;
}

Tensor Tensor::uniform(const Shape& shape, Real low, Real high, Random& random) {
    Tensor t = empty(shape);
    for (Index i = 0; i < t.count(); ++i)
        t[i] = low + (high - low) * static_cast<Real>(random.uniform());
    return t;
}

Real Tensor::item() const {
    require(defined() && count() == 1, "item: needs exactly one number, shape is {}", shape_);
    return *data();
}

Index Tensor::offset(const Index* indices, int n) const {
    require(defined() && n == rank(), "at: {} indices for shape {}", n, shape_);
    Index flat = 0;
    for (int a = 0; a < n; ++a) {
        require(indices[a] >= 0 && indices[a] < shape_[a],
                "at: index {} is outside axis {} of shape {}", indices[a], a, shape_);
        flat = flat * shape_[a] + indices[a];
    }
    return flat;
}

Tensor Tensor::reshape(const Shape& shape) const {
    require(shape.count() == count(), "reshape: {} has {} elements, {} has {}", shape_, count(),
            shape, shape.count());
    Tensor view = *this;
    view.shape_ = shape;
    return view;
}

Tensor Tensor::slice(Index begin, Index end) const {
    require(rank() > 0 && 0 <= begin && begin <= end && end <= size(0),
            "slice: [{}, {}) is not inside the leading axis of shape {}", begin, end, shape_);
    Tensor view;
    view.shape_ = shape_.with(0, end - begin);
    const Index row = size(0) ? count() / size(0) : 0;
    view.data_ = std::shared_ptr<Real>(data_, data() + begin * row);
    return view;
}

Tensor Tensor::clone() const {
    if (!defined()) return {};
    Tensor t = empty(shape_);
    std::copy_n(data(), count(), t.data());
    return t;
}

void require_defined(const char* op, const Tensor& x) {
    require(x.defined(), "{}: a tensor is undefined (it has no elements)", op);
}

void Tensor::fill(Real value) const {
    require_defined("fill", *this);
    Real* x = data();
    parallel_for(count(), 1 << 16,
                 [=](Index begin, Index end) { std::fill(x + begin, x + end, value); });
}

void Tensor::copy_from(const Tensor& other) const {
    require_defined("copy_from", *this);
    require_defined("copy_from", other);
    require(shape_ == other.shape_, "copy_from: shape {} into shape {}", other.shape_, shape_);
    std::copy_n(other.data(), count(), data());
}

std::vector<Real> Tensor::to_vector() const {
    require_defined("to_vector", *this);
    return {data(), data() + count()};
}

Index argmax(const Real* row, Index n) {
    return std::max_element(row, row + n) - row;
}

bool all_finite(const Tensor& tensor) {
    if (!tensor.defined()) return true;
    return std::all_of(tensor.data(), tensor.data() + tensor.count(),
                       [](Real x) { return std::isfinite(x); });
}

namespace {

constexpr Index kEdge = 3;        // elements shown at each end of a shortened axis
constexpr Index kShorten = 1000;  // tensors with more elements than this are shortened

// The indices shown along an axis of size n; -1 stands for "...".
std::vector<Index> shown(Index n, bool shorten) {
    std::vector<Index> list;
    for (Index i = 0; i < n; ++i) {
        if (shorten && n > 2 * kEdge && i == kEdge) list.push_back(-1), i = n - kEdge;
        list.push_back(i);
    }
    return list;
}

struct Printer {
    const Tensor& tensor;
    bool shorten;
    std::vector<std::string> cells = {};
    std::size_t next = 0, width = 0;

    // Pass 1 collects the elements to find the column width; pass 2, the same walk, writes them.
    std::string walk(int axis, Index offset, bool write) {
        if (axis == tensor.rank()) {
            if (!write) {
                cells.push_back(fmt::format("{:.5g}", tensor[offset]));
                width = std::max(width, cells.back().size());
                return "";
            }
            return fmt::format("{:>{}}", cells[next++], width);
        }
        const Index inner = tensor.size(axis) ? stride(axis) : 0;
        // Between rows: a comma, a newline (more than one between blocks), and the indentation for
        // this depth.
        std::string separator = ", ";
        if (axis + 1 < tensor.rank()) {
            separator.assign(1, ',');
            separator.append(static_cast<std::size_t>(tensor.rank() - axis - 1), '\n');
            separator.append(static_cast<std::size_t>(axis) + 1, ' ');
        }
        std::string text(1, '[');
        for (Index i : shown(tensor.size(axis), shorten)) {
            if (text.size() > 1) text += separator;
            text += i < 0 ? "..." : walk(axis + 1, offset + i * inner, write);
        }
        text += ']';
        return text;
    }

    Index stride(int axis) const {
        Index n = 1;
        for (int a = axis + 1; a < tensor.rank(); ++a) n *= tensor.size(a);
        return n;
    }
};

}  // namespace

std::string to_string(const Tensor& tensor) {
    if (!tensor.defined()) return "undefined";
    Printer printer{tensor, tensor.count() > kShorten};
    printer.walk(0, 0, false);
    return printer.walk(0, 0, true);
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
