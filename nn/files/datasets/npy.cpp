// SPDX-License-Identifier: MIT
#include "nn/files/datasets/npy.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "nn/files/datasets/number_array_parts.h"
#include "nn/files/gzip.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;  // of the elements, in the file

struct NpyType {
    std::string_view name;
    NumberType type;
};
constexpr NpyType kTypes[] = {
    {"b1", NumberType::boolean}, {"u1", NumberType::u8},  {"i1", NumberType::i8},
    {"u2", NumberType::u16},     {"i2", NumberType::i16}, {"u4", NumberType::u32},
    {"i4", NumberType::i32},     {"u8", NumberType::u64}, {"i8", NumberType::i64},
    {"f4", NumberType::f32},     {"f8", NumberType::f64}};

struct NpyHeader {
    NumberType type = NumberType::f32;
    ByteOrder order = ByteOrder::little;
    bool fortran_order = false;
    std::vector<std::uint64_t> sizes;
};

// Reads the dictionary, of which NumPy writes exactly this form:
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
    HeaderParser(std::string_view text, std::size_t offset, const std::string& name)
        : text_(text), offset_(offset), name_(name) {}

    NpyHeader parse() {
        NpyHeader header;
        std::set<std::string_view> keys;
        expect("{");
        while (!accept("}")) {
            const std::size_t begin = at_;
            const std::string_view key = quoted();
            if (!keys.insert(key).second) refuse(begin, "duplicate key " + in_quotes(key));
            expect(":");
            if (key == "descr")
                type(header);
            else if (key == "fortran_order")
                header.fortran_order = boolean();
            else if (key == "shape")
                header.sizes = tuple();
            else
                refuse(begin, "unknown key " + in_quotes(key));
            if (accept("}")) break;
            expect(",");
        }
        for (const char* key : {"descr", "fortran_order", "shape"})
            if (!keys.count(key)) refuse(at_, fmt::format("the header lacks \"{}\"", key));
        while (accept("\n")) {
        }
        if (at_ < text_.size()) refuse(at_, "text after the dictionary");
        return header;
    }

 private:
    [[noreturn]] void refuse(std::size_t at, const std::string& what) const {
        throw FileError(name_, fmt::format("offset {}: {}", offset_ + at, what));
    }

    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool accept(std::string_view word) {
        skip_blanks();
        const bool there = text_.substr(at_).starts_with(word);
        if (there) at_ += word.size();
        return there;
    }
    void expect(std::string_view word) {
        if (!accept(word))
            refuse(at_, fmt::format("the header has {} where \"{}\" is needed",
                                    in_quotes(text_.substr(at_)), word));
    }

    std::string_view quoted() {
        skip_blanks();
        const char quote = accept("\"") ? '"' : '\'';
        if (quote == '\'') expect("'");
        const std::size_t end = std::min(text_.find(quote, at_), text_.size());
        const std::string_view value = text_.substr(at_, end - at_);
        if (end == text_.size() || value.find('\\') != value.npos)
            refuse(at_, "a string that does not end, or has a backslash in it");
        at_ = end + 1;
        return value;
    }

    bool boolean() {
        if (accept("True")) return true;
        expect("False");
        return false;
    }

    std::vector<std::uint64_t> tuple() {
        std::vector<std::uint64_t> sizes;
        expect("(");
        while (!accept(")")) {
            sizes.push_back(number());
            if (sizes.size() > 1 && accept(")")) break;
            expect(",");  // Python's tuple of one is (3,)
        }
        return sizes;
    }

    std::uint64_t number() {
        skip_blanks();
        constexpr std::size_t kMostDigits = 18;  // of a 63-bit number, whatever they are
        const std::size_t end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
        if (end == at_ || end - at_ > kMostDigits)
            refuse(at_, fmt::format("{} is not a size", in_quotes(text_.substr(at_))));
        std::uint64_t value = 0;
        for (; at_ < end; ++at_) value = 10 * value + static_cast<std::uint64_t>(text_[at_] - '0');
        return value;
    }

    void type(NpyHeader& header) {
        skip_blanks();
        const std::size_t begin = at_;
        if (text_.substr(at_).starts_with("["))
            refuse(at_, "an array of records, whose columns must be saved one by one");
        const std::string_view descr = quoted();
        const std::string_view order = descr.substr(0, 1), name = descr.substr(order.size());
        for (const NpyType& known : kTypes) {
            if (known.name != name) continue;
            // "|": no byte order, since it is a single byte
            if (order != "<" && order != ">" && (order != "|" || number_bytes(known.type) > 1))
                break;
            header.type = known.type;
            header.order = order == ">" ? ByteOrder::big : ByteOrder::little;
            return;
        }
        refuse(begin, fmt::format("type {}; b1, u1 to u8, i1 to i8, f4 and f8 can be read",
                                  in_quotes(descr)));
    }

    std::string_view text_;
    std::size_t offset_, at_ = 0;
    const std::string& name_;
};

