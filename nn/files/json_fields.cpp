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
    if (!json.is_object()) refuse("", "must be an object");
}

void JsonFields::refuse(std::string_view key, std::string_view why) const {
    const bool both = !name_.empty() && !key.empty();
    const std::string field = name_ + (both ? "." : "") + std::string(key);
    throw FileError(path_, (field.empty() ? "the file" : field) + ": " + std::string(why));
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
    if (!at(key).is_array()) refuse(key, "must be a list");
    return at(key);
}

std::string JsonFields::text(const char* key) const {
    if (!at(key).is_string()) refuse(key, "must be a string");
    return at(key).get<std::string>();
}

bool JsonFields::flag(const char* key, bool otherwise) const {
    if (!has(key)) return otherwise;
    if (!at(key).is_boolean()) refuse(key, "must be true or false");
    return at(key).get<bool>();
}

int JsonFields::number(const char* key) const {
    const nlohmann::json& value = at(key);
    if (!is_index(value, kMostJsonTokens))
        refuse(key, fmt::format("must be a whole number from 0 to {}", kMostJsonTokens - 1));
    return value.get<int>();
}

void JsonFields::unknown_type() const {
    refuse("type", quoted_name(type()) + " is not supported here");
}

}  // namespace gradus
