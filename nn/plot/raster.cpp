// SPDX-License-Identifier: MIT
// Coverage is exact along a row and sampled four times down it: a line that is nearly level shows
// no steps at the usual two pixels per unit.
#include "nn/plot/raster.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <stb/stb_easy_font.h>

#include "tensor/error.h"

namespace gradus {
namespace {

constexpr int kSubrows = 4;

struct Crossing {
    double x;
    int turn;  // 1: the edge goes down here, -1: up
    bool operator<(const Crossing& other) const { return x < other.x; }
};

// Adds the part of each pixel that the stretch from x0 to x1 covers.
void cover(double x0, double x1, std::vector<float>& row) {
    const double end = static_cast<double>(row.size());
    x0 = std::clamp(x0, 0.0, end), x1 = std::clamp(x1, 0.0, end);
    while (x0 < x1) {
        const double next = std::min(x1, std::floor(x0) + 1);
        row[static_cast<std::size_t>(x0)] += static_cast<float>((next - x0) / kSubrows);
        x0 = next;
    }
}

// Strokes and letters consist of outlines that overlap. All turn the same way, clockwise unless
// `place` mirrors them, or they would cancel.
Outline placed(Outline outline, const Transform& place) {
    for (Spot& p : outline) p = place(p);
    return outline;
}

Outline disc(Spot centre, double radius, const Transform& place) {
    constexpr int kCorners = 16;
    Outline out;
    for (int i = 0; i < kCorners; ++i) {
        const double angle = 2 * std::numbers::pi * i / kCorners;
        out.push_back({centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)});
    }
    return placed(out, place);
}

// stb_easy_font's letters are 7 units high; in the usual fonts that is 0.7 of the font size.
constexpr double kUnits = 10, kBaseline = 7;

std::string ascii(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if ((c & 0xC0) == 0x80) continue;  // a later byte of the character before
        out += c >= 0x80 ? '?' : c < 32 || c == 127 ? ' ' : static_cast<char>(c);
    }
    return out;
}

}  // namespace

Transform Transform::operator*(const Transform& inner) const {
    const Spot x = {a * inner.a + c * inner.b, b * inner.a + d * inner.b};
    const Spot y = {a * inner.c + c * inner.d, b * inner.c + d * inner.d};
    const Spot origin = (*this)({inner.e, inner.f});
    return {x.x, x.y, y.x, y.y, origin.x, origin.y};
}

Raster::Raster(std::size_t width, std::size_t height, Colour ground)
    : pixels_{width, height, 3, {}} {
    require(width > 0 && height > 0 && width <= kMostImagePixels / height,
            "raster: {} x {} pixels, must be from 1 to {} in all", width, height, kMostImagePixels);
    pixels_.bytes.reserve(3 * width * height);
    for (std::size_t i = 0; i < width * height; ++i)
        for (const double part : {ground.red, ground.green, ground.blue})
            pixels_.bytes.push_back(static_cast<std::uint8_t>(std::lround(part)));
}

void Raster::fill(const std::vector<Outline>& outlines, Colour colour, double opacity,
                  Edges edges) {
    const auto spot = [&](Spot p) {
        return edges == Edges::crisp ? Spot{std::round(p.x), std::round(p.y)} : p;
    };
    double top = static_cast<double>(pixels_.height), bottom = 0;
    for (const Outline& outline : outlines)
        for (const Spot p : outline) {
            require(std::isfinite(p.x) && std::isfinite(p.y), "raster: a corner at {}, {}", p.x,
                    p.y);
            top = std::min(top, spot(p).y), bottom = std::max(bottom, spot(p).y);
        }
    top = std::floor(std::max(top, 0.0));
    bottom = std::ceil(std::min(bottom, static_cast<double>(pixels_.height)));
    if (top >= bottom) return;

    // Where the edges cross the middle of each quarter of a row.
    const auto first = static_cast<long>(top) * kSubrows,
               last = static_cast<long>(bottom) * kSubrows;
    std::vector<std::vector<Crossing>> crossings(static_cast<std::size_t>(last - first));
    for (const Outline& outline : outlines) {
        for (std::size_t i = 0; i < outline.size(); ++i) {
            Spot p = spot(outline[i]), q = spot(outline[(i + 1) % outline.size()]);
            const int turn = p.y < q.y ? 1 : -1;
            if (p.y > q.y) std::swap(p, q);
            const auto line_after = [&](double y) {
                const double line = std::ceil(y * kSubrows - 0.5);
                return static_cast<long>(
                    std::clamp(line, static_cast<double>(first), static_cast<double>(last)));
            };
            for (long line = line_after(p.y), end = line_after(q.y); line < end; ++line) {
                const double y = (static_cast<double>(line) + 0.5) / kSubrows;
                crossings[static_cast<std::size_t>(line - first)].push_back(
                    {p.x + (q.x - p.x) * (y - p.y) / (q.y - p.y), turn});
            }
        }
    }

    const double parts[] = {colour.red, colour.green, colour.blue};
    std::vector<float> row(pixels_.width);
    for (long y = first / kSubrows; y < last / kSubrows; ++y) {
        std::fill(row.begin(), row.end(), 0.0f);
        for (long line = y * kSubrows; line < (y + 1) * kSubrows; ++line) {
            auto& across = crossings[static_cast<std::size_t>(line - first)];
            std::sort(across.begin(), across.end());
            int winding = 0;
            for (std::size_t i = 0; i + 1 < across.size(); ++i) {
                winding += across[i].turn;
                if (winding != 0) cover(across[i].x, across[i + 1].x, row);
            }
        }
        std::uint8_t* pixel = &pixels_.bytes[static_cast<std::size_t>(y) * pixels_.width * 3];
        for (const float covered : row) {
            const double part = opacity * std::min(1.0, static_cast<double>(covered));
            for (const double to : parts) {
                if (part > 0) {
                    const double from = *pixel;
                    *pixel = static_cast<std::uint8_t>(std::lround(from + part * (to - from)));
                }
                ++pixel;
            }
        }
    }
}

