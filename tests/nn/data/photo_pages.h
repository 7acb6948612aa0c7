// SPDX-License-Identifier: MIT
// Pictures as a camera would take them, for the tests of nn/data/photo_digit.h: fifty with one
// digit each, and twenty with none. The digits are in another hand than the training data
// (nn/data/strokes.cpp): other strokes, several per digit, made of arcs and straight lines, with
// corners where those are smooth, and the other way round.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "nn/files/datasets/image.h"
#include "tensor/random.h"

namespace gradus::photo_pages {

struct Point {
    double x, y;  // of a glyph: 0..1, right and down
};
using Chain = std::vector<Point>;
using Hand = std::vector<Chain>;

// Part of an ellipse, clockwise from one angle to the other, in degrees; 0 is at the right.
inline Chain arc(double x, double y, double across, double down, double from, double to) {
    Chain out;
    for (int i = 0; i <= 24; ++i) {
        const double angle = (from + (to - from) * i / 24) * std::numbers::pi / 180;
        out.push_back({x + across * std::cos(angle), y + down * std::sin(angle)});
    }
    return out;
}
inline Chain both(Chain first, const Chain& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

// Up to three ways to write each digit.
inline const std::vector<Hand>& hands(int digit) {
    static const std::vector<std::vector<Hand>> all = {
        {{arc(.5, .5, .28, .42, -90, 270)},
         {arc(.5, .5, .33, .40, -60, 285)},
         {arc(.5, .5, .22, .44, -110, 262)}},
        {{{{.5, .06}, {.5, .94}}},
         {{{.34, .26}, {.56, .07}, {.55, .94}}},
         {{{.53, .06}, {.47, .94}}}},
        {{both(arc(.48, .29, .24, .22, 190, 380), {{.25, .92}, {.78, .92}})},
         {both(arc(.5, .27, .22, .20, 160, 400), {{.30, .84}, {.26, .93}, {.76, .90}})},
         {both(arc(.46, .30, .28, .24, 200, 395), {{.22, .90}, {.42, .86}, {.80, .94}})}},
        {{both(arc(.46, .28, .24, .20, 200, 440), arc(.46, .70, .27, .23, -90, 155))},
         {{{.26, .08}, {.72, .08}, {.44, .42}},
          both({{.44, .42}}, arc(.44, .67, .27, .25, -80, 150))},
         {both(arc(.48, .28, .19, .18, 215, 445), arc(.47, .68, .24, .24, -85, 140))}},
        {{{{.38, .06}, {.22, .60}, {.80, .60}}, {{.62, .30}, {.62, .95}}},
         {{{.60, .95}, {.62, .06}, {.20, .66}, {.80, .66}}},
         {{{.30, .08}, {.26, .52}, {.74, .50}}, {{.72, .08}, {.66, .95}}}},
        {{both({{.74, .08}, {.32, .08}, {.29, .44}}, arc(.46, .66, .27, .26, -130, 140))},
         {{{.30, .10}, {.28, .46}},
          both({{.28, .46}}, arc(.45, .68, .25, .24, -125, 145)),
          {{.30, .10}, {.70, .07}}},
         {both({{.70, .10}, {.40, .09}, {.33, .40}}, arc(.45, .65, .28, .27, -100, 130))}},
        {{both({{.62, .06}, {.40, .30}, {.28, .62}}, arc(.50, .69, .22, .22, 180, 540))},
         {both(arc(.80, .60, .54, .54, 235, 180), arc(.49, .70, .23, .22, 180, 520))},
         {both({{.56, .05}, {.32, .55}, {.28, .72}}, arc(.48, .73, .20, .19, 180, 530))}},
        {{{{.24, .08}, {.76, .08}, {.44, .94}}},
         {{{.26, .09}, {.74, .07}, {.42, .94}}, {{.36, .50}, {.68, .48}}},
         {both({{.24, .14}, {.30, .08}, {.74, .10}}, arc(1.02, .80, .55, .74, 236, 176))}},
        {{arc(.5, .28, .20, .20, 90, 450), arc(.5, .71, .25, .23, -90, 270)},
         {both(arc(.5, .28, .19, .21, -30, -270), arc(.5, .71, .23, .23, -90, 240))},
         {both(arc(.52, .27, .17, .19, 60, 420), arc(.48, .70, .24, .25, -70, 290))}},
        {{arc(.47, .30, .22, .23, 0, 360), {{.69, .26}, {.67, .94}}},
         {both(arc(.48, .29, .21, .21, 10, 370), arc(.20, .42, .49, .52, -15, 80))},
         {both(arc(.46, .30, .20, .24, -20, 350), {{.67, .28}, {.62, .60}, {.50, .95}})}}};
    return all[static_cast<std::size_t>(digit)];
}

// A page while it is drawn: how much light paper and ink reflect, before any shadow.
struct Sheet {
    std::size_t width, height;
    std::vector<double> light;

    Sheet(std::size_t across, std::size_t down, double paper)
        : width(across), height(down), light(across * down, paper) {}

    // A layer of one pen: where its lines overlap, the ink gets no darker.
    void draw(const std::vector<Chain>& lines, double pen, double ink) {
        std::vector<double> cover(light.size());
        for (const Chain& line : lines)
            for (std::size_t i = 0; i + 1 < line.size(); ++i)
                stamp(line[i], line[i + 1], pen / 2, cover);
        for (std::size_t i = 0; i < light.size(); ++i) light[i] *= 1 - ink * cover[i];
    }
    void stamp(Point a, Point b, double half, std::vector<double>& cover) const {
        const auto clip = [](double v, std::size_t n) {
            return static_cast<std::size_t>(std::clamp(v, 0.0, static_cast<double>(n)));
        };
        const double dx = b.x - a.x, dy = b.y - a.y, squared = dx * dx + dy * dy;
        for (std::size_t y = clip(std::min(a.y, b.y) - half - 1, height);
             y < clip(std::max(a.y, b.y) + half + 2, height); ++y)
            for (std::size_t x = clip(std::min(a.x, b.x) - half - 1, width);
                 x < clip(std::max(a.x, b.x) + half + 2, width); ++x) {
                const double px = static_cast<double>(x) + 0.5 - a.x,
                             py = static_cast<double>(y) + 0.5 - a.y;
                const double t =
                    squared > 0 ? std::clamp((px * dx + py * dy) / squared, 0.0, 1.0) : 0;
                const double away = std::hypot(px - t * dx, py - t * dy);
                double& c = cover[y * width + x];
                c = std::max(c, std::clamp(half - away + 0.5, 0.0, 1.0));
            }
    }
    template <class F>
    void multiply(const F& factor) {  // factor(x, y), both 0..1 across the page
        for (std::size_t y = 0; y < height; ++y)
            for (std::size_t x = 0; x < width; ++x)
                light[y * width + x] *=
                    factor((static_cast<double>(x) + 0.5) / static_cast<double>(width),
                           (static_cast<double>(y) + 0.5) / static_cast<double>(height));
    }
    void blur() {
        const std::vector<double> sharp = light;
        const auto at = [&](std::size_t x, std::size_t y) {
            return sharp[std::min(y, height - 1) * width + std::min(x, width - 1)];
        };
        for (std::size_t y = 1; y < height; ++y)
            for (std::size_t x = 1; x < width; ++x) {
                double sum = 0;
                for (std::size_t v = y - 1; v <= y + 1; ++v)
                    for (std::size_t u = x - 1; u <= x + 1; ++u) sum += at(u, v);
                light[y * width + x] = sum / 9;
            }
    }
    // Eight bits, with noise of this standard deviation (of a sum of four uniform numbers).
    Pixels pixels(Random& random, double noise) const {
        Pixels out{width, height, 1, {}};
        for (const double value : light) {
            const std::uint64_t bits = random.bits64();
            double sum = -2;
            for (int k = 0; k < 4; ++k)
                sum += static_cast<double>(bits >> (16 * k) & 0xFFFF) / 65536;
            const double seen = value + noise * sum / std::sqrt(1.0 / 3);
            out.bytes.push_back(
                static_cast<std::uint8_t>(std::lround(255 * std::clamp(seen, 0.0, 1.0))));
        }
        return out;
    }
};

// From the unit square to pixels, as a camera held askew sees it: the four corners move, and
// straight lines stay straight (a homography).
struct Camera {
    double width, height, turn, g, h;

    Camera(const Sheet& sheet, Random& random, double much)
        : width(static_cast<double>(sheet.width)), height(static_cast<double>(sheet.height)) {
        const auto either = [&] { return much * (2 * random.uniform() - 1); };
        turn = 0.14 * either(), g = 0.25 * either(), h = 0.25 * either();
    }
    Point operator()(Point p) const {
        const double x = p.x - 0.5, y = (p.y - 0.5) * height / width, w = 1 + g * x + h * y;
        const double u = (std::cos(turn) * x - std::sin(turn) * y) / w,
                     v = (std::sin(turn) * x + std::cos(turn) * y) / w;
        return {width * (0.5 + u), height / 2 + width * v};
    }
    std::vector<Chain> operator()(std::vector<Chain> lines) const {
        for (Chain& line : lines)
            for (Point& p : line) p = (*this)(p);
        return lines;
    }
};

inline std::vector<Chain> ruled(double distance, bool squared, double shape) {
    std::vector<Chain> lines;
    for (double at = -0.5; at < 1.5; at += distance) {
        lines.push_back({{-0.5, at}, {1.5, at}});
        if (squared) lines.push_back({{at * shape, -0.5}, {at * shape, 1.5}});
    }
    return lines;
}

// The digit as somebody writes it: each point a little off, and slanted as a whole.
inline std::vector<Chain> written(int digit, std::size_t hand, double size, double x, double y,
                                  double shape, Random& random) {
    std::vector<Chain> lines = hands(digit)[hand % hands(digit).size()];
    const double slant = 0.36 * random.uniform() - 0.12, narrow = 0.8 + 0.35 * random.uniform();
    // Slow waves rather than jitter: a hand does not tremble.
    const double phase = 6 * random.uniform(), wave = 0.012;
    for (Chain& line : lines)
        for (Point& p : line) {
            const double u =
                (p.x - 0.5) * narrow + slant * (0.5 - p.y) + wave * std::sin(7 * p.y + phase);
            const double v = p.y - 0.5 + wave * std::sin(6 * p.x + 2 * phase);
            p = {x + size * u * shape, y + size * v};
        }
    return lines;
}

inline void shade(Sheet& sheet, int kind, Random& random) {
    const double angle = 6.28 * random.uniform(), c = std::cos(angle), s = std::sin(angle);
    const double deep = 0.25 + 0.3 * random.uniform(), where = 0.3 * random.uniform() - 0.15;
    if (kind == 1)  // the light comes from one side
        sheet.multiply([&](double x, double y) {
            return 1 - deep * (0.5 + 0.7 * (c * (x - 0.5) + s * (y - 0.5)));
        });
    if (kind == 2)  // the shadow of a hand, its edge soft
        sheet.multiply([&](double x, double y) {
            return 1 - deep / (1 + std::exp(-(c * (x - 0.5) + s * (y - 0.5) - where) * 25));
        });
}

struct Page {
    std::string name;
    int digit = -1;  // -1: there is none
    Pixels pixels;
};

// Number 0 to 49 with nothing to disturb: black on white, seen straight from above.
inline Page plain_page(int number, std::size_t width, std::size_t height) {
    Random random(21, Stream::user, static_cast<std::uint64_t>(number));
    Sheet sheet(width, height, 1);
    const double shape = static_cast<double>(height) / static_cast<double>(width);
    Camera flat(sheet, random, 0);
    sheet.draw(flat(written(number % 10, static_cast<std::size_t>(number / 10), 0.6, 0.5, 0.5,
                            shape, random)),
               0.05 * static_cast<double>(height), 1);
    return {"plain", number % 10, sheet.pixels(random, 0)};
}

// Number 0 to 49: each digit in five hands, on blank, ruled and squared paper, in blue, black and
// grey ink.
inline Page page_with_digit(int number) {
    Random random(22, Stream::user, static_cast<std::uint64_t>(number));
    const int digit = number % 10, turn = number / 10;
    constexpr std::size_t kSizes[][2] = {
        {360, 480}, {480, 360}, {600, 600}, {420, 560}, {640, 500}};
    const auto& size = kSizes[(number * 7 + turn) % 5];
    Sheet sheet(size[0], size[1], 0.85 + 0.12 * random.uniform());
    const double shape = static_cast<double>(size[1]) / static_cast<double>(size[0]);
    const Camera camera(sheet, random, 1);
    const int paper = (number + turn) % 3;
    const double unit = static_cast<double>(std::min(size[0], size[1]));
    if (paper > 0)
        sheet.draw(camera(ruled(0.07 + 0.05 * random.uniform(), paper == 2, shape)),
                   std::max(1.0, unit * 0.004), 0.2 + 0.6 * random.uniform());
    const double high = 0.3 + 0.4 * random.uniform();
    const double x = 0.5 + 0.2 * (random.uniform() - 0.5), y = 0.5 + 0.2 * (random.uniform() - 0.5);
    // Pencil, blue and black ballpoint, felt pen: red, green and blue become grey.
    constexpr double kInk[] = {1 - (0.30 * 0.45 + 0.59 * 0.45 + 0.11 * 0.48),
                               1 - (0.30 * 0.12 + 0.59 * 0.25 + 0.11 * 0.65),
                               1 - (0.30 * 0.10 + 0.59 * 0.10 + 0.11 * 0.12),
                               1 - (0.30 * 0.05 + 0.59 * 0.10 + 0.11 * 0.45)};
    const std::size_t ink = static_cast<std::size_t>(number + turn) % 4;
    const double pen =
        high * static_cast<double>(size[1]) *
        (ink == 3 ? 0.08 + 0.05 * random.uniform() : 0.025 + 0.04 * random.uniform());
    sheet.draw(camera(written(digit, static_cast<std::size_t>(turn), high, x, y, shape, random)),
               std::max(2.0, pen), kInk[ink]);
    shade(sheet, (number + 2 * turn) % 3, random);
    if (number % 2 == 0) sheet.blur();
    const char* papers[] = {"blank", "ruled", "squared"};
    return {std::to_string(digit) + " in hand " + std::to_string(turn) + " on " + papers[paper] +
                " paper",
            digit, sheet.pixels(random, 0.01 + 0.03 * random.uniform())};
}

// Number 0 to 19: nothing that is a digit.
inline Page page_without_digit(int number) {
    Random random(23, Stream::user, static_cast<std::uint64_t>(number));
    Sheet sheet(480, 400, 0.93);
    const Camera camera(sheet, random, number % 2);
    double noise = 0.015;
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * random.uniform();
    };
    // Waves like joined-up writing, in lines.
    const auto writing = [&](int lines, double size, double from, double to) {
        for (int k = 0; k < lines; ++k) {
            Chain line;
            const double y = 0.5 + 0.16 * (k - (lines - 1) / 2.0);
            for (double x = from; x < to; x += 0.002)
                line.push_back({x + 0.012 * std::sin(x * 230),
                                y + size * std::sin(x * 170) * (0.6 + 0.4 * std::sin(x * 41 + k))});
            sheet.draw(camera({line}), 4, 0.8);
        }
    };
    const auto ring = [&](double x, double y, double r, double pen, double ink) {
        Chain line = arc(x, y, r, r * 1.2, 0, 360);
        sheet.draw(camera({line}), pen, ink);
    };
    std::string name;
    switch (number) {
        case 0:
            name = "a blank page, no noise", noise = 0;
            break;
        case 1:
            name = "a blank page";
            break;
        case 2:
            name = "ruled paper";
            sheet.draw(camera(ruled(0.09, false, 0.83)), 2, 0.4);
            break;
        case 3:
            name = "squared paper";
            sheet.draw(camera(ruled(0.08, true, 0.83)), 2, 0.35);
            break;
        case 4:
            name = "a soft shadow", shade(sheet, 2, random);
            break;
        case 5:
            name = "dark corners";
            sheet.multiply([](double x, double y) {
                return 1 - 0.9 * ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5));
            });
            break;
        case 6:
            name = "strong noise", noise = 0.2;
            break;
        case 7:
            name = "wood";
            sheet.multiply([](double x, double y) {
                return 0.6 + 0.2 * std::sin(90 * y + 5 * std::sin(4 * x)) +
                       0.1 * std::sin(31 * y + 9 * x);
            });
            break;
        case 8:
            name = "cloth";
            sheet.multiply([](double x, double y) {
                return 0.7 + 0.15 * std::sin(200 * x) + 0.15 * std::sin(170 * y);
            });
            break;
        case 9:
            name = "a coffee ring";
            ring(0.5, 0.5, 0.22, 14, 0.18), ring(0.51, 0.5, 0.225, 4, 0.12);
            break;
        case 10:
            name = "three lines of writing", writing(3, 0.04, 0.1, 0.9);
            break;
        case 11:
            name = "one word", writing(1, 0.06, 0.3, 0.7);
            break;
        case 12:
            name = "a blot";
            for (int k = 0; k < 6; ++k) {
                const double x = uniform(0.42, 0.58), y = uniform(0.42, 0.58);
                sheet.draw(camera({{{x, y}, {x + 0.02, y}}}), uniform(60, 90), 0.9);
            }
            break;
        case 13:
            name = "crumbs";
            for (int k = 0; k < 40; ++k) {
                const double x = uniform(0.05, 0.95), y = uniform(0.05, 0.95);
                sheet.draw(camera({{{x, y}, {x + 0.004, y}}}), uniform(2, 5), uniform(0.4, 0.9));
            }
            break;
        case 14:
            name = "a landscape";
            sheet.multiply([](double x, double y) {
                const double hill = 0.55 + 0.1 * std::sin(5 * x) + 0.05 * std::sin(17 * x);
                return y > hill ? 0.35 + 0.1 * std::sin(40 * x * y) : 0.95 - 0.3 * y;
            });
            break;
        case 15: {
            name = "a crossed-out word";
            Chain line;
            for (int k = 0; k < 26; ++k)
                line.push_back({0.35 + 0.3 * k / 26, k % 2 == 0 ? 0.35 : 0.65});
            sheet.draw(camera({line}), 5, 0.8);
            break;
        }
        case 16:
            name = "the number 472";
            for (int k = 0; k < 3; ++k)
                sheet.draw(camera(written(k == 0   ? 4
                                          : k == 1 ? 7
                                                   : 2,
                                          0, 0.35, 0.28 + 0.23 * k, 0.5, 0.83, random)),
                           6, 0.8);
            break;
        case 17:
            name = "a line from edge to edge";
            sheet.draw(camera({{{-0.3, 0.1}, {1.3, 0.95}}}), 6, 0.8);
            break;
        case 18:
            name = "a black square";
            sheet.draw(camera({{{0.5, 0.4}, {0.5, 0.6}},
                               {{0.42, 0.4}, {0.58, 0.4}},
                               {{0.42, 0.6}, {0.58, 0.6}}}),
                       70, 0.85);
            break;
        default:
            name = "a dash";
            sheet.draw(camera({{{0.3, 0.5}, {0.7, 0.52}}}), 8, 0.8);
    }
    return {name, -1, sheet.pixels(random, noise)};
}

}  // namespace gradus::photo_pages
