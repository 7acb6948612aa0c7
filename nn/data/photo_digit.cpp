// SPDX-License-Identifier: MIT
// The steps: shrink, divide by the paper's brightness, remove ruled lines, choose a threshold, find
// the connected pieces, join those of one digit, and draw it anew with the pen of the training
// data. Each step may say why there is no digit.
#include "nn/data/photo_digit.h"

#include <algorithm>
#include <cmath>

#include "nn/data/photo_ink_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::size_t kLongerSide = 600;  // of the plane that is worked on, in pixels
constexpr std::size_t kShorterSide = 24;  // at least
constexpr double kFaintest = 0.1;         // ink; fainter marks are taken for the paper's own
constexpr double kLeastContrast = 0.15;   // of the digit
constexpr double kMostInk = 0.3;          // part of the page
constexpr double kMostNoise = 0.06;       // after smoothing; a camera's is a fifth of that

// Pieces of ink that hang together, as a box in the plane; ends are exclusive.
struct Piece {
    std::size_t left, top, right, bottom, area = 0;
    std::vector<int> labels;  // of the connected pieces in it

    double width() const { return static_cast<double>(right - left); }
    double height() const { return static_cast<double>(bottom - top); }
    bool touches_edge(const Channel& plane) const {
        return left == 0 || top == 0 || right == plane.width || bottom == plane.height;
    }
    void join(const Piece& other) {
        left = std::min(left, other.left), top = std::min(top, other.top);
        right = std::max(right, other.right), bottom = std::max(bottom, other.bottom);
        area += other.area;
        labels.insert(labels.end(), other.labels.begin(), other.labels.end());
    }
    // Between the boxes; 0 if they overlap.
    double gap(const Piece& other) const {
        const auto between = [](std::size_t end, std::size_t begin) {
            return begin > end ? static_cast<double>(begin - end) : 0;
        };
        return std::max(std::max(between(right, other.left), between(other.right, left)),
                        std::max(between(bottom, other.top), between(other.bottom, top)));
    }
};

struct Pieces {
    std::vector<int> labels;  // of each pixel; -1: paper
    std::vector<Piece> list;  // by label
};

// Dark pixels that touch, also at a corner, are one piece.
Pieces connected(const Channel& ink, double threshold) {
    Pieces out{std::vector<int>(ink.values.size(), -1), {}};
    std::vector<std::size_t> open;
    for (std::size_t seed = 0; seed < ink.values.size(); ++seed) {
        if (ink.values[seed] <= threshold || out.labels[seed] >= 0) continue;
        const int label = static_cast<int>(out.list.size());
        Piece piece{ink.width, ink.height, 0, 0, 0, {label}};
        out.labels[seed] = label;
        open.assign(1, seed);
        while (!open.empty()) {
            const std::size_t x = open.back() % ink.width, y = open.back() / ink.width;
            open.pop_back();
            piece.left = std::min(piece.left, x), piece.right = std::max(piece.right, x + 1);
            piece.top = std::min(piece.top, y), piece.bottom = std::max(piece.bottom, y + 1);
            ++piece.area;
            for (std::size_t v = y - (y > 0); v <= std::min(y + 1, ink.height - 1); ++v)
                for (std::size_t u = x - (x > 0); u <= std::min(x + 1, ink.width - 1); ++u) {
                    const std::size_t next = v * ink.width + u;
                    if (ink.values[next] <= threshold || out.labels[next] >= 0) continue;
                    out.labels[next] = label;
                    open.push_back(next);
                }
        }
        out.list.push_back(piece);
    }
    return out;
}

// The strokes of one digit: pieces whose boxes are closer than a sixth of the taller one's height.
std::vector<Piece> joined(std::vector<Piece> pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        for (std::size_t k = i + 1; k < pieces.size();) {
            if (pieces[i].gap(pieces[k]) < std::max(pieces[i].height(), pieces[k].height()) / 6) {
                pieces[i].join(pieces[k]);
                pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(k));
                k = i + 1;  // it has grown, and may reach others now
            } else {
                ++k;
            }
        }
    }
    return pieces;
}

