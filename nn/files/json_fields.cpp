// SPDX-License-Identifier: MIT
#include "nn/files/json_fields.h"

#include "nn/files/tensor_name.h"
#include "tensor/error.h"

namespace gradus {

// dump() alone would follow a list into whatever depth a file may have.
std::string brief(const nlohmann::json& value) {
    if (value.is_string()) return quoted_name(value.get_ref<const std::string&>());
    return value.is_array() ? "a list" : value.is_object() ? "an object" : value.dump();
}

bool is_index(const nlohmann::json& value, std::size_t below) {
    // Of what does not fit into 63 bits, a negative number remains.
    return value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
           value.get<std::size_t>() < below;
}

JsonFields::JsonFields(const nlohmann::json& json, std::string name, const std::string& path)
    : json_(json), name_(std::move(name)), path_(path) {
    if (!json.is_object())
        throw FileError(path_, fmt::format("{} is {}, must be an object", field(""),
                                           json.is_null() ? "missing or null" : brief(json)));
}

std::string JsonFields::field(std::string_view key) const {
    if (name_.empty() && key.empty()) return "the file";
    return name_ + (name_.empty() || key.empty() ? "" : ".") + std::string(key);
}

void JsonFields::refuse(std::string_view key, std::string_view why) const {
    throw FileError(path_, field(key) + ": " + std::string(why));
}

void JsonFields::refuse_value(const char* key, std::string_view needed) const {
    const std::string is = json_.contains(key) ? "is " + brief(at(key)) : "is missing";
    throw FileError(path_, fmt::format("{} {}, must be {}", field(key), is, needed));
}

const nlohmann::json& JsonFields::at(const char* key) const {
    static const nlohmann::json null;
    const auto found = json_.find(key);
    return found == json_.end() ? null : *found;
}

JsonFields JsonFields::object(const char* key) const {
    return entry(at(key), key);
}

JsonFields JsonFields::entry(const nlohmann::json& json, const char* key) const {
    return {json, name_.empty() ? key : name_ + "." + key, path_};
}

const nlohmann::json& JsonFields::list(const char* key) const {
    if (!at(key).is_array()) refuse_value(key, "a list");
    return at(key);
}

std::string JsonFields::text(const char* key) const {
    if (!at(key).is_string()) refuse_value(key, "a string");
    return at(key).get<std::string>();
}

bool JsonFields::flag(const char* key, bool otherwise) const {
    if (!has(key)) return otherwise;
    if (!at(key).is_boolean()) refuse_value(key, "true or false");
    return at(key).get<bool>();
}

int JsonFields::number(const char* key) const {
    const nlohmann::json& value = at(key);
    if (!is_index(value, kMostJsonTokens))
        refuse_value(key, fmt::format("a whole number from 0 to {}", kMostJsonTokens - 1));
    return value.get<int>();
}

std::int64_t JsonFields::count(const char* key, int low) const {
    constexpr std::int64_t high = 0x7FFFFFFF;
    const nlohmann::json& value = at(key);
    if (!value.is_number_integer() || value < low || value > high)
        refuse_value(key, fmt::format("a whole number from {} to {}", low, high));
    return value.get<std::int64_t>();
}

double JsonFields::real(const char* key) const {
    if (!at(key).is_number()) refuse_value(key, "a number");
    return at(key).get<double>();
}

std::string JsonFields::text(const char* key, const char* otherwise) const {
    return has(key) ? text(key) : otherwise;
}

std::int64_t JsonFields::count_or(const char* key, std::int64_t otherwise, int low) const {
    return has(key) ? count(key, low) : otherwise;
}

double JsonFields::real_or(const char* key, double otherwise) const {
    return has(key) ? real(key) : otherwise;
}

void JsonFields::require_only(const char* key, const nlohmann::json& known) const {
    if (has(key) && at(key) != known)
        throw FileError(path_, fmt::format("{} is {}; only {} is known here", field(key),
                                           brief(at(key)), brief(known)));
}

void JsonFields::unknown_type() const {
    refuse("type", quoted_name(type()) + " is not supported here");
}

}  // namespace gradus