// From the first axis fastest to the last axis fastest.
void transpose(NumberArray& array) {
    const int rank = array.shape.rank(), width = number_bytes(array.type);
    const std::vector<std::uint8_t> from = array.bytes;
    std::array<Index, Shape::kMaxRank> at{}, stride{};  // stride: in elements of `from`
    Index step = 1;
    for (int axis = 0; axis < rank; step *= array.shape[axis++])
        stride[static_cast<std::size_t>(axis)] = step;
    Index source = 0;
    for (std::uint8_t* to = array.bytes.data(); to != array.bytes.data() + from.size();
         to += width) {
        std::memcpy(to, from.data() + source * width, static_cast<std::size_t>(width));
        for (int axis = rank - 1; axis >= 0; --axis) {  // the next element, as an odometer counts
            const auto a = static_cast<std::size_t>(axis);
            source += stride[a];
            if (++at[a] < array.shape[axis]) break;
            source -= at[a] * stride[a];
            at[a] = 0;
        }
    }
}

}  // namespace

NumberArray npy_array(std::string_view contents, const std::string& name) {
    const auto refuse = [&](std::size_t offset, const std::string& what) {
        throw FileError(name, fmt::format("offset {}: {}", offset, what));
    };
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(contents[at]); };
    if (!contents.starts_with(kMagic))
        refuse(0, fmt::format("not an .npy file, which begins with \\x93NUMPY, but {}",
                              in_quotes(contents.substr(0, kMagic.size()))));
    constexpr std::size_t kVersion = kMagic.size();
    if (contents.size() < kVersion + 6) refuse(kVersion, "the file is cut short in its header");
    const int version = byte(kVersion);
    if (version < 1 || version > 3 || byte(kVersion + 1) != 0)
        refuse(kVersion,
               fmt::format("version {}.{}, must be 1.0, 2.0 or 3.0", version, byte(kVersion + 1)));
    const std::size_t width = version == 1 ? 2 : 4, begin = kVersion + 2 + width;
    std::size_t size = 0;
    for (std::size_t i = 0; i < width; ++i) size |= std::size_t{byte(kVersion + 2 + i)} << 8 * i;
    if (size > kMostNpyHeader || size > contents.size() - begin)
        refuse(kVersion + 2,
               fmt::format("a header of {} bytes, of which there are {}; at most {} are allowed",
                           size, contents.size() - begin, kMostNpyHeader));
    const NpyHeader header = HeaderParser(contents.substr(begin, size), begin, name).parse();
    const std::string_view data = contents.substr(begin + size);
    const Shape shape = checked_shape(name, begin + size, header.sizes, header.type, data.size());
    NumberArray array = array_of(name, header.type, shape, data, header.order);
    if (header.fortran_order) transpose(array);
    return array;
}

NumberArray read_npy(const std::string& path) {
    const UnpackedFile file(path);
    NumberArray array = npy_array(file.bytes(), path);
    file.bytes();  // throws if they have gone meanwhile
    return array;
}

std::string npy(const NumberArray& array) {
    require_whole("npy", array);
    const NpyType* known = kTypes;
    while (known->type != array.type) ++known;
    std::string header =
        fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}",
                    number_bytes(array.type) == 1 ? '|' : '<', known->name, array.shape);
    const std::size_t prefix = kMagic.size() + 4;
    header.append(kAlignment - 1 - (prefix + header.size()) % kAlignment, ' ');
    header += '\n';
    std::string bytes(kMagic);
    bytes += {1, 0, static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
    bytes += header;
    return bytes.append(array.bytes.begin(), array.bytes.end());
}

}  // namespace gradus
