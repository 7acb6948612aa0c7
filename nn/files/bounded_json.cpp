// SPDX-License-Identifier: MIT
#include "nn/files/bounded_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nn/files/mapped_file.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 28, kMostValues = 1 << 22, kMostLevels = 64;

// Calls see(offset, character, in a string); what follows a backslash in a string is passed over.
template <class See>
void scan(std::string_view text, const See& see) {
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        see(i, c, in_string);
        if (in_string && c == '\\') ++i;
        if (c == '"') in_string = !in_string;
    }
}

// Brackets that are open.
class Levels {
 public:
    std::size_t after(char c) {
        if (c == '[' || c == '{') ++open_;
        if ((c == ']' || c == '}') && open_ > 0) --open_;
        return open_;
    }

 private:
    std::size_t open_ = 0;
};

// Counts brackets and separators outside strings. A value or key comes after each of "[{,:", so
// there are no more values than these, whatever the parser will make of the text.
void check_size(std::string_view text, const std::string& path) {
    std::size_t values = 1;
    Levels levels;
    scan(text, [&](std::size_t i, char c, bool in_string) {
        const auto refuse = [&](const std::string& why) {
            throw FileError(path, fmt::format("offset {}: {}", i, why));
        };
        if (c == '\0') refuse("not JSON: byte 0x00");  // the parser would take it for the end
        if (in_string) return;
        if (c == '[' || c == '{' || c == ',' || c == ':') ++values;
        if (levels.after(c) > kMostLevels)
            refuse(fmt::format("more than {} levels of brackets", kMostLevels));
        if (values > kMostValues) refuse(fmt::format("more than {} values", kMostValues));
    });
}

}  // namespace

std::size_t json_depth(std::string_view text) {
    std::size_t deepest = 0;
    Levels levels;
    scan(text, [&](std::size_t, char c, bool in_string) {
        if (!in_string) deepest = std::max(deepest, levels.after(c));
    });
    return deepest;
}

nlohmann::json parse_bounded_json(std::string_view text, const std::string& path) {
    if (text.size() > kMostBytes)
        throw FileError(
            path, fmt::format("{} bytes of JSON, at most {} are allowed", text.size(), kMostBytes));
    check_size(text, path);
    try {
        return nlohmann::json::parse(text.begin(), text.end());
    } catch (const nlohmann::json::parse_error& error) {
        // The parser counts from 1; its message may quote any bytes.
        const std::size_t at =
            std::min<std::size_t>(error.byte > 0 ? error.byte - 1 : 0, text.size());
        throw FileError(path, fmt::format("offset {}: not JSON: {}", at,
                                          at < text.size() ? in_quotes(text.substr(at, 24))
                                                           : "the text ends too early"));
    } catch (const nlohmann::json::exception&) {
        throw FileError(path, "not JSON: a number is too large");
    }
}

nlohmann::json read_bounded_json(const std::string& path) {
    const MappedFile file(path);
    if (file.size() > kMostBytes)
        throw FileError(
            path, fmt::format("{} bytes of JSON, at most {} are allowed", file.size(), kMostBytes));
    nlohmann::json json = parse_bounded_json(file.bytes(0, file.size()), path);
    file.bytes(0, file.size());  // it was not cut short meanwhile
    return json;
}

}  // namespace gradus
