// SPDX-License-Identifier: MIT
#include "nn/files/weights/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>
#include <set>

#include "nn/files/tensor_name.h"
#include "nn/files/weights/dtype.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// Reads the header one JSON token at a time. No tree is built: it would take gigabytes for 100 MB
// of "[[[[", and would hide a duplicate key.
class HeaderReader {
 public:
    HeaderReader(Metadata& metadata, std::vector<TensorInfo>& tensors)
        : metadata_(metadata), tensors_(tensors) {}

    const std::string& error() const { return error_; }
    std::size_t error_position() const { return error_position_; }  // only for bad JSON

    // Called by nlohmann::json::sax_parse; returning false stops the parser.
    bool null() { return scalar("null"); }
    bool boolean(bool) { return scalar("true or false"); }
    bool number_integer(std::int64_t) { return scalar("a negative number"); }
    bool number_float(double, const std::string&) { return scalar("a number that is not whole"); }
    bool binary(std::vector<std::uint8_t>&) { return scalar("binary data"); }

    bool number_unsigned(std::uint64_t value) {
        if (where_ == Where::shape) return shape_.push_back(value), true;
        if (where_ == Where::offsets) return offsets_.push_back(value), true;
        return scalar("a number");
    }

    bool string(std::string& value) {
        if (where_ == Where::metadata) return metadata_[key_] = value, true;
        if (where_ == Where::tensor && key_ == "dtype") return dtype_ = value, true;
        return scalar("a string");
    }

    bool start_object(std::size_t) {
        switch (where_) {
            case Where::outside:
                where_ = Where::top;
                return true;
            case Where::top:
                keys_.clear();
                if (key_ == "__metadata__") return where_ = Where::metadata, true;
                name_ = key_, dtype_.clear(), shape_.clear(), offsets_.clear();
                where_ = Where::tensor;
                return true;
            default:
                return open("an object");
        }
    }

    bool key(std::string& value) {
        if (where_ == Where::unknown) return true;
        const bool fresh = (where_ == Where::top ? top_keys_ : keys_).insert(value).second;
        if (!fresh) return fail(fmt::format("duplicate key {}", quoted_name(value)));
        key_ = value;
        return true;
    }

    bool end_object() {
        switch (where_) {
            case Where::metadata:
                where_ = Where::top;
                return true;
            case Where::tensor:
                where_ = Where::top;
                return end_tensor();
            case Where::unknown:
                return close();
            default:
                where_ = Where::outside;
                return true;
        }
    }

    bool start_array(std::size_t) {
        if (where_ == Where::tensor && key_ == "shape") return where_ = Where::shape, true;
        if (where_ == Where::tensor && key_ == "data_offsets") return where_ = Where::offsets, true;
        return open("a list");
    }

    bool end_array() {
        if (where_ == Where::unknown) return close();
        where_ = Where::tensor;
        return true;
    }

    template <class Exception>
    bool parse_error(std::size_t position, const std::string&, const Exception&) {
        error_position_ = position == 0 ? 0 : position - 1;  // the parser counts from 1
        return fail("the header is not JSON");
    }

 private:
    // The part of the header that is being read; `unknown` is a tensor's field that the format does
    // not define, skipped with all it contains, as in the reference.
    enum class Where { outside, top, metadata, tensor, shape, offsets, unknown };

    bool fail(std::string what) {
        error_ = std::move(what);
        return false;
    }

    bool known_field() const {
        return key_ == "dtype" || key_ == "shape" || key_ == "data_offsets";
    }

    bool scalar(const char* what) {
        if (where_ == Where::unknown || (where_ == Where::tensor && !known_field())) return true;
        return misplaced(what);
    }

    bool open(const char* what) {
        if (where_ == Where::unknown) return ++depth_, true;
        if (where_ != Where::tensor || known_field()) return misplaced(what);
        where_ = Where::unknown, depth_ = 1;
        return true;
    }

    bool close() {
        if (--depth_ == 0) where_ = Where::tensor;
        return true;
    }

    bool misplaced(const char* what) {
        switch (where_) {
            case Where::outside:
                return fail(fmt::format("the header is {}, not an object", what));
            case Where::top:
                return fail(fmt::format("{} is {}, not an object", quoted_name(key_), what));
            case Where::metadata:
                return fail(
                    fmt::format("__metadata__ {} is {}, not a string", quoted_name(key_), what));
            case Where::tensor:
                return fail(fmt::format("tensor {}: {} is {}", quoted_name(name_), key_, what));
            default:
                return fail(
                    fmt::format("tensor {}: {} contains {}", quoted_name(name_), key_, what));
        }
    }

    bool end_tensor() {
        for (const char* field : {"dtype", "shape", "data_offsets"})
            if (!keys_.count(field))
                return fail(fmt::format("tensor {}: {} is missing", quoted_name(name_), field));
        if (dtype_bits(dtype_) == 0)
            return fail(fmt::format("tensor {}: dtype {} is unknown", quoted_name(name_),
                                    quoted_name(dtype_)));
        if (offsets_.size() != 2)
            return fail(fmt::format("tensor {}: data_offsets has {} numbers, not 2",
                                    quoted_name(name_), offsets_.size()));
        TensorInfo info{name_, dtype_, {}, offsets_[0], offsets_[1]};
        // A size of 2^63 or more becomes negative here; check_offsets() rejects it.
        for (const std::uint64_t size : shape_) info.shape.push_back(static_cast<Index>(size));
        tensors_.push_back(std::move(info));
        return true;
    }

