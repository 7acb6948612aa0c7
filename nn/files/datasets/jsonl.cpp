// SPDX-License-Identifier: MIT
#include "nn/files/datasets/jsonl.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nn/files/bounded_json.h"
#include "nn/files/tensor_name.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

void JsonLines::refuse(const std::string& what) const {
    throw FileError(path_, fmt::format("line {}: {}", number_, what));
}

void JsonLines::rewind() {
    file_.rewind();
    piece_ = {};
    number_ = 0;
}

bool JsonLines::read_line() {
    line_.clear();
    ++number_;
    for (;;) {
        if (piece_.empty()) piece_ = file_.next();
        if (piece_.empty()) return !line_.empty();
        const std::size_t end = piece_.find('\n');
        const std::string_view part = piece_.substr(0, end);
        if (line_.size() + part.size() > kMostJsonLine)
            refuse(fmt::format("more than {} bytes (each line must be an object of its own)",
                               kMostJsonLine));
        line_ += part;
        piece_.remove_prefix(std::min(piece_.size(), part.size() + 1));
        if (end != piece_.npos) return true;
    }
}

bool JsonLines::next(nlohmann::json& object) {
    do {
        if (!read_line()) return false;
    } while (line_.find_first_not_of(" \t\r") == line_.npos);
    if (json_depth(line_) > std::size_t{kMostJsonDepth})
        refuse(fmt::format("brackets more than {} levels deep", kMostJsonDepth));
    try {
        object = nlohmann::json::parse(line_);
    } catch (const nlohmann::json::parse_error& error) {
        const std::size_t at = error.byte == 0 ? 0 : error.byte - 1;  // the parser counts from 1
        refuse(fmt::format("not JSON from column {} on (each line must be an object of its own)",
                           text_position(line_, at).column));
    } catch (const nlohmann::json::exception&) {
        refuse("a number that is too large");
    }
    if (!object.is_object())
        refuse(fmt::format("{}, must be an object: {{\"text\": ...}}", object.type_name()));
    return true;
}

bool JsonLines::next_text(std::string& text, const std::string& field) {
    nlohmann::json object;
    if (!next(object)) return false;
    const auto found = object.find(field);
    if (found == object.end()) {
        std::string names;
        for (const auto& item : object.items()) {
            if (names.size() > 100) break;
            names += (names.empty() ? "; it has " : ", ") + quoted_name(item.key());
        }
        refuse(fmt::format("no field {}{}", quoted_name(field), names));
    }
    if (!found->is_string())
        refuse(fmt::format("field {} is {}, must be a string", quoted_name(field),
                           found->type_name()));
    text = std::move(found->get_ref<std::string&>());
    return true;
}

}  // namespace gradus
