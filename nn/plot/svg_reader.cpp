// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numbers>
#include <optional>

#include "nn/plot/svg_reader_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

bool blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string unescaped(std::string_view text) {
    constexpr std::pair<std::string_view, char> kNames[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#39;", '\''}};
    std::string out;
    while (!text.empty()) {
        const auto* name = std::find_if(std::begin(kNames), std::end(kNames),
                                        [&](auto& n) { return text.starts_with(n.first); });
        const bool known = name != std::end(kNames);
        out += known ? name->second : text.front();
        text.remove_prefix(known ? name->first.size() : 1);
    }
    return out;
}

// What is left of a text that is read from front to back.
struct Reader {
    std::string_view rest;

    std::string_view until(std::string_view end) {  // and leaves `end` out
        const std::size_t at = rest.find(end);
        require(at != rest.npos, "svg: \"{}\" is missing", end);
        const std::string_view part = rest.substr(0, at);
        rest.remove_prefix(at + end.size());
        return part;
    }
    void skip_blanks() {
        while (!rest.empty() && (blank(rest.front()) || rest.front() == ',')) rest.remove_prefix(1);
    }
    // The number at the front, if there is one; "1-2" are two numbers, as are ".5.5".
    std::optional<double> number() {
        skip_blanks();
        std::size_t n = 0;
        const auto digits = [&] {
            while (n < rest.size() && std::isdigit(static_cast<unsigned char>(rest[n]))) ++n;
        };
        if (n < rest.size() && (rest[n] == '-' || rest[n] == '+')) ++n;
        digits();
        if (n < rest.size() && rest[n] == '.') ++n, digits();
        if (n == 0) return std::nullopt;
        if (n + 1 < rest.size() && rest[n] == 'e' && rest[n + 1] != 'm') n += 2, digits();
        const double value = std::stod(std::string(rest.substr(0, n)));
        rest.remove_prefix(n);
        return value;
    }
};

SvgElement read_element(Reader& reader, int depth) {
    require(depth < 20, "svg: elements more than 20 deep");
    reader.until("<");
    SvgElement element;
    Reader head{reader.until(">")};
    const bool empty = head.rest.ends_with('/');
    if (empty) head.rest.remove_suffix(1);
    const std::size_t name_end = std::min(head.rest.find_first_of(" \n"), head.rest.size());
    element.tag = head.rest.substr(0, name_end);
    require(!element.tag.starts_with('/'), "svg: <{}> ends nothing", element.tag);
    head.rest.remove_prefix(name_end);
    for (head.skip_blanks(); !head.rest.empty(); head.skip_blanks()) {
        const std::string name(head.until("=\""));
        element.attributes[name] = unescaped(head.until("\""));
    }
    if (empty) return element;
    const std::string end = "</" + element.tag + ">";
    for (;;) {
        const std::size_t next = reader.rest.find('<');
        require(next != reader.rest.npos, "svg: \"{}\" is missing", end);
        element.text += unescaped(reader.rest.substr(0, next));
        reader.rest.remove_prefix(next);
        if (reader.rest.starts_with(end)) break;
        element.children.push_back(read_element(reader, depth + 1));
    }
    reader.rest.remove_prefix(end.size());
    return element;
}

constexpr int kPieces = 24;  // of a curve; ours are small, so that no corner shows

// Part of a circle, clockwise (sweep 1) or not, over the short or the long way (SVG 1.1, F.6.5).
void add_arc(Outline& line, double radius, bool large, bool sweep, Spot to) {
    const Spot from = line.back();
    const double dx = (to.x - from.x) / 2, dy = (to.y - from.y) / 2, half = std::hypot(dx, dy);
    radius = std::max(radius, half);
    const double away = half > 0 ? std::sqrt(radius * radius - half * half) / half : 0;
    const double side = large == sweep ? -away : away;
    const Spot centre = {from.x + dx - side * dy, from.y + dy + side * dx};
    const double begin = std::atan2(from.y - centre.y, from.x - centre.x);
    double turn = std::atan2(to.y - centre.y, to.x - centre.x) - begin;
    if (sweep && turn <= 0) turn += 2 * std::numbers::pi;
    if (!sweep && turn >= 0) turn -= 2 * std::numbers::pi;
    for (int i = 1; i <= kPieces; ++i) {
        const double angle = begin + turn * i / kPieces;
        line.push_back({centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)});
    }
}

void add_curve(Outline& line, Spot b, Spot c, Spot d) {  // Bezier's, cubic
    const Spot a = line.back();
    for (int i = 1; i <= kPieces; ++i) {
        const double t = static_cast<double>(i) / kPieces, s = 1 - t;
        const auto at = [&](double p, double q, double r, double u) {
            return s * s * s * p + 3 * s * s * t * q + 3 * s * t * t * r + t * t * t * u;
        };
        line.push_back({at(a.x, b.x, c.x, d.x), at(a.y, b.y, c.y, d.y)});
    }
}

}  // namespace

std::string_view SvgElement::get(std::string_view name) const {
    const auto at = attributes.find(name);
    return at == attributes.end() ? std::string_view() : at->second;
}

