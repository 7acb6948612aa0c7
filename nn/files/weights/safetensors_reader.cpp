// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include "nn/files/tensor_name.h"
#include "nn/files/weights/safetensors.h"
#include "tensor/error.h"
#include "tensor/int8_block.h"
#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

static_assert(std::endian::native == std::endian::little,
              "the elements of a safetensors file are copied as they are: little-endian");

namespace {

// Packed bytes -> n elements. memcpy because the bytes need not be aligned.
template <class Bits, class Convert>
void convert(std::string_view bytes, Index n, Real* out, Convert to_real) {
    for (Index i = 0; i < n; ++i) {
        Bits bits;
        std::memcpy(&bits, bytes.data() + static_cast<std::size_t>(i) * sizeof(Bits), sizeof(Bits));
        out[i] = static_cast<Real>(to_real(bits));
    }
}

}  // namespace

std::string_view SafetensorsFile::bytes(std::string_view name) const {
    const TensorInfo& t = info(name);
    return file_->bytes(t.begin, t.end - t.begin);
}

Tensor SafetensorsFile::tensor(std::string_view name) const {
    const TensorInfo& t = info(name);
    if (t.shape.size() > Shape::kMaxRank)
        throw FileError(path(),
                        fmt::format("tensor {} has {} axes, at most {} are supported",
                                    quoted_name(t.name), t.shape.size(), int{Shape::kMaxRank}));
    try {
        const Tensor result = Tensor::empty(Shape(t.shape));
        read(name, result);
        return result;
    } catch (const std::bad_alloc&) {
        throw FileError(path(), fmt::format("tensor {}: not enough memory for shape {}",
                                            quoted_name(t.name), Shape(t.shape)));
    }
}

void SafetensorsFile::read(std::string_view name, const Tensor& into) const {
    const TensorInfo& t = info(name);
    if (!into.defined() ||
        !std::equal(t.shape.begin(), t.shape.end(), into.shape().begin(), into.shape().end()))
        throw FileError(path(),
                        fmt::format("tensor {} has shape {}, but {} is needed", quoted_name(t.name),
                                    shape_text(t.shape), into.shape()));
    const std::string_view bytes = file_->bytes(t.begin, t.end - t.begin);
    Real* out = into.data();
    const Index n = into.count();
    if (t.dtype == (sizeof(Real) == 4 ? "F32" : "F64"))
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(out));
    else if (t.dtype == "F16")
        ops().widen_f16(out, bytes.data(), n);
    else if (t.dtype == "BF16")
        ops().widen_bf16(out, bytes.data(), n);
    else if (t.dtype == "F32")
        convert<float>(bytes, n, out, [](float x) { return x; });
    else if (t.dtype == "F64")
        convert<double>(bytes, n, out, [&](double x) {
            if (std::isfinite(x) && std::abs(x) > double{std::numeric_limits<Real>::max()})
                throw FileError(path(), fmt::format("tensor {}: {} is too large for a float",
                                                    quoted_name(t.name), x));
            return x;
        });
    else
        throw FileError(path(), fmt::format("tensor {} has dtype {}; F32, F64, F16 and BF16 can be "
                                            "read",
                                            quoted_name(t.name), t.dtype));
    this->bytes(name);  // throws if they have gone meanwhile
}

StoredWeight SafetensorsFile::stored(const std::string& name, const Shape& shape,
                                     WeightLayout layout) const {
    const TensorInfo& t = info(name);
    StoredWeight w{WeightFormat::f32, layout, shape[0], shape[1], {}, {}};
    if (t.dtype == "F32")
        w.format = WeightFormat::f32;
    else if (t.dtype == "F16")
        w.format = WeightFormat::f16;
    else if (t.dtype == "BF16")
        w.format = WeightFormat::bf16;
    else if (t.dtype == "I8" && contains(name + ".scale"))
        w.format = WeightFormat::int8;
    else
        throw FileError(path(), fmt::format("tensor {} has dtype {}; F32, F16, BF16, and I8 with "
                                            "scales can be used where they are",
                                            quoted_name(name), t.dtype));
    const bool int8 = w.format == WeightFormat::int8;
    const Shape there = int8 ? Shape{w.rows, int8_row(w.columns)} : shape;
    if (!std::equal(t.shape.begin(), t.shape.end(), there.begin(), there.end()))
        throw FileError(path(), fmt::format("tensor {} has shape {}, but {} is needed",
                                            quoted_name(name), shape_text(t.shape), there));
    if (int8) {
        w.scale = Tensor::empty({w.rows, int8_blocks(w.columns)});
        read(name + ".scale", w.scale);
    }
    w.data = [file = file_, begin = t.begin, size = t.end - t.begin] {
        return reinterpret_cast<const std::byte*>(file->bytes(begin, size).data());
    };
    return w;
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
