// SPDX-License-Identifier: MIT
#include "nn/files/weights/gguf_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <set>
#include <utility>

#include "nn/files/tensor_name.h"
#include "tensor/error.h"

namespace gradus {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the numbers of a GGUF file are copied as they are: little-endian");

constexpr const char* kAlignmentKey = "general.alignment";

// Takes one value after another. Each is checked against the bytes that are left.
class Bytes {
 public:
    explicit Bytes(const MappedFile& file)
        : path_(file.path()), bytes_(file.bytes(0, file.size())) {}

    std::uint64_t at() const { return at_; }
    std::uint64_t left() const { return bytes_.size() - at_; }

    [[noreturn]] void refuse(std::uint64_t offset, const std::string& rule) const {
        throw FileError(path_, fmt::format("offset {}: {}", offset, rule));
    }

    template <class Number>
    Number number(const char* what) {
        Number value;
        std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
        return value;
    }

    std::string string(const char* what) {
        const std::uint64_t start = at_, size = number<std::uint64_t>(what);
        if (size > kMaxGgufString)
            refuse(start, fmt::format("{} of {} bytes, at most {} are allowed", what, size,
                                      kMaxGgufString));
        return std::string(take(size, what));
    }

 private:
    std::string_view take(std::uint64_t count, const char* what) {
        if (count > left())
            refuse(at_,
                   fmt::format("{} needs {} bytes, but the file ends after {}: was it cut short?",
                               what, count, left()));
        at_ += count;
        return bytes_.substr(at_ - count, count);
    }