double SvgElement::number(std::string_view name, double otherwise) const {
    Reader reader{get(name)};
    return reader.number().value_or(otherwise);
}

bool SvgElement::in_class(std::string_view name) const {
    return fmt::format(" {} ", get("class")).find(fmt::format(" {} ", name)) != std::string::npos;
}

SvgElement read_svg(std::string_view text) {
    Reader reader{text};
    SvgElement root = read_element(reader, 0);
    require(root.tag == "svg", "svg: begins with <{}>", root.tag);
    return root;
}

std::map<std::string, std::string, std::less<>> read_properties(std::string_view text) {
    std::map<std::string, std::string, std::less<>> out;
    Reader reader{text};
    while (!trimmed(reader.rest).empty()) {
        const std::string name(trimmed(reader.until(":")));
        const std::size_t end = std::min(reader.rest.find(';'), reader.rest.size());
        out[name] = trimmed(reader.rest.substr(0, end));
        reader.rest.remove_prefix(std::min(end + 1, reader.rest.size()));
    }
    return out;
}

std::vector<SvgRule> read_style(std::string_view text) {
    std::vector<SvgRule> rules;
    Reader reader{text};
    while (!trimmed(reader.rest).empty()) {
        Reader selectors{reader.until("{")};
        if (trimmed(selectors.rest).starts_with("@media")) {
            while (reader.rest.find('{') < reader.rest.find('}')) reader.until("}");
            reader.until("}");
            continue;
        }
        const auto properties = read_properties(reader.until("}"));
        while (!selectors.rest.empty()) {
            const std::size_t comma = std::min(selectors.rest.find(','), selectors.rest.size());
            const std::string_view words = trimmed(selectors.rest.substr(0, comma));
            selectors.rest.remove_prefix(std::min(comma + 1, selectors.rest.size()));
            const std::size_t space = words.find(' ');
            const bool alone = space == words.npos;
            rules.push_back({std::string(alone ? "" : words.substr(0, space)),
                             std::string(alone ? words : words.substr(space + 1)), properties});
        }
    }
    return rules;
}

std::vector<SvgLine> read_path(std::string_view d) {
    std::vector<SvgLine> lines;
    Reader reader{d};
    Spot at = {0, 0};
    for (char command = 0;;) {
        reader.skip_blanks();
        if (reader.rest.empty()) return lines;
        if (std::isalpha(static_cast<unsigned char>(reader.rest.front()))) {
            command = reader.rest.front();
            reader.rest.remove_prefix(1);
        }
        const bool relative = std::islower(static_cast<unsigned char>(command));
        const auto value = [&] {
            const auto number = reader.number();
            require(number.has_value(), "svg: path: a number is missing after {}", command);
            return *number;
        };
        const Spot origin = relative ? at : Spot{0, 0};
        const auto next = [&] {
            const double x = origin.x + value();
            return Spot{x, origin.y + value()};
        };
        const char kind = static_cast<char>(std::toupper(static_cast<unsigned char>(command)));
        if (kind == 'M') {
            at = next();
            lines.push_back({{at}, false});
            command = relative ? 'l' : 'L';  // for further pairs
            continue;
        }
        require(!lines.empty(), "svg: path: begins with {}", command);
        if (lines.back().closed) lines.push_back({{at}, false});
        Outline& line = lines.back().spots;
        if (kind == 'L') {
            line.push_back(next());
        } else if (kind == 'H') {
            line.push_back({origin.x + value(), at.y});
        } else if (kind == 'V') {
            line.push_back({at.x, origin.y + value()});
        } else if (kind == 'C') {
            const Spot b = next(), c = next();
            add_curve(line, b, c, next());
        } else if (kind == 'A') {
            const double radius = value();
            require(value() == radius, "svg: path: an arc that is not of a circle");
            value();  // the rotation, of no effect on a circle
            const bool large = value() != 0, sweep = value() != 0;
            add_arc(line, radius, large, sweep, next());
        } else {
            require(kind == 'Z', "svg: path: unknown command {}", command);
            lines.back().closed = true;
            at = line.front();
            continue;
        }
        at = line.back();
    }
}

std::vector<double> read_numbers(std::string_view text) {
    std::vector<double> out;
    Reader reader{text};
    while (const auto number = reader.number()) out.push_back(*number);
    return out;
}

Transform read_transform(std::string_view text) {
    Transform all;
    Reader reader{text};
    while (!trimmed(reader.rest).empty()) {
        const std::string_view name = trimmed(reader.until("("));
        const std::vector<double> n = read_numbers(reader.until(")"));
        if (name == "translate" && n.size() == 2) {
            all = all * Transform{1, 0, 0, 1, n[0], n[1]};
        } else if (name == "scale" && (n.size() == 1 || n.size() == 2)) {
            all = all * Transform{n[0], 0, 0, n.back(), 0, 0};
        } else {
            require(name == "rotate" && n.size() == 1, "svg: unknown transform {} of {} numbers",
                    name, n.size());
            const double angle = n[0] * std::numbers::pi / 180;
            all = all *
                  Transform{
                      std::cos(angle), std::sin(angle), -std::sin(angle), std::cos(angle), 0, 0};
        }
    }
    return all;
}

}  // namespace gradus