// The ink of one piece alone less the threshold, in its box with `margin` pixels around it.
Channel cut_out(const Channel& ink, const Pieces& pieces, const Piece& piece, double threshold,
                std::size_t margin) {
    Channel out(piece.right - piece.left + 2 * margin, piece.bottom - piece.top + 2 * margin,
                -static_cast<float>(threshold));
    for (std::size_t y = piece.top; y < piece.bottom; ++y)
        for (std::size_t x = piece.left; x < piece.right; ++x) {
            const int label = pieces.labels[y * ink.width + x];
            const bool own =
                std::find(piece.labels.begin(), piece.labels.end(), label) != piece.labels.end();
            // Paler pixels at its edge too: between them, the edge is placed more precisely.
            if (own || label < 0)
                out.at(x - piece.left + margin, y - piece.top + margin) =
                    ink.at(x, y) - static_cast<float>(threshold);
        }
    return out;
}

// The mean width of the lines of what is above 0: across a line, the distance to its edge averages
// a quarter of its width.
double pen_of(const Channel& shape) {
    const Channel distances = distance_to_empty(shape);
    double sum = 0, count = 0;
    for (const float distance : distances.values)
        if (distance > 0) sum += static_cast<double>(distance) - 0.5, count += 1;
    return count > 0 ? 4 * sum / count : 0;
}

// The frame of the training data (nn/data/strokes.cpp): between the middles of the pen, a digit is
// 0.68 of the side high and up to 0.51 wide, both times 0.8 to 1.2, in the middle; the pen is 0.06
// to 0.14 wide. A digit wider than kWide is made smaller; a pen from kThinnest to kThickest stays.
constexpr double kHigh = 0.68, kWide = 0.56, kThinnest = 0.09, kThickest = 0.12;
constexpr std::size_t kFine = 8;  // fine pixels along the side of a pixel

std::vector<float> framed(const Channel& shape, std::size_t margin, double pen, std::size_t side) {
    const double wide = static_cast<double>(shape.width - 2 * margin),
                 high = static_cast<double>(shape.height - 2 * margin);
    const double frame = std::max({(high - pen) / kHigh, (wide - pen) / kWide, 1.0});
    const std::size_t fine = side * kFine;
    const double step = frame / static_cast<double>(fine);  // pixels of the shape per fine pixel
    Channel inside(fine, fine), outside(fine, fine);
    for (std::size_t y = 0; y < fine; ++y)
        for (std::size_t x = 0; x < fine; ++x) {
            const auto place = [&](std::size_t i, double size) {
                return (static_cast<double>(i) + 0.5) * step - frame / 2 +
                       static_cast<double>(margin) + size / 2 - 0.5;
            };
            const float value = shape.between(place(x, wide), place(y, high));
            inside.at(x, y) = value, outside.at(x, y) = -value;
        }
    // A pen of another width: every edge moves by half the difference.
    const double drawn = pen / frame;
    const double grown =
        (std::clamp(drawn, kThinnest, kThickest) - drawn) / 2 * static_cast<double>(fine);
    const Channel in = distance_to_empty(inside), out = distance_to_empty(outside);
    std::vector<float> image(side * side);
    for (std::size_t y = 0; y < fine; ++y)
        for (std::size_t x = 0; x < fine; ++x) {
            const double depth =
                static_cast<double>(in.at(x, y)) - static_cast<double>(out.at(x, y)) + grown;
            image[y / kFine * side + x / kFine] +=
                static_cast<float>(std::clamp(depth + 0.5, 0.0, 1.0) / (kFine * kFine));
        }
    return image;
}

PhotoDigit no_digit(std::string why) {
    PhotoDigit out;
    out.problem = std::move(why);
    return out;
}

}  // namespace

