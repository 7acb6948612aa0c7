// SPDX-License-Identifier: MIT
#include "nn/plot/png.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "nn/files/atomic_file.h"
#include "nn/plot/svg_reader_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

struct Ink {
    Colour colour = {0, 0, 0};
    double opacity = 1;
};

// "none", "#234", "#2345", "#223344"
std::optional<Ink> ink(std::string_view text) {
    if (text == "none") return std::nullopt;
    require((text.size() == 4 || text.size() == 5 || text.size() == 7) && text[0] == '#' &&
                text.find_first_not_of("0123456789abcdefABCDEF", 1) == text.npos,
            "svg: unknown colour \"{}\"", text);
    const std::size_t size = text.size() == 7 ? 2 : 1;
    const auto part = [&](std::size_t i) {
        const std::string digits(text.substr(1 + size * i, size));
        return static_cast<double>(std::stoi(size == 2 ? digits : digits + digits, nullptr, 16));
    };
    return Ink{{part(0), part(1), part(2)}, text.size() == 5 ? part(3) / 255 : 1};
}

// What children inherit from their parents.
struct Style {
    std::optional<Ink> fill = Ink{}, stroke;
    double width = 1, font = 16, opacity = 1;
    std::vector<double> dash;
    std::string anchor = "start";
    Ends ends = Ends::flat;
    Edges edges = Edges::smooth;
    bool bold = false;
};

void apply(std::string_view name, std::string_view value, Style& style) {
    if (name == "fill") {
        style.fill = ink(value);
    } else if (name == "stroke") {
        style.stroke = ink(value);
    } else if (name == "stroke-width") {
        style.width = read_numbers(value).at(0);
    } else if (name == "opacity") {
        style.opacity *= read_numbers(value).at(0);
    } else if (name == "font-size" || name == "font") {  // "13px sans-serif"
        style.font = read_numbers(value).at(0);
    } else if (name == "stroke-dasharray") {
        style.dash = read_numbers(value);
    } else if (name == "stroke-linecap") {
        style.ends = value == "butt" ? Ends::flat : Ends::round;
    } else if (name == "text-anchor") {
        style.anchor = value;
    } else if (name == "font-weight") {
        style.bold = value == "bold";
    } else if (name == "shape-rendering") {
        style.edges = value == "crispEdges" ? Edges::crisp : Edges::smooth;
    }
}

class Drawing {
 public:
    Drawing(const SvgElement& root, double scale) : root_(root) {
        const std::vector<double> box = read_numbers(root.get("viewBox"));
        require(box.size() == 4 && box[2] > 0 && box[3] > 0 && scale > 0,
                "svg: viewBox \"{}\" at {} pixels per unit", root.get("viewBox"), scale);
        const double width = std::ceil(box[2] * scale), height = std::ceil(box[3] * scale);
        require(width * height <= static_cast<double>(kMostImagePixels),
                "svg: {} x {} pixels, must be at most {} in all", width, height, kMostImagePixels);
        raster_.emplace(static_cast<std::size_t>(width), static_cast<std::size_t>(height),
                        Colour{255, 255, 255});
        for (const SvgElement& child : root.children)
            if (child.tag == "style") rules_ = read_style(child.text);
        path_.push_back(&root);
        const Transform place{scale, 0, 0, scale, -box[0] * scale, -box[1] * scale};
        for (const SvgElement& child : root.children) draw(child, styled(root, Style()), place);
    }

    const Pixels& pixels() const { return raster_->pixels(); }

 private:
    static bool matches(std::string_view selector, const SvgElement& element) {
        return selector.starts_with('.') ? element.in_class(selector.substr(1))
                                         : element.tag == selector;
    }

    // In the order of CSS: attributes, the style sheet's rules, the element's own style. A later
    // rule wins over an earlier one, as our style sheets have it.
    Style styled(const SvgElement& element, Style style) const {
        for (const auto& [name, value] : element.attributes) apply(name, value, style);
        for (const SvgRule& rule : rules_) {
            const bool inside =
                rule.ancestor.empty() ||
                std::any_of(path_.begin(), path_.end(), [&](const SvgElement* outer) {
                    return matches(rule.ancestor, *outer);
                });
            if (!inside || !matches(rule.target, element)) continue;
            for (const auto& [name, value] : rule.properties) apply(name, value, style);
        }
        for (const auto& [name, value] : read_properties(element.get("style")))
            apply(name, value, style);
        return style;
    }

