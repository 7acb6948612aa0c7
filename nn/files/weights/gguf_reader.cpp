// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "nn/files/tensor_name.h"
#include "nn/files/weights/gguf.h"
#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// The tensor as it lies in the mapping, in rows.
StoredWeight GgufFile::matrix(const GgufTensor& t, Index rows, Index columns) const {
    StoredWeight w{WeightFormat::f32, WeightLayout::out_in, rows, columns, {}, {}};
    const std::string_view type = t.type->name;
    if (type == "F32")
        w.format = WeightFormat::f32;
    else if (type == "F16")
        w.format = WeightFormat::f16;
    else if (type == "BF16")
        w.format = WeightFormat::bf16;
    else if (type == "Q8_0")
        w.format = WeightFormat::q8_0;
    else if (type == "Q4_0")
        w.format = WeightFormat::q4_0;
    else
        throw FileError(path(), fmt::format("tensor {} has type {} ({}); F32, F16, BF16, Q8_0 and "
                                            "Q4_0 can be read: llama.cpp's llama-quantize --pure "
                                            "writes these",
                                            quoted_name(t.name), type, t.type->number));
    w.data = [file = file_, begin = t.begin, size = t.end - t.begin] {
        return reinterpret_cast<const std::byte*>(file->bytes(begin, size).data());
    };
    return w;
}

Tensor GgufFile::tensor(std::string_view name) const {
    const GgufTensor& t = info(name);
    try {
        const Shape shape(t.shape);
        // Of no elements, the other axes may be of any size.
        const Index columns = shape.count() == 0 ? 0
                              : shape.rank() > 0 ? shape[-1]
                                                 : 1,
                    rows = shape.count() == 0 ? 0 : shape.count() / columns;
        return values_of(matrix(t, rows, columns)).reshape(shape);
    } catch (const std::bad_alloc&) {
        throw FileError(path(), fmt::format("tensor {}: not enough memory for shape {}",
                                            quoted_name(t.name), shape_text(t.shape)));
    }
}

StoredWeight GgufFile::stored(const std::string& name, const Shape& shape,
                              WeightLayout layout) const {
    const GgufTensor& t = info(name);
    if (!std::equal(t.shape.begin(), t.shape.end(), shape.begin(), shape.end()))
        throw FileError(path(), fmt::format("tensor {} has shape {}, but {} is needed",
                                            quoted_name(name), shape_text(t.shape), shape));
    StoredWeight w = matrix(t, shape[0], shape[1]);
    w.layout = layout;
    return w;
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