PhotoDigit find_digit(const Pixels& photo, std::size_t side) {
    require(photo.channels == 1, "find_digit: {} channels, must be 1", photo.channels);
    require(photo.bytes.size() == photo.width * photo.height, "find_digit: {} bytes for {} x {}",
            photo.bytes.size(), photo.width, photo.height);
    require(side >= 8 && side <= 64, "find_digit: side {}, must be from 8 to 64", side);
    const std::size_t factor = std::max(photo.width, photo.height) / (kLongerSide + 1) + 1;
    if (std::min(photo.width, photo.height) < kShorterSide * factor)
        return no_digit(fmt::format("the picture is too small or too narrow: {} x {} pixels",
                                    photo.width, photo.height));
    Ink ink = ink_of(shrunk(photo, factor));
    Channel& plane = ink.plane;
    const auto page = static_cast<double>(plane.values.size());
    const double least = std::max(kFaintest, 6 * ink.noise);
    const auto part_above = [&](double threshold) {
        return static_cast<double>(
                   std::count_if(plane.values.begin(), plane.values.end(),
                                 [&](float v) { return static_cast<double>(v) > threshold; })) /
               page;
    };
    if (ink.noise > kMostNoise) return no_digit("the page is all texture or noise");
    if (part_above(least) > kMostInk) return no_digit("most of the page is dark");
    const int rules = remove_rules(plane, least);
    const double inked = part_above(least);
    if (inked * page < 30)
        return no_digit(rules > 0 ? "there is nothing on the ruled lines" : "the page is blank");

    const double threshold = split(plane, least);
    const Pieces pieces = connected(plane, threshold);
    std::vector<Piece> whole;  // neither specks nor cut off by the edge
    std::size_t largest = 0;
    for (const Piece& piece : pieces.list)
        if (!piece.touches_edge(plane)) largest = std::max(largest, piece.area);
    for (const Piece& piece : pieces.list)
        if (!piece.touches_edge(plane) && piece.area >= 12 && 25 * piece.area >= largest)
            whole.push_back(piece);
    if (whole.empty()) return no_digit("what is written is cut off by the edge, or only specks");
    if (whole.size() > 12)
        return no_digit(fmt::format("there are {} marks, not one digit", whole.size()));
    std::vector<Piece> groups = joined(whole);
    std::sort(groups.begin(), groups.end(),
              [](const Piece& a, const Piece& b) { return a.area > b.area; });
    const Piece& digit = groups[0];
    if (groups.size() > 1 && 3 * groups[1].area > digit.area)
        return no_digit(fmt::format("there are {} separate marks, not one digit", groups.size()));
    const double shorter = static_cast<double>(std::min(plane.width, plane.height));
    if (digit.height() < std::max(16.0, shorter / 12))
        return no_digit("what is written is too small, or lies flat");
    if (digit.width() > 1.3 * digit.height())
        return no_digit("what is written is wider than a digit");

    constexpr std::size_t kMargin = 4;
    const Channel shape = cut_out(plane, pieces, digit, threshold, kMargin);
    double contrast = 0;
    for (const float value : shape.values)
        if (value > 0) contrast += static_cast<double>(value) + threshold;
    contrast /= static_cast<double>(digit.area);
    if (contrast < kLeastContrast)
        return no_digit(fmt::format("too little contrast: ink {:.2f} darker than paper", contrast));
    const double pen = pen_of(shape), size = std::max(digit.width(), digit.height());
    if (pen > 0.28 * size) return no_digit("a blot, not a line");
    // Of the lines, in heights: a 1 has about one, an 8 about three.
    const double length = static_cast<double>(digit.area) / (pen * size);
    if (length > 6) return no_digit("too many lines for a digit");

    PhotoDigit out;
    out.left = digit.left * factor, out.top = digit.top * factor;
    out.right = std::min(digit.right * factor, photo.width);
    out.bottom = std::min(digit.bottom * factor, photo.height);
    out.pen = pen / digit.height();
    out.image = framed(shape, kMargin, pen, side);
    return out;
}

}  // namespace gradus
