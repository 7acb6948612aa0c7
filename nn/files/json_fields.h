// SPDX-License-Identifier: MIT
// The fields of an object in a parsed JSON file, each asked for with the type that it must have. What is
// missing or of another type is refused with the name of the field, "model.unk_id".
#pragma once

#include <cstddef>
#include <cstdint>
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
    // Throws FileError: "path: name.key is 7, must be ...".
    [[noreturn]] void refuse_value(const char* key, std::string_view needed) const;

    const nlohmann::json& at(const char* key) const;  // null if it is not there
    bool has(const char* key) const { return !at(key).is_null(); }
    bool says_null(const char* key) const { return json_.contains(key) && !has(key); }
    JsonFields object(const char* key) const;
    // An entry of the list under this key.
    JsonFields entry(const nlohmann::json& json, const char* key) const;
    const nlohmann::json& list(const char* key) const;
    std::string text(const char* key) const;
    int number(const char* key) const;  // from 0 to kMostJsonTokens - 1
    std::int64_t count(const char* key,
                       int low = 1) const;  // a whole number from `low` to 2^31 - 1
    double real(const char* key) const;
    // `otherwise`: if it is null or not there.
    bool flag(const char* key, bool otherwise) const;
    std::string text(const char* key, const char* otherwise) const;
    std::int64_t count_or(const char* key, std::int64_t otherwise, int low = 1) const;
    double real_or(const char* key, double otherwise) const;
    // For what changes the result, of which only one value is known here.
    void require_only(const char* key, const nlohmann::json& known) const;

    std::string type() const { return text("type"); }
    [[noreturn]] void unknown_type() const;  // the type is none that the reader knows

 private:
    std::string field(std::string_view key) const;

    const nlohmann::json& json_;
    std::string name_;
    const std::string& path_;
};

}  // namespace gradus