    Metadata& metadata_;
    std::vector<TensorInfo>& tensors_;
    Where where_ = Where::outside;
    std::size_t depth_ = 0;  // brackets open inside an unknown field
    std::set<std::string> top_keys_, keys_;
    std::string key_, name_, dtype_;
    std::vector<std::uint64_t> shape_, offsets_;
    std::string error_;
    std::size_t error_position_ = 0;
};

// shape -> size of the tensor in bits; false if it does not fit into 64 bits. Sizes and their
// products must fit into an Index, 63 bits: the reference allows 64, but no file can be that large,
// and a product that large is of no use even if a size of 0 follows.
bool size_in_bits(const TensorInfo& info, std::uint64_t& bits) {
    Index count = 1;
    for (const Index size : info.shape)
        if (size < 0 || __builtin_mul_overflow(count, size, &count)) return false;
    const auto per_element = static_cast<std::uint64_t>(dtype_bits(info.dtype));
    return !__builtin_mul_overflow(static_cast<std::uint64_t>(count), per_element, &bits);
}

// Fills in metadata and tensors; the offsets are still relative to the end of the header.
void parse(SafetensorsHeader& result, const std::string& path, std::string_view header) {
    const std::size_t bad = utf8_valid_prefix(header);
    if (bad < header.size())
        throw FileError(path, fmt::format("offset {}: the header is not UTF-8: byte 0x{:02X} "
                                          "(InvalidHeader)",
                                          8 + bad, static_cast<unsigned char>(header[bad])));
    if (header.empty() || header[0] != '{')
        throw FileError(path, "offset 8: the header does not begin with '{' (InvalidHeaderStart)");
    // The parser takes a zero byte for the end, and would miss anything hidden after it.
    const std::size_t zero = header.find('\0');
    if (zero != header.npos)
        throw FileError(path, fmt::format("offset {}: the header is not JSON: byte 0x00 "
                                          "(InvalidHeaderDeserialization)",
                                          8 + zero));
    HeaderReader reader(result.metadata, result.tensors);
    if (!nlohmann::json::sax_parse(header.begin(), header.end(), &reader))
        throw FileError(path, fmt::format("offset {}: {} (InvalidHeaderDeserialization)",
                                          8 + reader.error_position(), reader.error()));
}

// Checks that the tensors fill the file without gaps; turns their offsets into file offsets.
void check_offsets(std::vector<TensorInfo>& tensors, const std::string& path,
                   std::uint64_t data_begin, std::uint64_t data_bytes) {
    std::sort(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
        if (a.begin != b.begin) return a.begin < b.begin;
        return a.end != b.end ? a.end < b.end : a.name < b.name;
    });
    std::uint64_t running = 0;
    for (const TensorInfo& t : tensors) {
        const auto refuse = [&](const std::string& rule, const char* error) {
            std::uint64_t offset;  // may overflow: the numbers come from the file
            if (__builtin_add_overflow(data_begin, t.begin, &offset)) offset = t.begin;
            throw FileError(path, fmt::format("offset {}: tensor {} of dtype {} and shape {} at "
                                              "data_offsets [{}, {}]: {} ({})",
                                              offset, quoted_name(t.name), t.dtype,
                                              shape_text(t.shape), t.begin, t.end, rule, error));
        };
        if (t.begin != running || t.end < t.begin)
            refuse(fmt::format(
                       "must begin at {}, the previous one's end, and not end before it begins",
                       running),
                   "InvalidOffset");
        std::uint64_t bits = 0;
        if (!size_in_bits(t, bits))
            refuse("the product of the sizes is too large", "ValidationOverflow");
        if (bits % 8 != 0)
            refuse(fmt::format("{} bits are not a whole number of bytes", bits), "MisalignedSlice");
        if (t.end - t.begin != bits / 8)
            refuse(fmt::format("the shape needs {} bytes, the offsets give {}", bits / 8,
                               t.end - t.begin),
                   "TensorInvalidInfo");
        running = t.end;
    }
    if (running != data_bytes)
        throw FileError(path, fmt::format("offset {}: the tensors take {} bytes, but {} follow the "
                                          "header; {} (MetadataIncompleteBuffer)",
                                          data_begin, running, data_bytes,
                                          running > data_bytes ? "the file is cut short"
                                                               : "there is extra data after them"));
    for (TensorInfo& t : tensors) t.begin += data_begin, t.end += data_begin;
}

}  // namespace

SafetensorsHeader read_safetensors_header(const MappedFile& file) {
    const std::string& path = file.path();
    if (file.size() < 8)
        throw FileError(path, fmt::format("offset 0: {} bytes, but the header's size alone takes 8 "
                                          "(HeaderTooSmall)",
                                          file.size()));
    std::uint64_t size = 0;
    std::memcpy(&size, file.bytes(0, 8).data(), 8);
    if (size > kMaxSafetensorsHeader)
        throw FileError(path, fmt::format("offset 0: a header of {} bytes, at most {} are allowed; "
                                          "is this a safetensors file? (HeaderTooLarge)",
                                          size, kMaxSafetensorsHeader));
    if (size > file.size() - 8)
        throw FileError(path, fmt::format("offset 0: a header of {} bytes, but the file has {} "
                                          "(InvalidHeaderLength)",
                                          size, file.size()));
    try {
        SafetensorsHeader header;
        parse(header, path, file.bytes(8, size));
        check_offsets(header.tensors, path, 8 + size, file.size() - 8 - size);
        return header;
    } catch (const std::bad_alloc&) {
        throw FileError(path, fmt::format("not enough memory for a header of {} bytes", size));
    }
}

}  // namespace gradus
