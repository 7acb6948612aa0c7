// SPDX-License-Identifier: MIT
#include "nn/files/weights/gguf_metadata.h"

#include <fmt/format.h>

#include <limits>
#include <type_traits>

#include "nn/files/tensor_name.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr const char* kTypeNames[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                      "bool", "string", "array", "u64", "i64", "f64"};
static_assert(std::size(kTypeNames) == std::variant_size_v<GgufValue>);
static_assert(std::size(kTypeNames) == std::variant_size_v<GgufArray>);

// Whether a value of type From is converted to To without a choice to make: an integer or, to a
// double, any number.
template <class To, class From>
constexpr bool kConverts = std::is_arithmetic_v<From> && !std::is_same_v<From, bool> &&
                           (std::is_same_v<To, double> || std::is_integral_v<From>);

template <class From>
bool fits(From value, std::int64_t) {
    if constexpr (std::is_same_v<From, std::uint64_t>)
        return value <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    return true;
}
template <class From>
bool fits(From, double) {
    return true;
}

// The value as To; false if it is of another type.
template <class To>
bool convert(const GgufValue& value, To& to) {
    return std::visit(
        [&](const auto& from) {
            using From = std::decay_t<decltype(from)>;
            if constexpr (kConverts<To, From>)
                return fits(from, To{}) && (to = static_cast<To>(from), true);
            return false;
        },
        value);
}

std::string type_text(const GgufValue& value) {
    const auto* array = std::get_if<GgufArray>(&value);
    if (array) return fmt::format("an array of {}", gguf_type_name(array->index()));
    return gguf_type_name(value.index());
}

}  // namespace

const char* gguf_type_name(std::size_t number) {
    return number < std::size(kTypeNames) ? kTypeNames[number] : nullptr;
}

void GgufMetadata::add(const std::string& key, GgufValue value) {
    require(!key.empty(), "gguf: an empty key");
    require(key.size() <= kMaxGgufKey, "gguf: a key of {} bytes, at most {} are allowed: {}",
            key.size(), kMaxGgufKey, quoted_name(key));
    require(by_key_.emplace(key, entries_.size()).second, "gguf: the key {} is there twice",
            quoted_name(key));
    entries_.emplace_back(key, std::move(value));
}

const GgufValue& GgufMetadata::find(std::string_view key) const {
    const auto at = by_key_.find(key);
    if (at != by_key_.end()) return entries_[at->second].second;
    std::vector<std::string> keys;
    for (const auto& entry : entries_) keys.push_back(entry.first);
    throw FileError(path_, fmt::format("no key {} among {}{}", quoted_name(key), keys.size(),
                                       near_text(key, keys)));
}

void GgufMetadata::refuse(std::string_view key, const char* needed) const {
    throw FileError(path_, fmt::format("key {} is {}, but {} is needed", quoted_name(key),
                                       type_text(find(key)), needed));
}

std::int64_t GgufMetadata::integer(std::string_view key) const {
    std::int64_t result;
    if (!convert(find(key), result)) refuse(key, "an integer below 2^63");
    return result;
}

double GgufMetadata::number(std::string_view key) const {
    double result;
    if (!convert(find(key), result)) refuse(key, "a number");
    return result;
}

bool GgufMetadata::boolean(std::string_view key) const {
    const bool* found = std::get_if<bool>(&find(key));
    if (!found) refuse(key, "a bool");
    return *found;
}

const std::string& GgufMetadata::text(std::string_view key) const {
    const auto* found = std::get_if<std::string>(&find(key));
    if (!found) refuse(key, "a string");
    return *found;
}

template <class Number>
std::vector<Number> GgufMetadata::array(std::string_view key, const char* needed) const {
    const auto* found = std::get_if<GgufArray>(&find(key));
    if (!found) refuse(key, needed);
    std::vector<Number> result;
    const bool all = std::visit(
        [&](const auto& values) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(values)>, std::monostate>) {
                using From = typename std::decay_t<decltype(values)>::value_type;
                if constexpr (kConverts<Number, From>) {
                    result.reserve(values.size());
                    for (const From value : values) {
                        if (!fits(value, Number{})) return false;
                        result.push_back(static_cast<Number>(value));
                    }
                    return true;
                }
            }
            return false;
        },
        *found);
    if (!all) refuse(key, needed);
    return result;
}

std::vector<std::int64_t> GgufMetadata::integers(std::string_view key) const {
    return array<std::int64_t>(key, "an array of integers below 2^63");
}

std::vector<double> GgufMetadata::numbers(std::string_view key) const {
    return array<double>(key, "an array of numbers");
}

const std::vector<std::string>& GgufMetadata::texts(std::string_view key) const {
    const auto* array = std::get_if<GgufArray>(&find(key));
    const auto* found = array ? std::get_if<std::vector<std::string>>(array) : nullptr;
    if (!found) refuse(key, "an array of strings");
    return *found;
}

}  // namespace gradus