    std::string path_;
    std::string_view bytes_;
    std::uint64_t at_ = 0;
};

// A value of the type with this number, zero or empty.
template <class Variant, std::size_t... I>
Variant of_type(std::size_t number, std::index_sequence<I...>) {
    Variant value;
    static_cast<void>(((number == I && (value.template emplace<I>(), true)) || ...));
    return value;
}
template <class Variant>
Variant of_type(std::size_t number) {
    return of_type<Variant>(number, std::make_index_sequence<std::variant_size_v<Variant>>());
}

template <class Value>
Value read_value(Bytes& bytes, const std::string& key) {
    if constexpr (std::is_same_v<Value, std::string>) {
        return bytes.string("a string");
    } else if constexpr (std::is_same_v<Value, bool>) {
        const std::uint64_t start = bytes.at();
        const auto byte = bytes.number<std::uint8_t>("a bool");
        if (byte > 1)
            bytes.refuse(start,
                         fmt::format("key {}: a bool is 0 or 1, not {}", quoted_name(key), byte));
        return byte == 1;
    } else {
        return bytes.number<Value>("a number");
    }
}

std::size_t read_type(Bytes& bytes, const std::string& key) {
    const std::uint64_t start = bytes.at();
    const auto type = bytes.number<std::uint32_t>("a type");
    if (!gguf_type_name(type))
        bytes.refuse(start, fmt::format("key {}: there is no type {}; 0 to 12 are defined",
                                        quoted_name(key), type));
    return type;
}

template <>
GgufArray read_value(Bytes& bytes, const std::string& key) {
    const std::uint64_t start = bytes.at();
    auto array = of_type<GgufArray>(read_type(bytes, key));
    const auto count = bytes.number<std::uint64_t>("the length of an array");
    if (count > kMaxGgufArray)
        bytes.refuse(start, fmt::format("key {}: an array of {} elements, at most {} are allowed",
                                        quoted_name(key), count, kMaxGgufArray));
    std::visit(
        [&](auto& values) {
            using Values = std::decay_t<decltype(values)>;
            if constexpr (std::is_same_v<Values, std::monostate>) {
                bytes.refuse(start, fmt::format("key {}: an array of arrays", quoted_name(key)));
            } else {
                using Value = typename Values::value_type;
                // A string takes at least the 8 bytes of its length.
                const std::size_t least = std::is_same_v<Value, std::string> ? 8 : sizeof(Value);
                if (count > bytes.left() / least)
                    bytes.refuse(
                        start, fmt::format("key {}: an array of {} elements does not fit "
                                           "into the {} bytes that follow: was the file cut short?",
                                           quoted_name(key), count, bytes.left()));
                values.reserve(count);
                for (std::uint64_t i = 0; i < count; ++i)
                    values.push_back(read_value<Value>(bytes, key));
            }
        },
        array);
    return array;
}

void read_entry(Bytes& bytes, GgufMetadata& metadata) {
    const std::uint64_t start = bytes.at();
    const std::string key = bytes.string("a key");
    if (key.empty()) bytes.refuse(start, "an empty key");
    if (key.size() > kMaxGgufKey)
        bytes.refuse(start, fmt::format("a key of {} bytes, at most {} are allowed", key.size(),
                                        kMaxGgufKey));
    if (metadata.contains(key))
        bytes.refuse(start, fmt::format("duplicate key {}", quoted_name(key)));
    auto value = of_type<GgufValue>(read_type(bytes, key));
    std::visit([&](auto& v) { v = read_value<std::decay_t<decltype(v)>>(bytes, key); }, value);
    metadata.add(key, std::move(value));
}

// How many of something follow: at most `most`, and each of at least `least` bytes.
std::uint64_t read_count(Bytes& bytes, const char* what, std::uint64_t most, std::uint64_t least) {
    const std::uint64_t start = bytes.at();
    const auto count = bytes.number<std::int64_t>("a count");
    if (count < 0) bytes.refuse(start, fmt::format("a negative count of {}: {}", what, count));
    if (static_cast<std::uint64_t>(count) > most)
        bytes.refuse(start, fmt::format("{} {}, at most {} are allowed", count, what, most));
    if (static_cast<std::uint64_t>(count) > bytes.left() / least)
        bytes.refuse(start, fmt::format("{} {} do not fit into the {} bytes that follow: was "
                                        "the file cut short?",
                                        count, what, bytes.left()));
    return static_cast<std::uint64_t>(count);
}

std::uint64_t read_alignment(const Bytes& bytes, const GgufMetadata& metadata) {
    if (!metadata.contains(kAlignmentKey)) return kGgufAlignment;
    for (const auto& [key, value] : metadata.entries()) {
        if (key != kAlignmentKey) continue;
        const auto* alignment = std::get_if<std::uint32_t>(&value);
        if (!alignment) bytes.refuse(bytes.at(), fmt::format("{} is not a u32", kAlignmentKey));
        if (!std::has_single_bit(*alignment))
            bytes.refuse(bytes.at(),
                         fmt::format("{} is {}, not a power of two", kAlignmentKey, *alignment));
        return *alignment;
    }
    return kGgufAlignment;
}

// begin is still relative to the beginning of the data, and end is begin + the tensor's size.
GgufTensor read_tensor(Bytes& bytes) {
    const std::uint64_t start = bytes.at();
    GgufTensor tensor;
    tensor.name = bytes.string("a tensor's name");
    const auto refuse = [&](const std::string& rule) {
        bytes.refuse(start, fmt::format("tensor {}: {}", quoted_name(tensor.name), rule));
    };
    if (tensor.name.size() > kMaxGgufName)
        refuse(fmt::format("a name of {} bytes, at most {} are allowed", tensor.name.size(),
                           kMaxGgufName));
    const auto axes = bytes.number<std::uint32_t>("a number of axes");
    if (axes > kMaxGgufAxes)
        refuse(fmt::format("{} axes, at most {} are allowed", axes, kMaxGgufAxes));
    for (std::uint32_t i = 0; i < axes; ++i) {
        const auto size = bytes.number<std::int64_t>("a size");
        if (size < 0) refuse(fmt::format("a negative size, {}", size));
        tensor.shape.insert(tensor.shape.begin(), size);
    }
    const auto number = bytes.number<std::uint32_t>("a type");
    tensor.type = ggml_type(number);
    if (!tensor.type) refuse(fmt::format("there is no type {} that this reader knows", number));
    const Index row = axes > 0 ? tensor.shape.back() : 1;
    if (row % tensor.type->block != 0)
        refuse(fmt::format("rows of {} elements are not whole blocks of {}, as {} needs them", row,
                           tensor.type->block, tensor.type->name));
    Index count = 1;
    bool fits = true;
    for (const Index size : tensor.shape)
        fits = fits && !__builtin_mul_overflow(count, size, &count);
    fits = fits && !__builtin_mul_overflow(count / tensor.type->block, tensor.type->bytes, &count);
    tensor.begin = bytes.number<std::uint64_t>("an offset");
    fits = fits &&
           !__builtin_add_overflow(tensor.begin, static_cast<std::uint64_t>(count), &tensor.end);
    if (!fits) refuse(fmt::format("shape {} is too large", shape_text(tensor.shape)));
    return tensor;
}

// Checks that each tensor begins where the one before it ends; turns the offsets into file offsets.
void check_offsets(const Bytes& bytes, std::vector<GgufTensor>& tensors, std::uint64_t alignment,
                   std::uint64_t file_size) {
    // 2^63 at most, as end of tensors that are in the file; alignment is at most 2^31.
    const auto aligned = [&](std::uint64_t offset) {
        return (offset + alignment - 1) / alignment * alignment;
    };
    const std::uint64_t data = aligned(bytes.at());
    std::uint64_t running = 0;
    for (GgufTensor& t : tensors) {
        const auto refuse = [&](const std::string& rule) {
            bytes.refuse(bytes.at(), fmt::format("tensor {} of type {} and shape {} at {}: {}",
                                                 quoted_name(t.name), t.type->name,
                                                 shape_text(t.shape), t.begin, rule));
        };
        if (t.begin != running)
            refuse(
                fmt::format("must begin at {}, the end of the tensor before it, rounded up to a "
                            "multiple of {}",
                            running, alignment));
        if (data > file_size || t.end > file_size - data)
            refuse(
                fmt::format("needs {} bytes, but of the data, which begins at {}, the file has "
                            "{}: it is cut short",
                            t.end, data, data > file_size ? 0 : file_size - data));
        running = aligned(t.end);
        t.begin += data, t.end += data;
    }
}

void check_version(Bytes& bytes) {
    const auto version = bytes.number<std::uint32_t>("the version");
    if ((version & 0xFFFF) == 0 && version != 0)
        bytes.refuse(4, fmt::format("version {:#010x}: a big-endian file; only little-endian ones "
                                    "can be read",
                                    version));
    if (version == 1)
        bytes.refuse(4,
                     "version 1, which is no longer in use: convert the file with a newer "
                     "llama.cpp");
    if (version != 2 && version != 3)
        bytes.refuse(4, fmt::format("version {}; 2 and 3 can be read", version));
}

GgufHeader read_header(const MappedFile& file) {
    Bytes bytes(file);
    const auto magic = bytes.number<std::uint32_t>("the word \"GGUF\"");
    if (std::memcmp(&magic, "GGUF", 4) != 0)
        bytes.refuse(0, fmt::format("the file begins with {}, not with \"GGUF\": it is of another "
                                    "format",
                                    quoted_name(file.bytes(0, 4))));
    check_version(bytes);
    // A tensor takes at least a name's length, a number of axes, a type and an offset; an entry a key
    // of one byte, a type and a value of one byte. The tensors' count comes first.
    const std::uint64_t tensors = read_count(bytes, "tensors", kMaxGgufTensors, 8 + 4 + 4 + 8),
                        entries = read_count(bytes, "entries of metadata", kMaxGgufEntries,
                                             8 + 1 + 4 + 1);
    GgufHeader header{GgufMetadata(file.path()), {}};
    for (std::uint64_t i = 0; i < entries; ++i) read_entry(bytes, header.metadata);
    const std::uint64_t alignment = read_alignment(bytes, header.metadata);
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < tensors; ++i) {
        const std::uint64_t start = bytes.at();
        header.tensors.push_back(read_tensor(bytes));
        const std::string& name = header.tensors.back().name;
        if (!names.insert(name).second)
            bytes.refuse(start, fmt::format("duplicate tensor {}", quoted_name(name)));
    }
    check_offsets(bytes, header.tensors, alignment, file.size());
    static_cast<void>(file.bytes(0, file.size()));  // throws if it was cut short meanwhile
    return header;
}

}  // namespace

GgufHeader read_gguf_header(const MappedFile& file) {
    try {
        return read_header(file);
    } catch (const std::bad_alloc&) {
        throw FileError(file.path(), "not enough memory for the header");
    }
}

}  // namespace gradus
