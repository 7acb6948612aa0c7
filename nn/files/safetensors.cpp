// SPDX-License-Identifier: MIT
#include "nn/files/safetensors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "nn/files/atomic_file.h"
#include "nn/text/near_names.h"
#include "nn/text/utf8.h"

namespace gradus {

float float_from_bf16(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

float float_from_f16(std::uint16_t bits) {
    // 1 sign, 5 exponent (bias 15), 10 fraction bits; a float has 1, 8 (bias 127), 23.
    const std::uint32_t sign = std::uint32_t{bits} >> 15 << 31, exponent = bits >> 10 & 31,
                        fraction = bits & 1023;
    if (exponent == 0) {  // zero and subnormal: fraction * 2^-24
        const float size = static_cast<float>(fraction) * 0x1p-24f;
        return sign ? -size : size;
    }
    const std::uint32_t wide = exponent == 31 ? 255 : exponent + (127 - 15);  // 31: infinity or NaN
    return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

inline namespace GRADUS_PRECISION {

namespace {

static_assert(std::endian::native == std::endian::little,
              "the numbers of a safetensors file are copied as they are: little-endian");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // bytes; the reference's MAX_HEADER_SIZE
constexpr const char* kRealDtype = sizeof(Real) == 4 ? "F32" : "F64";

struct Dtype {
    const char* name;
    int bits;
};

// All that the format knows, so that a file is checked as a whole whatever this library can use of
// it.
constexpr Dtype kDtypes[] = {
    {"BOOL", 8},    {"U8", 8},          {"I8", 8},   {"F8_E5M2", 8},     {"F8_E4M3", 8},
    {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"I16", 16}, {"F8_E5M2FNUZ", 8}, {"U16", 16},
    {"F16", 16},    {"BF16", 16},       {"I32", 32}, {"U32", 32},        {"F32", 32},
    {"C64", 64},    {"F64", 64},        {"I64", 64}, {"U64", 64},        {"F4", 4},
    {"F6_E2M3", 6}, {"F6_E3M2", 6},
};

int dtype_bits(std::string_view name) {  // 0: unknown
    for (const Dtype& dtype : kDtypes)
        if (dtype.name == name) return dtype.bits;
    return 0;
}

// A string from the file, fit for one line of a message: as JSON, at most 60 bytes of it.
std::string in_quotes(std::string_view text) {
    std::size_t cut = std::min<std::size_t>(text.size(), 60);
    while (cut < text.size() && cut > 0 && (text[cut] & 0xC0) == 0x80) --cut;
    const auto replace = nlohmann::json::error_handler_t::replace;
    std::string line =
        nlohmann::json(std::string(text.substr(0, cut))).dump(-1, ' ', true, replace);
    return cut < text.size() ? line + "..." : line;
}

// "(2, 3)", as Shape prints it; of a list that is not sensible only the beginning.
std::string shape_text(const TensorInfo& info) {
    std::string text;
    for (std::size_t i = 0; i < info.shape.size(); ++i) {
        if (i == 8) return "(" + text + ", ...)";
        text += (i ? ", " : "") + std::to_string(static_cast<std::uint64_t>(info.shape[i]));
    }
    return "(" + text + (info.shape.size() == 1 ? ",)" : ")");
}

// Reads the header one JSON token at a time. No tree is built: a tree of 100 MB of "[[[[" would
// take gigabytes, and would already have lost a key that came twice.
class HeaderReader {
 public:
    HeaderReader(Metadata& metadata, std::vector<TensorInfo>& tensors)
        : metadata_(metadata), tensors_(tensors) {}

    const std::string& error() const { return error_; }
    std::size_t error_position() const { return error_position_; }  // only for bad JSON

    // What nlohmann::json::sax_parse calls; false ends the reading.
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
        if (!fresh) return fail(fmt::format("the key {} comes twice", in_quotes(value)));
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
        error_position_ = position == 0 ? 0 : position - 1;  // it counts from 1
        return fail("the header is not JSON");
    }

 private:
    // The part of the header that is being read; `unknown` is a field of a tensor that the format
    // does not define, skipped with all it contains, as the reference does.
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
                return fail(fmt::format("{} is {}, not an object", in_quotes(key_), what));
            case Where::metadata:
                return fail(
                    fmt::format("__metadata__ {} is {}, not a string", in_quotes(key_), what));
            case Where::tensor:
                return fail(fmt::format("tensor {}: {} is {}", in_quotes(name_), key_, what));
            default:
                return fail(fmt::format("tensor {}: {} contains {}", in_quotes(name_), key_, what));
        }
    }

    bool end_tensor() {
        for (const char* field : {"dtype", "shape", "data_offsets"})
            if (!keys_.count(field))
                return fail(fmt::format("tensor {}: {} is missing", in_quotes(name_), field));
        if (dtype_bits(dtype_) == 0)
            return fail(
                fmt::format("tensor {}: dtype {} is unknown", in_quotes(name_), in_quotes(dtype_)));
        if (offsets_.size() != 2)
            return fail(fmt::format("tensor {}: data_offsets has {} numbers, not 2",
                                    in_quotes(name_), offsets_.size()));
        TensorInfo info{name_, dtype_, {}, offsets_[0], offsets_[1]};
        // A size of 2^63 or more becomes negative here; check_offsets finds it.
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

// shape -> size of the tensor in bits; false if the product leaves 64 bits. Sizes and
// their products must fit Index, 63 bits: the reference allows 64, but no file can be that large,
// and a size of 0 that hides such a product is of no use either.
bool size_in_bits(const TensorInfo& info, std::uint64_t& bits) {
    Index count = 1;
    for (const Index size : info.shape)
        if (size < 0 || __builtin_mul_overflow(count, size, &count)) return false;
    const auto per_number = static_cast<std::uint64_t>(dtype_bits(info.dtype));
    return !__builtin_mul_overflow(static_cast<std::uint64_t>(count), per_number, &bits);
}

// Copies `count` numbers from packed bytes, which need not be aligned: hence memcpy.
template <class Bits, class Convert>
void convert(const char* bytes, Index count, Real* out, Convert to_real) {
    for (Index i = 0; i < count; ++i) {
        Bits bits;
        std::memcpy(&bits, bytes + static_cast<std::size_t>(i) * sizeof(Bits), sizeof(Bits));
        out[i] = static_cast<Real>(to_real(bits));
    }
}

}  // namespace

struct SafetensorsFile::Input {
    int file;
    std::uint64_t size = 0;  // bytes

    explicit Input(const std::string& path) {
        do {
            file = path.find('\0') == path.npos
                       ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
                       : (errno = EINVAL, -1);
        } while (file < 0 && errno == EINTR);
        if (file < 0) fail(path, errno);
        struct stat status {};
        if (::fstat(file, &status) != 0) fail(path, errno);
        if (!S_ISREG(status.st_mode)) {
            ::close(file);
            throw FileError(path, S_ISDIR(status.st_mode)
                                      ? "cannot read: it is a folder"
                                      : "cannot read: it is not an ordinary file");
        }
        size = static_cast<std::uint64_t>(status.st_size);
    }
    ~Input() { ::close(file); }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    [[noreturn]] void fail(const std::string& path, int error) {
        if (file >= 0) ::close(file);
        throw FileError(
            path, "cannot read: " + (error == ENOENT ? std::string("no such file")
                                                     : std::generic_category().message(error)));
    }

    // Exactly `bytes` bytes from `offset`.
    void read(const std::string& path, std::uint64_t offset, void* to, std::uint64_t bytes) const {
        char* next = static_cast<char*>(to);
        while (bytes > 0) {
            const ssize_t n = ::pread(file, next, std::min<std::uint64_t>(bytes, 1 << 30),
                                      static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0)
                throw FileError(path, fmt::format("offset {}: cannot read: {}", offset,
                                                  std::generic_category().message(errno)));
            if (n == 0)
                throw FileError(path, fmt::format("offset {}: the file has been cut short since it "
                                                  "was opened, {} bytes are missing",
                                                  offset, bytes));
            next += n;
            offset += static_cast<std::uint64_t>(n);
            bytes -= static_cast<std::uint64_t>(n);
        }
    }
};

// The checks are made in the order of the reference implementation, so that a file with several
// faults is refused for the same one.
SafetensorsFile::SafetensorsFile(const std::string& path)
    : path_(path), input_(std::make_shared<Input>(path)) {
    if (input_->size < 8)
        throw FileError(path_,
                        fmt::format("offset 0: {} bytes, but the header's size alone takes 8 "
                                    "(HeaderTooSmall)",
                                    input_->size));
    std::uint64_t header_size = 0;
    input_->read(path_, 0, &header_size, 8);
    if (header_size > kMaxHeader)
        throw FileError(path_,
                        fmt::format("offset 0: a header of {} bytes, at most {} are allowed; is "
                                    "this a safetensors file? (HeaderTooLarge)",
                                    header_size, kMaxHeader));
    if (header_size > input_->size - 8)
        throw FileError(path_, fmt::format("offset 0: a header of {} bytes, but the file has {} "
                                           "(InvalidHeaderLength)",
                                           header_size, input_->size));
    try {
        std::string header(header_size, '\0');
        input_->read(path_, 8, header.data(), header_size);
        parse_header(header);
        check_offsets(8 + header_size);
    } catch (const std::bad_alloc&) {
        throw FileError(path_,
                        fmt::format("not enough memory for a header of {} bytes", header_size));
    }
    for (std::size_t i = 0; i < tensors_.size(); ++i) by_name_[tensors_[i].name] = i;
}

void SafetensorsFile::parse_header(std::string_view header) {
    const std::size_t bad = utf8_valid_prefix(header);
    if (bad < header.size())
        throw FileError(path_, fmt::format("offset {}: the header is not UTF-8: byte 0x{:02X} "
                                           "(InvalidHeader)",
                                           8 + bad, static_cast<unsigned char>(header[bad])));
    if (header.empty() || header[0] != '{')
        throw FileError(path_, "offset 8: the header does not begin with '{' (InvalidHeaderStart)");
    // The parser takes a zero byte for the end, and would not look at what is hidden behind it.
    const std::size_t zero = header.find('\0');
    if (zero != header.npos)
        throw FileError(path_, fmt::format("offset {}: the header is not JSON: byte 0x00 "
                                           "(InvalidHeaderDeserialization)",
                                           8 + zero));
    HeaderReader reader(metadata_, tensors_);
    if (!nlohmann::json::sax_parse(header.begin(), header.end(), &reader))
        throw FileError(path_, fmt::format("offset {}: {} (InvalidHeaderDeserialization)",
                                           8 + reader.error_position(), reader.error()));
}

void SafetensorsFile::check_offsets(std::uint64_t data_begin) {
    std::sort(tensors_.begin(), tensors_.end(), [](const TensorInfo& a, const TensorInfo& b) {
        if (a.begin != b.begin) return a.begin < b.begin;
        return a.end != b.end ? a.end < b.end : a.name < b.name;
    });
    const std::uint64_t data_bytes = input_->size - data_begin;
    std::uint64_t running = 0;
    for (const TensorInfo& t : tensors_) {
        const auto refuse = [&](const std::string& rule, const char* error) {
            std::uint64_t offset;  // may leave 64 bits: the numbers are the file's
            if (__builtin_add_overflow(data_begin, t.begin, &offset)) offset = t.begin;
            throw FileError(path_, fmt::format("offset {}: tensor {} of dtype {} and shape {} at "
                                               "data_offsets [{}, {}]: {} ({})",
                                               offset, in_quotes(t.name), t.dtype, shape_text(t),
                                               t.begin, t.end, rule, error));
        };
        if (t.begin != running || t.end < t.begin)
            refuse(fmt::format(
                       "must begin at {}, where the one before ends, and not end before it begins",
                       running),
                   "InvalidOffset");
        std::uint64_t bits = 0;
        if (!size_in_bits(t, bits))
            refuse("the product of the sizes is too large", "ValidationOverflow");
        if (bits % 8 != 0)
            refuse(fmt::format("{} bits are no whole bytes", bits), "MisalignedSlice");
        if (t.end - t.begin != bits / 8)
            refuse(fmt::format("the shape needs {} bytes, the offsets give {}", bits / 8,
                               t.end - t.begin),
                   "TensorInvalidInfo");
        running = t.end;
    }
    if (running != data_bytes)
        throw FileError(path_,
                        fmt::format("offset {}: the tensors take {} bytes, but {} follow the "
                                    "header; {} (MetadataIncompleteBuffer)",
                                    data_begin, running, data_bytes,
                                    running > data_bytes ? "the file is cut short"
                                                         : "there is something after them"));
    for (TensorInfo& t : tensors_) t.begin += data_begin, t.end += data_begin;
}

std::vector<std::string> SafetensorsFile::names() const {
    std::vector<std::string> result;
    for (const TensorInfo& t : tensors_) result.push_back(t.name);
    return result;
}

const TensorInfo* SafetensorsFile::find(std::string_view name) const {
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : &tensors_[at->second];
}

const TensorInfo& SafetensorsFile::info(std::string_view name) const {
    if (const TensorInfo* found = find(name)) return *found;
    std::string near;
    for (const std::string& other : near_names(name, names()))
        near += (near.empty() ? "; near names: " : ", ") + in_quotes(other);
    throw FileError(path_, fmt::format("no tensor {} among {}{} (TensorNotFound)", in_quotes(name),
                                       tensors_.size(), near));
}

Tensor SafetensorsFile::tensor(std::string_view name) const {
    const TensorInfo& t = info(name);
    if (t.shape.size() > Shape::kMaxRank)
        throw FileError(
            path_, fmt::format("tensor {} has {} axes, at most {} are supported", in_quotes(t.name),
                               t.shape.size(), int{Shape::kMaxRank}));
    try {
        const Tensor result = Tensor::empty(Shape(t.shape));
        read(name, result);
        return result;
    } catch (const std::bad_alloc&) {
        throw FileError(path_, fmt::format("tensor {}: not enough memory for shape {}",
                                           in_quotes(t.name), Shape(t.shape)));
    }
}

void SafetensorsFile::read(std::string_view name, const Tensor& into) const {
    const TensorInfo& t = info(name);
    if (!into.defined() ||
        !std::equal(t.shape.begin(), t.shape.end(), into.shape().begin(), into.shape().end()))
        throw FileError(path_, fmt::format("tensor {} has shape {}, but {} is needed",
                                           in_quotes(t.name), shape_text(t), into.shape()));
    if (t.dtype == kRealDtype) {
        input_->read(path_, t.begin, into.data(), t.end - t.begin);
        return;
    }
    const int width = dtype_bits(t.dtype) / 8;
    if (t.dtype != "F32" && t.dtype != "F64" && t.dtype != "F16" && t.dtype != "BF16")
        throw FileError(path_,
                        fmt::format("tensor {} has dtype {}; F32, F64, F16 and BF16 can be read",
                                    in_quotes(t.name), t.dtype));
    constexpr Index kPart = 16384;  // numbers at a time: 128 KiB of F64
    std::vector<char> bytes(static_cast<std::size_t>(std::min(kPart, into.count()) * width));
    for (Index done = 0; done < into.count(); done += kPart) {
        const Index n = std::min(kPart, into.count() - done);
        input_->read(path_, t.begin + static_cast<std::uint64_t>(done * width), bytes.data(),
                     static_cast<std::uint64_t>(n * width));
        Real* out = into.data() + done;
        if (t.dtype == "F16") convert<std::uint16_t>(bytes.data(), n, out, float_from_f16);
        if (t.dtype == "BF16") convert<std::uint16_t>(bytes.data(), n, out, float_from_bf16);
        if (t.dtype == "F32") convert<float>(bytes.data(), n, out, [](float x) { return x; });
        if (t.dtype == "F64")
            convert<double>(bytes.data(), n, out, [&](double x) {
                if (std::isfinite(x) && std::abs(x) > double{std::numeric_limits<Real>::max()})
                    throw FileError(path_, fmt::format("tensor {}: {} is too large for a float",
                                                       in_quotes(t.name), x));
                return x;
            });
    }
}

void save_safetensors(const std::string& path, std::vector<NamedTensor> tensors,
                      const Metadata& metadata) {
    const auto text = [](const std::string& s, const char* what) {
        require(utf8_valid_prefix(s) == s.size(), "safetensors: {} {} is not UTF-8", what,
                in_quotes(s));
        return nlohmann::json(s).dump();  // in quotation marks, with what JSON wants escaped
    };
    std::string header;
    const auto field = [&](const std::string& key, const std::string& value) {
        header += (header.empty() ? "{" : ",") + key + ":" + value;
    };
    if (!metadata.empty()) {
        std::string object;
        for (const auto& [key, value] : metadata)
            object += (object.empty() ? "{" : ",") + text(key, "metadata key") + ":" +
                      text(value, "metadata value");
        field("\"__metadata__\"", object + "}");
    }
    // One dtype, so the format's order, by alignment and then by name, is the order of the names.
    std::sort(tensors.begin(), tensors.end(),
              [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto& [name, tensor] = tensors[i];
        require(tensor.defined(), "safetensors: tensor {} is undefined", in_quotes(name));
        require(name != "__metadata__", "safetensors: a tensor cannot be called __metadata__");
        require(i == 0 || tensors[i - 1].name != name, "safetensors: two tensors are called {}",
                in_quotes(name));
        const std::uint64_t begin = end;
        end += static_cast<std::uint64_t>(tensor.count()) * sizeof(Real);
        field(text(name, "the name"),
              fmt::format("{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                          kRealDtype, fmt::join(tensor.shape(), ","), begin, end));
    }
    header += header.empty() ? "{}" : "}";
    header.append((8 - header.size() % 8) % 8, ' ');
    const std::uint64_t header_size = header.size();
    require(header_size <= kMaxHeader, "safetensors: a header of {} bytes, at most {} are allowed",
            header_size, kMaxHeader);

    AtomicFile file(path);
    file.write(&header_size, sizeof header_size);
    file.write(header);
    for (const NamedTensor& t : tensors)
        file.write(t.tensor.data(), static_cast<std::size_t>(t.tensor.count()) * sizeof(Real));
    file.commit();
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
