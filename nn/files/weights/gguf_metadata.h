// SPDX-License-Identifier: MIT
// What a GGUF file says about its model: values under keys such as "llama.block_count" and
// "tokenizer.ggml.tokens", which the file's types tell apart. Readers ask for an integer, a number or a
// text, and need not know which of the twelve types the writer chose.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gradus {

// The types in the order of their numbers in a file, so that index() is that number. Number 9 is the
// array; an array of arrays, as which the monostate stands here, is not in use.
using GgufArray =
    std::variant<std::vector<std::uint8_t>, std::vector<std::int8_t>, std::vector<std::uint16_t>,
                 std::vector<std::int16_t>, std::vector<std::uint32_t>, std::vector<std::int32_t>,
                 std::vector<float>, std::vector<bool>, std::vector<std::string>, std::monostate,
                 std::vector<std::uint64_t>, std::vector<std::int64_t>, std::vector<double>>;
using GgufValue = std::variant<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t,
                               std::uint32_t, std::int32_t, float, bool, std::string, GgufArray,
                               std::uint64_t, std::int64_t, double>;

inline constexpr std::size_t kMaxGgufKey = 65535;  // bytes; as in the format's text
inline constexpr std::uint64_t kMaxGgufString = std::uint64_t{1}
                                                << 30;  // bytes; as in the reference
inline constexpr std::uint64_t kMaxGgufArray = std::uint64_t{1} << 30;  // elements; likewise

class GgufMetadata {
 public:
    // Errors begin with the path of the file that the entries come from.
    explicit GgufMetadata(std::string path = "metadata") : path_(std::move(path)) {}

    // Adds an entry after the others. Throws std::invalid_argument if the key is empty, too long or
    // there already.
    void add(const std::string& key, GgufValue value);

    // In file order.
    const std::vector<std::pair<std::string, GgufValue>>& entries() const { return entries_; }
    bool contains(std::string_view key) const { return by_key_.count(key) > 0; }

    // The value of a key. These throw FileError, with the key, if there is none or if it has another
    // type: integer() takes every integer type, up to 2^63 - 1, and number() these and the floats.
    std::int64_t integer(std::string_view key) const;
    double number(std::string_view key) const;
    bool boolean(std::string_view key) const;
    const std::string& text(std::string_view key) const;
    std::vector<std::int64_t> integers(std::string_view key) const;
    std::vector<double> numbers(std::string_view key) const;
    const std::vector<std::string>& texts(std::string_view key) const;

 private:
    const GgufValue& find(std::string_view key) const;
    [[noreturn]] void refuse(std::string_view key, const char* needed) const;
    template <class Number>
    std::vector<Number> array(std::string_view key, const char* needed) const;

    std::string path_;
    std::vector<std::pair<std::string, GgufValue>> entries_;
    std::map<std::string, std::size_t, std::less<>> by_key_;  // position in entries_
};

// "u32", "string", ...: the type with this number; null if there is none.
const char* gguf_type_name(std::size_t number);

}  // namespace gradus
