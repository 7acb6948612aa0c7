// SPDX-License-Identifier: MIT
#include "lessons/check/pieces.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "lessons/runner/tokens.h"

namespace gradus::lessons {
namespace {

// A function, a struct, a constant: what namespace mine consists of.
struct Piece {
    std::string name, text;
    bool is_type = false;
    std::set<std::string> mentions;  // every token of it
    bool repeated = false;           // in the answer
};

struct Pieces {
    std::string before;  // with the brace that opens the namespace
    std::vector<Piece> list;
};

constexpr std::string_view kOpens = "namespace mine {";

bool is_name(const std::string& token) {
    const char c = token[0];
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The name that a piece declares, or "".
std::string name_of(const std::vector<std::string>& tokens, bool& is_type) {
    std::string last;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i] == "struct" || tokens[i] == "class") {
            const bool parameter = i > 0 && (tokens[i - 1] == "<" || tokens[i - 1] == ",");
            is_type = !parameter;
            if (is_type && i + 1 < tokens.size()) return tokens[i + 1];
        }
        if (tokens[i] == "using" || tokens[i] == "enum" || tokens[i] == "operator") return "";
        if (tokens[i] == "(" || tokens[i] == "{" || tokens[i] == "=" || tokens[i] == ";") break;
        last = tokens[i];
    }
    return !last.empty() && is_name(last) ? last : "";
}

// Nothing if the text has anything that this does not understand.
Pieces pieces_of(const std::string& text) {
    Pieces pieces;
    const std::string code = code_only(text);
    const std::size_t open = code.find(kOpens);
    if (open == std::string::npos) return {};
    std::size_t at = open + kOpens.size();
    pieces.before = text.substr(0, at);
    if (code.find('#', at) != std::string::npos) return {};
    for (std::size_t begin = at; at < code.size(); ++at) {
        static constexpr std::string_view kBlank = " \n\t\r";
        const std::size_t first = code.find_first_not_of(kBlank, begin);
        if (first == std::string::npos) return {};
        if (code[first] == '}') {
            // The end of the namespace, and nothing after it.
            const bool end = code.find_first_not_of(kBlank, first + 1) == std::string::npos;
            return end ? pieces : Pieces();
        }
        int depth = 0;
        for (at = first; at < code.size(); ++at) {
            const char c = code[at];
            if (c == '{' || c == '(' || c == '[') ++depth;
            if (c == '}' || c == ')' || c == ']') --depth;
            if (depth < 0) return {};
            if (depth > 0) continue;
            if (c == ';') break;
            if (c != '}') continue;
            const std::size_t next = code.find_first_not_of(kBlank, at + 1);
            if (next == std::string::npos) return {};
            if (code[next] != ';' && code[next] != ',') break;
        }
        if (at == code.size()) return {};
        Piece piece;
        piece.text = text.substr(begin, at + 1 - begin);
        const auto tokens = tokens_of(text.substr(first, at + 1 - first));
        piece.mentions = {tokens.begin(), tokens.end()};
        piece.name = name_of(tokens, piece.is_type);
        if (piece.name.empty()) return {};
        pieces.list.push_back(piece);
        begin = at + 1;
    }
    return {};
}

}  // namespace

std::string only_changes(const std::string& original, const std::string& changed,
                         const std::string& space) {
    const Pieces old = pieces_of(original);
    Pieces now = pieces_of(changed);
    if (old.list.empty() || now.list.empty() || old.before != now.before) return changed;
    std::set<std::string> names;  // of what is another than in the original
    const auto has = [](const std::vector<Piece>& list, const Piece& piece) {
        return std::any_of(list.begin(), list.end(), [&](const Piece& p) {
            return p.text == piece.text && p.name == piece.name;
        });
    };
    for (const Piece& piece : now.list)
        if (!has(old.list, piece)) names.insert(piece.name);
    for (const Piece& piece : old.list)
        if (!has(now.list, piece)) names.insert(piece.name);
    // Whatever mentions a name of that kind has to be compiled anew. So has a type that is given to a
    // function which is called anew: the original's would be found as well, by its argument.
    for (bool more = true; std::exchange(more, false);) {
        const auto repeat = [&](Piece& piece) {
            if (piece.repeated) return;
            piece.repeated = more = true;
            names.insert(piece.name);
        };
        for (Piece& piece : now.list)
            if (names.contains(piece.name) ||
                std::any_of(names.begin(), names.end(),
                            [&](const auto& name) { return piece.mentions.contains(name); }))
                repeat(piece);
        for (const Piece& called : now.list) {
            if (!called.repeated || called.is_type) continue;
            const bool is_called = std::any_of(now.list.begin(), now.list.end(), [&](Piece& p) {
                return p.repeated && p.name != called.name && p.mentions.contains(called.name);
            });
            if (!is_called) continue;
            for (Piece& type : now.list)
                if (type.is_type && called.mentions.contains(type.name)) repeat(type);
        }
    }
    std::string text = now.before;
    for (const Piece& piece : now.list)
        text += piece.repeated ? piece.text : fmt::format("\nusing ::{}::{};", space, piece.name);
    return text + "\n}\n";
}

}  // namespace gradus::lessons