std::vector<Outline> stroke(const Outline& line, double width, Ends ends, const Transform& place) {
    std::vector<Outline> out;
    const double half = width / 2;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
        const Spot p = line[i], q = line[i + 1];
        const double length = std::hypot(q.x - p.x, q.y - p.y);
        if (length == 0) continue;
        const double x = half * (q.y - p.y) / length, y = -half * (q.x - p.x) / length;
        out.push_back(
            placed({{p.x + x, p.y + y}, {q.x + x, q.y + y}, {q.x - x, q.y - y}, {p.x - x, p.y - y}},
                   place));
    }
    for (std::size_t i = 0; i < line.size(); ++i)
        if (ends == Ends::round || (i > 0 && i + 1 < line.size()))
            out.push_back(disc(line[i], half, place));
    return out;
}

std::vector<Outline> dashed(const Outline& line, const std::vector<double>& pattern) {
    double sum = 0;
    for (const double length : pattern) sum += length;
    if (!(sum > 0)) return {line};
    if (line.empty()) return {};
    std::vector<Outline> out = {{line[0]}};
    std::size_t piece = 0;  // of the pattern; even: a dash, odd: a gap
    double left = pattern[0];
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
        Spot p = line[i];
        const Spot q = line[i + 1];
        for (;;) {
            const double length = std::hypot(q.x - p.x, q.y - p.y);
            const bool ends_here = length > left;
            if (ends_here)
                p = {p.x + (q.x - p.x) * left / length, p.y + (q.y - p.y) * left / length};
            if (piece % 2 == 0) out.back().push_back(ends_here ? p : q);
            if (!ends_here) {
                left -= length;
                break;
            }
            ++piece;
            left = pattern[piece % pattern.size()];
            if (piece % 2 == 0) out.push_back({p});
        }
    }
    return out;
}

std::vector<Outline> letters(std::string_view text, double font, double grown,
                             const Transform& place) {
    struct Corner {
        float x, y, z;
        unsigned char colour[4];
    };
    std::string words = ascii(text);
    // Four corners for each stroke of a letter; none has more than 16 strokes.
    std::vector<Corner> corners(4 * 16 * (words.size() + 1));
    const int strokes =
        stb_easy_font_print(0, static_cast<float>(-kBaseline), words.data(), nullptr,
                            corners.data(), static_cast<int>(corners.size() * sizeof(Corner)));
    const double unit = font / kUnits;
    std::vector<Outline> out;
    for (int i = 0; i < strokes; ++i) {
        const Corner &low = corners[static_cast<std::size_t>(4 * i)],
                     &high = corners[static_cast<std::size_t>(4 * i + 2)];
        const double left = unit * static_cast<double>(low.x) - grown,
                     right = unit * static_cast<double>(high.x) + grown,
                     above = unit * static_cast<double>(low.y) - grown,
                     below = unit * static_cast<double>(high.y) + grown;
        out.push_back(
            placed({{left, above}, {right, above}, {right, below}, {left, below}}, place));
    }
    return out;
}

double letters_width(std::string_view text, double font) {
    std::string words = ascii(text);
    return font / kUnits * stb_easy_font_width(words.data());
}

}  // namespace gradus
