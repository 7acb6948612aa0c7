// SPDX-License-Identifier: MIT
// The glyphs, their transformation by a pose, and the rendering of a picture from each pixel's
// distance to the nearest stroke. Only + - * / and sqrt are used, which round the same way
// everywhere (IEEE 754); the system's sin and cos do not.
#include "nn/data/strokes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace gradus {
namespace {

struct Point {
    double x, y;  // 0..1, right and down
};

// A line through its points: straight segments or a smooth curve.
struct Stroke {
    enum class Kind { straight, smooth } kind;
    std::vector<Point> points;
};

using Glyph = std::vector<Stroke>;

const std::array<Glyph, 10>& glyphs() {
    constexpr auto straight = Stroke::Kind::straight, smooth = Stroke::Kind::smooth;
    static const std::array<Glyph, 10> list = {{
        // 0: once round from the top, anticlockwise
        {{smooth,
          {{.50, .16},
           {.36, .22},
           {.28, .38},
           {.28, .60},
           {.36, .78},
           {.50, .84},
           {.64, .78},
           {.72, .60},
           {.72, .38},
           {.64, .22},
           {.50, .16}}}},
        // 1: a flag and a stem
        {{straight, {{.36, .32}, {.44, .26}, {.54, .16}, {.54, .40}, {.54, .62}, {.54, .84}}}},
        // 2: a hook, then the base
        {{smooth,
          {{.30, .32},
           {.34, .22},
           {.46, .16},
           {.60, .18},
           {.68, .30},
           {.64, .44},
           {.52, .58},
           {.40, .70},
           {.28, .82}}},
         {straight, {{.28, .82}, {.50, .82}, {.74, .82}}}},
        // 3: two bows
        {{smooth, {{.30, .22}, {.44, .16}, {.60, .18}, {.68, .30}, {.60, .44}, {.46, .48}}},
         {smooth, {{.46, .48}, {.62, .52}, {.71, .66}, {.62, .80}, {.46, .84}, {.30, .76}}}},
        // 4: down and across without lifting the pen, then the stem
        {{straight, {{.54, .16}, {.44, .32}, {.34, .46}, {.25, .60}, {.50, .60}, {.76, .60}}},
         {straight, {{.60, .34}, {.60, .50}, {.60, .66}, {.60, .84}}}},
        // 5: the roof and the neck, then the belly
        {{straight, {{.70, .17}, {.52, .17}, {.36, .17}, {.34, .32}, {.32, .46}}},
         {smooth,
          {{.32, .46}, {.46, .41}, {.62, .46}, {.70, .62}, {.62, .78}, {.46, .84}, {.29, .77}}}},
        // 6: one line that curls up
        {{smooth,
          {{.64, .17},
           {.50, .22},
           {.38, .36},
           {.31, .54},
           {.33, .72},
           {.46, .84},
           {.62, .80},
           {.70, .66},
           {.62, .53},
           {.48, .51},
           {.36, .58},
           {.32, .66}}}},
        // 7: a roof and a slope
        {{straight,
          {{.27, .18},
           {.42, .18},
           {.58, .18},
           {.73, .18},
           {.66, .34},
           {.58, .50},
           {.50, .66},
           {.43, .84}}}},
        // 8: a knot, from the middle: up and round, down and round
        {{smooth,
          {{.50, .48},
           {.35, .40},
           {.33, .25},
           {.50, .16},
           {.67, .25},
           {.65, .40},
           {.50, .48},
           {.32, .58},
           {.31, .75},
           {.50, .84},
           {.69, .75},
           {.68, .58},
           {.50, .48}}}},
        // 9: a loop, and a tail from its right side
        {{smooth,
          {{.67, .38},
           {.58, .48},
           {.44, .50},
           {.33, .42},
           {.32, .28},
           {.42, .18},
           {.56, .17},
           {.66, .26},
           {.68, .40},
           {.66, .56},
           {.60, .72},
           {.50, .84}}}},
    }};
    return list;
}

// The smooth curve through a, b, c, d between b (t = 0) and c (t = 1), in one dimension (Catmull
// and Rom 1974, "A class of local interpolating splines").
double spline(double a, double b, double c, double d, double t) {
    return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

// The stroke as a chain of straight segments, to which distances are measured.
std::vector<Point> flatten(const Stroke& stroke) {
    constexpr int kPieces = 4;  // per control point: at 28 x 28 pixels no corner shows
    const auto& p = stroke.points;
    if (stroke.kind == Stroke::Kind::straight) return p;
    const std::size_t last = p.size() - 1;
    const bool closed = p[0].x == p[last].x && p[0].y == p[last].y;
    std::vector<Point> chain = {p[0]};
    for (std::size_t i = 0; i < last; ++i) {
        const Point& a = i > 0 ? p[i - 1] : closed ? p[last - 1] : p[0];
        const Point& d = i + 2 <= last ? p[i + 2] : closed ? p[1] : p[last];
        for (int k = 1; k <= kPieces; ++k) {
            const double t = static_cast<double>(k) / kPieces;
            chain.push_back(
                {spline(a.x, p[i].x, p[i + 1].x, d.x, t), spline(a.y, p[i].y, p[i + 1].y, d.y, t)});
        }
    }
    return chain;
}

// Applies a pose to points: bends and slants them about the centre of the picture, then scales,
// rotates and shifts them.
class Placement {
 public:
    explicit Placement(const StrokePose& pose) : pose_(pose) {
        // Taylor series; at half a radian the first omitted term is below 6e-9.
        const double a = pose.turn, a2 = a * a;
        sin_ = a * (1 - a2 / 6 * (1 - a2 / 20 * (1 - a2 / 42)));
        cos_ = 1 - a2 / 2 * (1 - a2 / 12 * (1 - a2 / 30 * (1 - a2 / 56)));
    }

    Point operator()(Point p) const {
        double x = p.x - 0.5, y = p.y - 0.5;
        const double bent = x + pose_.bend_x * (4 * y * y - 0.5) - pose_.shear * y;
        y = pose_.scale_y * (y + pose_.bend_y * (4 * x * x - 0.25));
        x = pose_.scale_x * bent;
        return {0.5 + cos_ * x - sin_ * y + pose_.shift_x,
                0.5 + sin_ * x + cos_ * y + pose_.shift_y};
    }

 private:
    const StrokePose& pose_;
    double sin_, cos_;
};

// The square of the distance from p to the segment a b.
double squared_distance(Point p, Point a, Point b) {
    const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const double along = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
    const double t = std::clamp(along, 0.0, 1.0);
    const double ex = a.x + t * dx - p.x, ey = a.y + t * dy - p.y;
    return ex * ex + ey * ey;
}

void draw(int digit, const StrokePose& pose, Index size, double* pixels) {
    const Placement place(pose);
    std::vector<std::vector<Point>> chains;
    for (const Stroke& stroke : glyphs()[static_cast<std::size_t>(digit)]) {
        chains.push_back(flatten(stroke));
        for (Point& p : chains.back()) p = place(p);
    }
    const auto side = static_cast<double>(size);
    for (Index row = 0; row < size; ++row) {
        for (Index column = 0; column < size; ++column) {
            const Point p = {(static_cast<double>(column) + 0.5) / side,
                             (static_cast<double>(row) + 0.5) / side};
            double nearest = 4;  // further than any stroke
            for (const auto& chain : chains)
                for (std::size_t i = 1; i < chain.size(); ++i)
                    nearest = std::min(nearest, squared_distance(p, chain[i - 1], chain[i]));
            // 1 inside the line, 0 outside, and a ramp one pixel wide between them.
            const double inside = (pose.pen / 2 - std::sqrt(nearest)) * side + 0.5;
            pixels[row * size + column] = pose.ink * std::clamp(inside, 0.0, 1.0);
        }
    }
}

}  // namespace

StrokePose random_pose(Random& random) {
    const auto within = [&](double low, double high) {
        return low + (high - low) * random.uniform();
    };
    StrokePose pose;
    pose.turn = within(-0.2618, 0.2618);  // 15 degrees
    pose.scale_x = within(0.8, 1.2);
    pose.scale_y = within(0.8, 1.2);
    pose.shear = within(-0.25, 0.25);
    pose.bend_x = within(-0.1, 0.1);
    pose.bend_y = within(-0.1, 0.1);
    pose.shift_x = within(-0.07, 0.07);
    pose.shift_y = within(-0.07, 0.07);
    pose.pen = within(0.06, 0.14);
    pose.ink = within(0.7, 1);
    return pose;
}

Tensor draw_digit(int digit, const StrokePose& pose, Index size) {
    require(digit >= 0 && digit <= 9, "draw_digit: {} is not a digit from 0 to 9", digit);
    require(size >= 1, "draw_digit: size {}, must be at least 1", size);
    std::vector<double> pixels(static_cast<std::size_t>(size * size));
    draw(digit, pose, size, pixels.data());
    const Tensor picture = Tensor::empty({size, size});
    std::copy(pixels.begin(), pixels.end(), picture.data());
    return picture;
}

LabelledImages stroke_digits(std::uint64_t seed, Stream stream, Index first, Index count,
                             const StrokeOptions& options) {
    require(first >= 0 && count >= 0, "stroke_digits: first {}, count {}, must not be negative",
            first, count);
    require(options.size >= 1, "stroke_digits: size {}, must be at least 1", options.size);
    require(options.noise >= 0, "stroke_digits: noise {}, must not be negative", options.noise);
    const Index area = options.size * options.size;
    LabelledImages set{Tensor::empty({count, area}),
                       Tokens({count}, std::vector<int>(static_cast<std::size_t>(count)))};
    parallel_for(count, 16, [&](Index begin, Index end) {
        std::vector<double> pixels(static_cast<std::size_t>(area));
        for (Index i = begin; i < end; ++i) {
            const int digit = static_cast<int>((first + i) % 10);
            Random random(seed, stream, static_cast<std::uint64_t>(first + i));
            draw(digit, random_pose(random), options.size, pixels.data());
            set.labels.id[static_cast<std::size_t>(i)] = digit;
            for (Index k = 0; k < area; ++k) {
                const double seen =
                    pixels[static_cast<std::size_t>(k)] + options.noise * random.normal();
                set.images[i * area + k] = static_cast<Real>(std::clamp(seen, 0.0, 1.0));
            }
        }
    });
    return set;
}

}  // namespace gradus
