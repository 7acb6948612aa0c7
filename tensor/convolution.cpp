// SPDX-License-Identifier: MIT
#include "tensor/convolution.h"

#include <cmath>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

namespace {

// Runs body(out, place, in) for every pixel of every window: output pixel `out` of all images, place
// `place` in its window, and `in`, the index of that pixel in x, or -1 for padding.
template <class Body>
void each_pixel(const Windows& w, Body body) {
    Index out = 0;
    for (Index b = 0; b < w.B; ++b)
        for (Index i = 0; i < w.OH; ++i)
            for (Index j = 0; j < w.OW; ++j, ++out)
                for (Index place = 0; place < w.rows * w.columns; ++place) {
                    const Index row = i * w.stride + place / w.columns * w.dilation - w.pad_rows;
                    const Index column =
                        j * w.stride + place % w.columns * w.dilation - w.pad_columns;
                    const bool inside = row >= 0 && row < w.H && column >= 0 && column < w.W;
                    body(out, place, inside ? ((b * w.H + row) * w.W + column) * w.C : -1);
                }
}

}  // namespace

void unfold_forward(Real* y, const Real* x, const Windows& w) {
    each_pixel(w, [=](Index out, Index place, Index in) {
        Real* to = y + (out * w.rows * w.columns + place) * w.C;
        for (Index c = 0; c < w.C; ++c) to[c] = in < 0 ? 0 : x[in + c];
    });
}

void unfold_backward(Real* dx, const Real* dy, const Windows& w) {
    each_pixel(w, [=](Index out, Index place, Index in) {
        const Real* from = dy + (out * w.rows * w.columns + place) * w.C;
        for (Index c = 0; in >= 0 && c < w.C; ++c) dx[in + c] += from[c];
    });
}

void max_pool_forward(Real* y, Index* winner, const Real* x, const Windows& w) {
    const Index image = w.H * w.W * w.C, pixels = w.OH * w.OW;
    for (Index i = 0; i < w.B * pixels * w.C; ++i) winner[i] = -1;
    each_pixel(w, [=](Index out, Index, Index in) {
        for (Index c = 0; in >= 0 && c < w.C; ++c) {
            const Index to = out * w.C + c;
            // Not "x > y": a NaN wins, and is never beaten.
            if (winner[to] < 0 || (!(x[in + c] <= y[to]) && !std::isnan(y[to]))) {
                y[to] = x[in + c];
                winner[to] = in + c - out / pixels * image;
            }
        }
    });
}

void max_pool_backward(Real* dx, const Real* dy, const Index* winner, const Windows& w) {
    const Index outputs = w.OH * w.OW * w.C, image = w.H * w.W * w.C;
    for (Index i = 0; i < w.B * outputs; ++i) dx[i / outputs * image + winner[i]] += dy[i];
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

Windows windows_of(const char* op, const Shape& x, const WindowOptions& o) {
    require(x.rank() == 4, "{}: images must be (B, H, W, C), got {}", op, x);
    require(o.rows >= 1 && o.columns >= 1 && o.stride >= 1 && o.dilation >= 1,
            "{}: window {} x {}, stride {} and dilation {} must all be at least 1", op, o.rows,
            o.columns, o.stride, o.dilation);
    require(o.pad_rows >= 0 && o.pad_columns >= 0, "{}: padding {} and {}, must be 0 or above", op,
            o.pad_rows, o.pad_columns);
    const Index free_rows = x[1] + 2 * o.pad_rows - (o.rows - 1) * o.dilation - 1;
    const Index free_columns = x[2] + 2 * o.pad_columns - (o.columns - 1) * o.dilation - 1;
    require(free_rows >= 0 && free_columns >= 0, "{}: no window of {} x {} fits into images {}", op,
            o.rows, o.columns, x);
    return {x[0],
            x[1],
            x[2],
            x[3],
            free_rows / o.stride + 1,
            free_columns / o.stride + 1,
            o.rows,
            o.columns,
            o.stride,
            o.dilation,
            o.pad_rows,
            o.pad_columns};
}

Tensor unfold_forward(const Tensor& x, const WindowOptions& options) {
    const Windows w = windows_of("unfold", x.shape(), options);
    Tensor y = Tensor::empty({w.B, w.OH, w.OW, w.rows * w.columns * w.C});
    ops().unfold_forward(y.data(), x.data(), w);
    return y;
}

void unfold_backward(const Tensor& dy, const WindowOptions& options, const Tensor& dx) {
    ops().unfold_backward(dx.data(), dy.data(), windows_of("unfold", dx.shape(), options));
}

MaxPoolForward max_pool_forward(const Tensor& x, const WindowOptions& options) {
    const Windows w = windows_of("max_pool", x.shape(), options);
    require(w.pad_rows <= (w.rows - 1) * w.dilation / 2 &&
                w.pad_columns <= (w.columns - 1) * w.dilation / 2,
            "max_pool: padding {} and {} is more than half of the window {} x {}", w.pad_rows,
            w.pad_columns, w.rows, w.columns);
    MaxPoolForward f{Tensor::empty({w.B, w.OH, w.OW, w.C}), {}};
    f.winner.resize(static_cast<std::size_t>(f.y.count()));
    ops().max_pool_forward(f.y.data(), f.winner.data(), x.data(), w);
    return f;
}

void max_pool_backward(const Tensor& dy, const MaxPoolForward& f, const WindowOptions& options,
                       const Tensor& dx) {
    require(dy.shape() == f.y.shape(), "max_pool_backward: dy is {}, y is {}", dy.shape(),
            f.y.shape());
    ops().max_pool_backward(dx.data(), dy.data(), f.winner.data(),
                            windows_of("max_pool", dx.shape(), options));
}

}  // namespace gradus
