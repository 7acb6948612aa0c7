// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <type_traits>

#include "nn/files/atomic_file.h"
#include "nn/files/tensor_name.h"
#include "nn/files/weights/gguf.h"
#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace {

template <class Number>
void put(std::string& out, Number value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_string(std::string& out, std::string_view text) {
    require(text.size() <= kMaxGgufString, "gguf: a string of {} bytes, at most {} are allowed",
            text.size(), kMaxGgufString);
    put(out, std::uint64_t{text.size()});
    out += text;
}

void put_value(std::string& out, const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::string>)
        put_string(out, value);
    else if constexpr (std::is_same_v<Value, bool>)
        out += value ? '\1' : '\0';
    else
        put(out, value);
}

void put_array(std::string& out, const GgufArray& array) {
    put(out, static_cast<std::uint32_t>(array.index()));
    std::visit(
        [&](const auto& values) {
            using Values = std::decay_t<decltype(values)>;
            if constexpr (std::is_same_v<Values, std::monostate>) {
                throw std::invalid_argument("gguf: an array of arrays");
            } else {
                require(values.size() <= kMaxGgufArray,
                        "gguf: an array of {} elements, at most {} are allowed", values.size(),
                        kMaxGgufArray);
                put(out, std::uint64_t{values.size()});
                for (const typename Values::value_type& value : values) put_value(out, value);
            }
        },
        array);
}

void put_entry(std::string& out, const std::string& key, const GgufValue& value) {
    const auto* alignment = std::get_if<std::uint32_t>(&value);
    require(key != "general.alignment" || (alignment && *alignment == kGgufAlignment),
            "gguf: general.alignment must be a u32 of {}", kGgufAlignment);
    put_string(out, key);
    put(out, static_cast<std::uint32_t>(value.index()));
    std::visit(
        [&](const auto& v) {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, GgufArray>)
                put_array(out, v);
            else
                put_value(out, v);
        },
        value);
}

// The number of a stored weight's type (ggml_type.h).
std::uint32_t type_of(const NamedTensor& t) {
    if (t.tensor.defined()) return 0;
    switch (t.stored.format) {
        case WeightFormat::f32:
            return 0;
        case WeightFormat::f16:
            return 1;
        case WeightFormat::bf16:
            return 30;
        case WeightFormat::q8_0:
            return 8;
        case WeightFormat::q4_0:
            return 2;
        case WeightFormat::int8:
            break;
    }
    throw std::invalid_argument(
        fmt::format("gguf: tensor {} is in int8, for which the format has no type; q8_0 is near it",
                    quoted_name(t.name)));
}

std::uint64_t bytes_of(const NamedTensor& t) {
    return static_cast<std::uint64_t>(t.tensor.defined() ? 4 * t.tensor.count() : t.stored.bytes());
}
std::uint64_t padding(std::uint64_t size) {
    return (kGgufAlignment - size % kGgufAlignment) % kGgufAlignment;
}

// In the double build, a number may be too large: converting it would be undefined.
void require_floats(const Real* x, Index n, const std::string& name) {
    if constexpr (sizeof(Real) > sizeof(float))
        for (Index i = 0; i < n; ++i)
            require(!std::isfinite(x[i]) || std::abs(x[i]) <= std::numeric_limits<float>::max(),
                    "gguf: tensor {}: {} is too large for a float", quoted_name(name), x[i]);
}

void write_floats(AtomicFile& file, const NamedTensor& t) {
    const Tensor& tensor = t.tensor;
    constexpr Index kPart = 1 << 16;  // floats; a system call for each part
    std::vector<float> part;
    for (Index first = 0; first < tensor.count(); first += kPart) {
        const Index n = std::min(kPart, tensor.count() - first);
        require_floats(tensor.data() + first, n, t.name);
        part.assign(tensor.data() + first, tensor.data() + first + n);
        file.write(part.data(), part.size() * sizeof(float));
    }
}

}  // namespace

Checksum save_gguf(const std::string& path, const std::vector<NamedTensor>& tensors,
                   const GgufMetadata& metadata) {
    std::string header = "GGUF";
    put(header, std::uint32_t{3});
    put(header, std::uint64_t{tensors.size()});
    put(header, std::uint64_t{metadata.entries().size()});
    for (const auto& [key, value] : metadata.entries()) put_entry(header, key, value);
    std::set<std::string> names;
    std::uint64_t offset = 0;
    for (const NamedTensor& t : tensors) {
        const std::string name = quoted_name(t.name);
        require(t.tensor.defined() || t.stored.defined(), "gguf: tensor {} is undefined", name);
        require(t.tensor.defined() || t.stored.data, "gguf: tensor {} has not been loaded", name);
        require(t.name.size() <= kMaxGgufName,
                "gguf: the name {} has {} bytes, at most {} are allowed", name, t.name.size(),
                kMaxGgufName);
        require(names.insert(t.name).second, "gguf: two tensors are called {}", name);
        const Shape shape = t.tensor.defined() ? t.tensor.shape() : t.stored.shape();
        require(shape.rank() <= int{kMaxGgufAxes},
                "gguf: tensor {} has {} axes, at most {} are allowed", name, shape.rank(),
                kMaxGgufAxes);
        put_string(header, t.name);
        put(header, static_cast<std::uint32_t>(shape.rank()));
        for (int axis = shape.rank() - 1; axis >= 0; --axis)
            put(header, static_cast<std::uint64_t>(shape[axis]));
        put(header, type_of(t));
        put(header, offset);
        offset += bytes_of(t) + padding(bytes_of(t));
    }
    header.append(padding(header.size()), '\0');

    AtomicFile file(path);
    file.expect(header.size() + offset);
    file.write(header);
    for (const NamedTensor& t : tensors) {
        if (t.tensor.defined())
            write_floats(file, t);
        else
            file.write(t.stored.data(), bytes_of(t));
        file.write(std::string(padding(bytes_of(t)), '\0'));
    }
    for (const NamedTensor& t : tensors)
        if (!t.tensor.defined()) t.stored.data();  // throws if its bytes have gone meanwhile
    file.commit();
    return file.checksum();
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
