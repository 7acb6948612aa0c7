// SPDX-License-Identifier: MIT
#include "tensor/strided.h"

#include "tensor/elementwise.h"
#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

namespace {

// Runs body(i, at) for each element of the view: element i in order is at position `at`.
template <class Body>
void each_element(const StridedView& view, Body body) {
    const Index *n = view.size, *s = view.stride;
    Index i = 0;
    for (Index a = 0; a < n[0]; ++a)
        for (Index b = 0; b < n[1]; ++b)
            for (Index c = 0; c < n[2]; ++c)
                for (Index d = 0; d < n[3]; ++d)
                    for (Index e = 0; e < n[4]; ++e) {
                        const Index row = a * s[0] + b * s[1] + c * s[2] + d * s[3] + e * s[4];
                        for (Index f = 0; f < n[5]; ++f) body(i++, row + f * s[5]);
                    }
}

}  // namespace

void read_strided(Real* y, const Real* x, const StridedView& view) {
    each_element(view, [=](Index i, Index at) { y[i] = x[at]; });
}
void write_strided(Real* x, const Real* y, const StridedView& view) {
    each_element(view, [=](Index i, Index at) { x[at] = y[i]; });
}
void add_strided(Real* x, const Real* y, const StridedView& view) {
    each_element(view, [=](Index i, Index at) { x[at] += y[i]; });
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

namespace {

// The box of `shape` in a contiguous tensor of shape `whole`, of the same rank.
StridedView view_of(const Shape& shape, const Shape& whole) {
    StridedView view;
    Index stride = 1;
    for (int axis = shape.rank() - 1, at = StridedView::kAxes - 1; axis >= 0; --axis, --at) {
        view.size[at] = shape[axis];
        view.stride[at] = stride;
        stride *= whole[axis];
    }
    return view;
}

// The elements of x in the order of the permuted result.
StridedView permuted(const Shape& x, const std::vector<int>& order) {
    const StridedView view = view_of(x, x);
    const int skipped = StridedView::kAxes - x.rank();
    StridedView result;
    for (int i = 0; i < x.rank(); ++i) {
        const int from = skipped + x.axis(order[static_cast<std::size_t>(i)]);
        result.size[skipped + i] = view.size[from];
        result.stride[skipped + i] = view.stride[from];
    }
    return result;
}

Index offset_of(const Shape& x, int axis, Index begin) {
    for (int a = axis + 1; a < x.rank(); ++a) begin *= x[a];
    return begin;
}

}  // namespace

Tensor permute_forward(const Tensor& x, const std::vector<int>& order) {
    std::vector<Index> sizes;
    std::vector<bool> seen(static_cast<std::size_t>(x.rank()));
    for (int axis : order) {
        const auto a = static_cast<std::size_t>(x.shape().axis(axis));
        require(!seen[a], "permute: axis {} of {} is listed twice", axis, x.shape());
        seen[a] = true;
        sizes.push_back(x.size(axis));
    }
    require(static_cast<int>(sizes.size()) == x.rank(), "permute: {} axes listed for {}",
            sizes.size(), x.shape());
    Tensor y = Tensor::empty(Shape(sizes));
    ops().read_strided(y.data(), x.data(), permuted(x.shape(), order));
    return y;
}

void permute_backward(const Tensor& dy, const std::vector<int>& order, const Tensor& dx) {
    ops().add_strided(dx.data(), dy.data(), permuted(dx.shape(), order));
}

Tensor slice_forward(const Tensor& x, int axis, Index begin, Index end) {
    const int a = x.shape().axis(axis);
    require(begin >= 0 && begin <= end && end <= x.size(a),
            "slice: [{}, {}) is not within axis {} of {}", begin, end, axis, x.shape());
    if (a == 0) return x.slice(begin, end);
    Tensor y = Tensor::empty(x.shape().with(a, end - begin));
    ops().read_strided(y.data(), x.data() + offset_of(x.shape(), a, begin),
                       view_of(y.shape(), x.shape()));
    return y;
}

void slice_backward(const Tensor& dy, int axis, Index begin, const Tensor& dx) {
    const int a = dx.shape().axis(axis);
    if (a == 0) return add_scaled(dx.slice(begin, begin + dy.size(0)), dy);
    ops().add_strided(dx.data() + offset_of(dx.shape(), a, begin), dy.data(),
                      view_of(dy.shape(), dx.shape()));
}

Tensor concat_forward(const std::vector<Tensor>& parts, int axis) {
    require(!parts.empty() && parts[0].rank() > 0, "concat: needs at least one part with an axis");
    const Shape& first = parts[0].shape();
    const int a = first.axis(axis);
    Index total = 0;
    for (const auto& part : parts) {
        require(part.rank() == first.rank() && part.shape().with(a, 0) == first.with(a, 0),
                "concat: parts {} and {} differ beyond axis {}", first, part.shape(), a);
        total += part.size(a);
    }
    Tensor y = Tensor::empty(first.with(a, total));
    Index begin = 0;
    for (const auto& part : parts) {
        ops().write_strided(y.data() + offset_of(y.shape(), a, begin), part.data(),
                            view_of(part.shape(), y.shape()));
        begin += part.size(a);
    }
    return y;
}

}  // namespace gradus
