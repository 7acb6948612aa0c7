// SPDX-License-Identifier: MIT
#include "nn/files/weights/llama2c.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "nn/files/tensor_name.h"
#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// The numbers where they lie, as a matrix.
StoredWeight Llama2cFile::floats(const Llama2cTensor& t, const Shape& matrix) const {
    const auto size = static_cast<std::uint64_t>(4 * matrix.count());
    const auto data = [file = file_, begin = t.begin, size] {
        return reinterpret_cast<const std::byte*>(file->bytes(begin, size).data());
    };
    return {WeightFormat::f32, WeightLayout::out_in, matrix[0], matrix[1], data, {}};
}

Tensor Llama2cFile::dequantised(const Llama2cTensor& t) const {
    const Tensor result = Tensor::empty(Shape(t.shape));
    const Index n = result.count(), group = header_.config.group;
    const auto read = [&](std::uint64_t begin, Index count) {
        return file_->bytes(begin, static_cast<std::uint64_t>(count)).data();
    };
    const char *values = read(t.begin, n), *scales = read(t.scales, n / group * 4);
    for (Index i = 0; i < n; ++i) {
        float scale;  // memcpy because it need not be aligned
        std::memcpy(&scale, scales + i / group * 4, sizeof scale);
        result[i] =
            static_cast<Real>(static_cast<signed char>(values[i])) * static_cast<Real>(scale);
    }
    read(t.scales, n / group * 4);  // throws if the bytes have gone meanwhile
    return result;
}

Tensor Llama2cFile::tensor(std::string_view name) const {
    const Llama2cTensor& t = info(name);
    try {
        if (t.scales > 0) return dequantised(t);
        const Shape shape(t.shape);
        return values_of(floats(t, {shape.rows(), shape[-1]})).reshape(shape);
    } catch (const std::bad_alloc&) {
        throw FileError(path(), fmt::format("tensor {}: not enough memory for shape {}",
                                            quoted_name(name), shape_text(t.shape)));
    }
}

StoredWeight Llama2cFile::stored(const std::string& name, const Shape& shape,
                                 WeightLayout layout) const {
    const Llama2cTensor& t = info(name);
    if (!std::equal(t.shape.begin(), t.shape.end(), shape.begin(), shape.end()))
        throw FileError(path(), fmt::format("tensor {} has shape {}, but {} is needed",
                                            quoted_name(name), shape_text(t.shape), shape));
    if (t.scales > 0) {
        const Tensor values = tensor(name);
        if (!all_finite(values))
            throw FileError(
                path(), fmt::format("tensor {} has a scale that is not finite", quoted_name(name)));
        return store(values, WeightFormat::f32, layout);
    }
    StoredWeight w = floats(t, {shape[0], shape[1]});
    w.layout = layout;
    return w;
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
