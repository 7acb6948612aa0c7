// SPDX-License-Identifier: MIT
#include "tensor/stored_weight.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "tensor/blocks_of_32.h"
#include "tensor/int8_block.h"
#include "tensor/memory.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus {

std::string to_string(WeightFormat format) {
    switch (format) {
        case WeightFormat::f32:
            return "f32";
        case WeightFormat::f16:
            return "f16";
        case WeightFormat::bf16:
            return "bf16";
        case WeightFormat::int8:
            return "int8";
        case WeightFormat::q8_0:
            return "q8_0";
        case WeightFormat::q4_0:
            return "q4_0";
    }
    return "";
}

Index row_bytes(WeightFormat format, Index columns) {
    if (format == WeightFormat::int8) return int8_row(columns);
    if (format == WeightFormat::q8_0) return columns / kBlockOf32 * kQ8Bytes;
    if (format == WeightFormat::q4_0) return columns / kBlockOf32 * kQ4Bytes;
    return columns * (format == WeightFormat::f32 ? 4 : 2);
}

bool in_blocks(WeightFormat format) {
    return format == WeightFormat::int8 || format == WeightFormat::q8_0 ||
           format == WeightFormat::q4_0;
}

inline namespace GRADUS_PRECISION {
namespace {

// Holds the bytes of w in place while an operation reads them.
class Reading {
 public:
    explicit Reading(const StoredWeight& w) : w_(w) {
        require(w.data != nullptr, "stored weight {}: its values have not been loaded", w.shape());
        start_ = w.data();
    }
    // Throws if the bytes have gone meanwhile.
    void end() const { w_.data(); }

    // y (count, columns): rows first, first + 1, ...
    void rows(Real* y, Index first, Index count) const {
        const std::byte* from = start_ + first * row_bytes(w_.format, w_.columns);
        const Index n = count * w_.columns;
        switch (w_.format) {
            case WeightFormat::f32:
                for (Index i = 0; i < n; ++i) {
                    float x;
                    std::memcpy(&x, from + 4 * i, 4);
                    y[i] = static_cast<Real>(x);
                }
                return;
            case WeightFormat::f16:
                return ops().widen_f16(y, from, n);
            case WeightFormat::bf16:
                return ops().widen_bf16(y, from, n);
            case WeightFormat::int8:
                return ops().dequantise_int8(y, reinterpret_cast<const std::int8_t*>(from),
                                             w_.scale.data() + first * int8_blocks(w_.columns),
                                             count, w_.columns);
            case WeightFormat::q8_0:
                return ops().dequantise_blocks(y, from, n / kBlockOf32, 8);
            case WeightFormat::q4_0:
                return ops().dequantise_blocks(y, from, n / kBlockOf32, 4);
        }
    }
    // The matrix itself, if its bytes are the numbers that a product reads; else null.
    const Real* numbers() const {
        const bool aligned = reinterpret_cast<std::uintptr_t>(start_) % alignof(Real) == 0;
        return w_.format == WeightFormat::f32 && sizeof(Real) == 4 && aligned
                   ? reinterpret_cast<const Real*>(start_)
                   : nullptr;
    }
    const std::int8_t* int8() const { return reinterpret_cast<const std::int8_t*>(start_); }

 private:
    const StoredWeight& w_;
    const std::byte* start_ = nullptr;
};

// The matrix is widened in parts, so that no copy of it ever exists. With few rows of x the time is
// that of reading the weights: a part is widened and multiplied by one thread, and so small that it
// does not leave the core's L1 cache. Many rows do more arithmetic than reading, and all threads
// share a part that is large enough for a product at full speed.
constexpr Index kFewRows = 4, kSmallPart = 1 << 13, kLargePart = 1 << 21;  // parts in numbers

struct Parts {
    Index size;   // rows in a part; a multiple of 4, which the product takes at a time
    Index chunk;  // rows in the parts that one thread takes, one after another
    Index chunks;

    Parts(const StoredWeight& w, Index M)
        : size((M <= kFewRows ? kSmallPart : kLargePart) / std::max<Index>(1, w.columns) / 4 * 4) {
        size = std::max<Index>(4, size);
        chunk = M <= kFewRows ? 8 * size : w.rows;
        chunks = chunk > 0 ? (w.rows + chunk - 1) / chunk : 0;
    }
    // body(first row, row past the last, number of the chunk) for each part.
    template <class Body>
    void each(Index rows, const Body& body) const {
        const auto take = [&](Index begin, Index end) {
            for (Index first = begin; first < end; first += size)
                body(first, std::min(end, first + size), begin / chunk);
        };
        chunks > 1 ? parallel_for(rows, chunk, take) : take(0, rows);
    }
};

Real* scratch(int which, Index count) {
    return static_cast<Real*>(
        thread_scratch(which, static_cast<std::size_t>(count) * sizeof(Real)));
}

void copy_columns(Real* y, Index y_row, const Real* x, Index x_row, Index M, Index n) {
    for (Index m = 0; m < M; ++m) std::copy_n(x + m * x_row, n, y + m * y_row);
}

// c (M, rows) = a (M, columns) times the transpose of the stored matrix.
void times_transposed(Real* c, const Real* a, const StoredWeight& w, const Reading& bytes,
                      Index M) {
    const Index N = w.rows, K = w.columns;
    if (const Real* b = bytes.numbers()) return ops().matmul({c}, {a}, {b, true}, M, N, K);
    Parts(w, M).each(N, [&](Index first, Index last, Index) {
        const Index n = last - first;
        Real* part = scratch(7, n * K);
        bytes.rows(part, first, n);
        if (M == 1) return ops().matmul({c + first}, {a}, {part, true}, 1, n, K);
        Real* columns = scratch(6, M * n);
        ops().matmul({columns}, {a}, {part, true}, M, n, K);
        copy_columns(c + first, N, columns, n, M, n);
    });
}

// c (M, columns) += a (M, rows) times the stored matrix. Each chunk gives a term; the terms are
// added in order.
void add_times(Real* c, const Real* a, const StoredWeight& w, const Reading& bytes, Index M) {
    const Index K = w.rows, N = w.columns;
    if (const Real* b = bytes.numbers())
        return ops().matmul({c, Write::accumulate}, {a}, {b}, M, N, K);
    const Parts parts(w, M);
    const Tensor terms({parts.chunks, M, N});
    parts.each(K, [&](Index first, Index last, Index chunk) {
        const Index k = last - first;
        Real* part = scratch(7, k * N);
        bytes.rows(part, first, k);
        Real* rows = scratch(6, M * k);
        copy_columns(rows, k, a + first, K, M, k);
        ops().matmul({terms.data() + chunk * M * N, Write::accumulate}, {rows}, {part}, M, N, k);
    });
    for (Index i = 0; i < parts.chunks; ++i)
        ops().add_scaled(c, terms.data() + i * M * N, 1, M * N);
}

}  // namespace

Index StoredWeight::bytes() const {
    const Index scales = scale.defined() ? scale.count() * static_cast<Index>(sizeof(Real)) : 0;
    return rows * row_bytes(format, columns) + scales;
}

StoredWeight store(const Tensor& w, WeightFormat format, WeightLayout layout) {
    require(w.defined() && w.rank() == 2, "store: needs a matrix (rows, columns), got {}",
            w.shape());
    require(all_finite(w), "store: the weights {} are not all finite", w.shape());
    const Index rows = w.size(0), columns = w.size(1);
    const bool of_32 = format == WeightFormat::q8_0 || format == WeightFormat::q4_0;
    require(!of_32 || columns % kBlockOf32 == 0,
            "store: {} needs rows of whole blocks, a multiple of {} columns, got {}",
            to_string(format), kBlockOf32, w.shape());
    // What the largest f16 is multiplied by; from 65520 on, a number rounds to infinity.
    const int factor = of_32 ? (format == WeightFormat::q8_0 ? kQ8Top : kQ4Top) : 1;
    if (of_32 || format == WeightFormat::f16)
        for (Index i = 0; i < w.count(); ++i)
            require(std::abs(static_cast<float>(w[i])) < static_cast<float>(65520 * factor),
                    "store: {} is too large for {} (at most {}); bf16 has the range of a float",
                    w[i], to_string(format), 65504 * factor);
    const auto size = static_cast<std::size_t>(rows * row_bytes(format, columns));
    const std::shared_ptr<void> block(pool_allocate(size), [size](void* p) { pool_free(p, size); });
    StoredWeight stored{format,
                        layout,
                        rows,
                        columns,
                        [block] { return static_cast<const std::byte*>(block.get()); },
                        {}};
    auto* halves = static_cast<std::uint16_t*>(block.get());
    switch (format) {
        case WeightFormat::f32:
            std::copy_n(w.data(), w.count(), static_cast<float*>(block.get()));
            break;
        case WeightFormat::f16:
            ops().round_f16(halves, w.data(), w.count());
            break;
        case WeightFormat::bf16:
            ops().round_bf16(halves, w.data(), w.count());
            break;
        case WeightFormat::int8:
            stored.scale = Tensor::empty({rows, int8_blocks(columns)});
            ops().quantise_int8(static_cast<std::int8_t*>(block.get()), stored.scale.data(),
                                w.data(), rows, columns);
            break;
        case WeightFormat::q8_0:
            ops().quantise_blocks(block.get(), w.data(), w.count() / kBlockOf32, 8);
            break;
        case WeightFormat::q4_0:
            ops().quantise_blocks(block.get(), w.data(), w.count() / kBlockOf32, 4);
    }
    return stored;
}

Tensor values_of(const StoredWeight& w) {
    require(w.defined(), "stored weight: undefined");
    const Tensor values = Tensor::empty({w.rows, w.columns});
    const Reading bytes(w);
    bytes.rows(values.data(), 0, w.rows);
    bytes.end();
    return values;
}

Tensor matmul_forward(const Tensor& x, const StoredWeight& w) {
    require(w.defined() && x.defined() && x.rank() >= 1 && x.size(-1) == w.in(),
            "matmul: inner sizes differ: x is {}, the stored weight ({}, {}), {} in and {} out",
            x.shape(), w.rows, w.columns, w.in(), w.out());
    const Reading bytes(w);
    const Index M = x.rows();
    const bool by_rows = w.layout == WeightLayout::out_in;
    const Shape shape = x.shape().with(-1, w.out());
    const Tensor y = by_rows ? Tensor::empty(shape) : Tensor(shape);
    if (!by_rows)
        add_times(y.data(), x.data(), w, bytes, M);
    else if (w.format == WeightFormat::int8)
        ops().matmul_int8(y.data(), x.data(), bytes.int8(), w.scale.data(), M, w.rows, w.columns);
    else
        times_transposed(y.data(), x.data(), w, bytes, M);
    bytes.end();
    return y;
}

void matmul_backward(const Tensor& dy, const StoredWeight& w, const Tensor& dx) {
    require(w.defined() && dy.defined() && dx.defined() && dy.size(-1) == w.out() &&
                dx.shape() == dy.shape().with(-1, w.in()),
            "matmul_backward: dy {} and dx {} do not fit a stored weight with {} in and {} out",
            dy.shape(), dx.shape(), w.in(), w.out());
    const Reading bytes(w);
    const Index M = dy.rows();
    if (w.layout == WeightLayout::out_in) {
        add_times(dx.data(), dy.data(), w, bytes, M);
    } else {
        const Tensor term = Tensor::empty(dx.shape());
        times_transposed(term.data(), dy.data(), w, bytes, M);
        ops().add_scaled(dx.data(), term.data(), 1, dx.count());
    }
    bytes.end();
}

Tensor embedding_forward(const StoredWeight& table, const Tokens& ids) {
    require(table.defined(), "embedding: the table is undefined");
    require_rows(ids, table.rows);
    const Index C = table.columns;
    const Tensor y = Tensor::empty(ids.shape.appended(C));
    const Reading bytes(table);
    for (Index i = 0; i < ids.count(); ++i)
        bytes.rows(y.data() + i * C, ids.id[static_cast<std::size_t>(i)], 1);
    bytes.end();
    return y;
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
