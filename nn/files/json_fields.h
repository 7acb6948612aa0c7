// SPDX-License-Identifier: MIT
// The fields of an object in a parsed JSON file, each asked for with the type that it must have. What is
// missing or of another type is refused with the name of the field, "model.unk_id".
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace gradus {

inline constexpr std::size_t kMostJsonTokens = 1 << 24;  // entries of a vocabulary, and ids

// A value for a one-line message: a string as quoted_name() gives it, "a list" or "an object".
std::string brief(const nlohmann::json& value);

// A whole number from 0 to below - 1.
bool is_index(const nlohmann::json& value, std::size_t below);

class JsonFields {
 public:
    // `name`: what messages call the object; empty for the whole file. json and path must outlive this.
    JsonFields(const nlohmann::json& json, std::string name, const std::string& path);

    // Throws FileError: "path: name.key: why".
    [[noreturn]] void refuse(std::string_view key, std::string_view why) const;

    const nlohmann::json& at(const char* key) const;  // null if it is not there
    bool has(const char* key) const { return !at(key).is_null(); }
    JsonFields object(const char* key) const;
    // An entry of the list under this key.
    JsonFields entry(const nlohmann::json& json, const char* key) const;
    const nlohmann::json& list(const char* key) const;
    std::string text(const char* key) const;
    bool flag(const char* key, bool otherwise) const;  // otherwise: if it is null or not there
    int number(const char* key) const;                 // from 0 to kMostJsonTokens - 1

    std::string type() const { return text("type"); }
    [[noreturn]] void unknown_type() const;  // the type is none that the reader knows

 private:
    const nlohmann::json& json_;
    std::string name_;
    const std::string& path_;
};

}  // namespace gradus