    void draw(const SvgElement& element, const Style& inherited, const Transform& outer) {
        const std::string& tag = element.tag;
        if (tag == "title" || tag == "desc" || tag == "style" || tag == "defs") return;
        const Style style = styled(element, inherited);
        const Transform place = outer * read_transform(element.get("transform"));
        path_.push_back(&element);
        if (tag == "g") {
            for (const SvgElement& child : element.children) draw(child, style, place);
        } else if (tag == "use") {
            draw(*found(element.get("href"), root_), style, place);
        } else if (tag == "text") {
            draw_text(element, style, place);
        } else {
            draw_lines(lines_of(element), style, place);
        }
        path_.pop_back();
    }

    const SvgElement* found(std::string_view href, const SvgElement& inside) const {
        for (const SvgElement& child : inside.children) {
            if (child.tag == "g" && href.size() > 1 && child.get("id") == href.substr(1))
                return &child;
            if (child.tag == "defs" && child.children.size() > 0)
                if (const SvgElement* element = found(href, child)) return element;
        }
        require(&inside != &root_, "svg: nothing has the id \"{}\"", href);
        return nullptr;
    }

    static std::vector<SvgLine> lines_of(const SvgElement& element) {
        if (element.tag == "path") return read_path(element.get("d"));
        const auto number = [&](const char* name) { return element.number(name, 0); };
        if (element.tag == "circle") {
            const double r = number("r");
            return read_path(fmt::format("M{} {}a{} {} 0 1 1 {} 0a{} {} 0 1 1 {} 0z",
                                         number("cx") - r, number("cy"), r, r, 2 * r, r, r,
                                         -2 * r));
        }
        require(element.tag == "rect", "svg: unknown element <{}>", element.tag);
        const double wide = number("width"), high = number("height");
        const double r = std::min({number("rx"), wide / 2, high / 2});
        if (r <= 0)
            return read_path(
                fmt::format("M{} {}h{}v{}h{}z", number("x"), number("y"), wide, high, -wide));
        return read_path(fmt::format(
            "M{} {}h{}a{} {} 0 0 1 {} {}v{}a{} {} 0 0 1 {} {}h{}a{} {} 0 0 1 {} {}v{}a{} {} 0 0 1 "
            "{} {}z",
            number("x") + r, number("y"), wide - 2 * r, r, r, r, r, high - 2 * r, r, r, -r, r,
            2 * r - wide, r, r, -r, -r, 2 * r - high, r, r, r, -r));
    }

    void paint(const std::vector<Outline>& outlines, const Ink& with, const Style& style) {
        raster_->fill(outlines, with.colour, with.opacity * style.opacity, style.edges);
    }

    void draw_lines(const std::vector<SvgLine>& lines, const Style& style, const Transform& place) {
        std::vector<Outline> areas, strokes;
        for (const SvgLine& line : lines) {
            Outline& area = areas.emplace_back();
            for (const Spot p : line.spots) area.push_back(place(p));
            if (!style.stroke) continue;
            Outline around = line.spots;
            if (line.closed) around.push_back(around.front()), around.push_back(around.at(1));
            for (const Outline& piece : dashed(around, style.dash))
                for (Outline& part : stroke(piece, style.width, style.ends, place))
                    strokes.push_back(std::move(part));
        }
        if (style.fill) paint(areas, *style.fill, style);
        if (style.stroke) paint(strokes, *style.stroke, style);
    }

    // The halo around words comes first (paint-order: stroke).
    void draw_text(const SvgElement& element, const Style& style, const Transform& outer) {
        const double width = letters_width(element.text, style.font);
        const double left = element.number("x", 0) - (style.anchor == "end"      ? width
                                                      : style.anchor == "middle" ? width / 2
                                                                                 : 0);
        const Transform place = outer * Transform{1, 0, 0, 1, left, element.number("y", 0)};
        if (style.stroke)
            paint(letters(element.text, style.font, style.width / 2, place), *style.stroke, style);
        if (style.fill)
            paint(letters(element.text, style.font, style.bold ? 0.2 : 0, place), *style.fill,
                  style);
    }

    const SvgElement& root_;
    std::vector<SvgRule> rules_;
    std::vector<const SvgElement*> path_;  // from the root to the element that is drawn
    std::optional<Raster> raster_;
};

}  // namespace

Pixels rasterise(std::string_view svg, double scale) {
    const SvgElement root = read_svg(svg);
    return Drawing(root, scale).pixels();
}

bool is_png_path(std::string_view path) {
    return path.ends_with(".png");
}

void write_svg_as(const std::string& path, const std::string& svg) {
    write_file(path, is_png_path(path) ? png(rasterise(svg)) : svg);
}

}  // namespace gradus
