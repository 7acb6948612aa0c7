// SPDX-License-Identifier: MIT
// Ruled and squared paper. A camera shows a straight line as a straight line, however it is held,
// so the lines are found by voting (Hough 1962, with slope and height as parameters, which suits
// lines that are nearly level; Duda, Hart 1972).
#include <algorithm>
#include <cmath>

#include "nn/data/photo_ink_parts.h"

namespace gradus {
namespace {

constexpr double kSteepest = 0.25;  // 14 degrees
constexpr int kMostLines = 80;

// The thin pixels of nearly level lines.
class Rules {
 public:
    Rules(Channel& ink, double threshold)
        : ink_(ink),
          wide_(static_cast<long>(ink.width)),
          high_(static_cast<long>(ink.height)),
          // Neighbouring slopes differ by one pixel at the edges.
          slopes_(static_cast<long>(kSteepest * static_cast<double>(wide_)) * 2 + 1),
          offset_(static_cast<long>(kSteepest * static_cast<double>(wide_) / 2) + 2),
          heights_(high_ + 2 * offset_),
          runs_(ink.values.size()),
          votes_(static_cast<std::size_t>(slopes_ * heights_)) {
        // A ruled line is a third of a millimetre on a page of 10 cm or more: at most 3 of 600
        // pixels, and as many again from smoothing.
        const long thickest = std::max<long>(6, std::max(wide_, high_) / 80);
        std::vector<Pixel> thin;
        for (long x = 0; x < wide_; ++x)
            for (long begin = 0, end; begin < high_; begin = end + 1) {
                for (end = begin; end < high_ && value(x, end) > threshold;) ++end;
                if (end - begin > thickest) continue;
                for (long y = begin; y < end; ++y) {
                    runs_[index(x, y)] = static_cast<unsigned char>(end - begin);
                    thin.push_back({x, y});
                }
            }
        vote(thin, 1);
    }

    int remove() {
        int removed = 0;
        for (int tries = 0; tries < 4 * kMostLines && removed < kMostLines; ++tries) {
            const auto most = std::max_element(votes_.begin(), votes_.end());
            if (*most < wide_ / 3) break;
            const long at = most - votes_.begin();
            const long slope = at / heights_, height = at % heights_ - offset_;
            if (is_rule(slope, height)) {
                erase(slope, height);
                ++removed;
            }
            // A second look at the same place would see the same.
            for (long h = height - 1; h <= height + 1; ++h)
                if (h + offset_ >= 0 && h + offset_ < heights_)
                    votes_[static_cast<std::size_t>(slope * heights_ + h + offset_)] = 0;
        }
        return removed;
    }

 private:
    struct Pixel {
        long x, y;
    };

    float value(long x, long y) const { return ink_.values[index(x, y)]; }
    std::size_t index(long x, long y) const { return static_cast<std::size_t>(y * wide_ + x); }
    // How far below its height in the middle of the page the line is at x.
    long drop(long slope, long x) const {
        const double part = static_cast<double>(slope) / static_cast<double>(slopes_ - 1) * 2 - 1;
        return std::lround(kSteepest * part * static_cast<double>(x - wide_ / 2));
    }
    void vote(const std::vector<Pixel>& pixels, int count) {
        std::vector<long> drops(ink_.width);
        for (long slope = 0; slope < slopes_; ++slope) {
            for (long x = 0; x < wide_; ++x)
                drops[static_cast<std::size_t>(x)] = drop(slope, x) - offset_;
            int* votes = &votes_[static_cast<std::size_t>(slope * heights_)];
            for (const Pixel& p : pixels)
                votes[p.y - drops[static_cast<std::size_t>(p.x)]] += count;
        }
    }
    // A thin pixel of column x on the line, or next to it; -1: none.
    long thin_pixel(long slope, long height, long x) const {
        for (const long away : {0, -1, 1}) {
            const long y = height + drop(slope, x) + away;
            if (y >= 0 && y < high_ && runs_[index(x, y)] > 0) return y;
        }
        return -1;
    }

    bool is_rule(long slope, long height) const {
        const long margin = std::max<long>(3, wide_ / 12);
        long all = 0, left = 0, right = 0;
        for (long x = 0; x < wide_; ++x) {
            const bool there = thin_pixel(slope, height, x) >= 0;
            all += there;
            left += there && x < margin;
            right += there && x >= wide_ - margin;
        }
        return 4 * all >= 3 * wide_ ||
               (2 * all >= wide_ && 2 * left >= margin && 2 * right >= margin);
    }

    void erase(long slope, long height) {
        std::vector<unsigned char> runs;
        for (long x = 0; x < wide_; ++x)
            if (const long y = thin_pixel(slope, height, x); y >= 0)
                runs.push_back(runs_[index(x, y)]);
        std::nth_element(runs.begin(), runs.begin() + static_cast<long>(runs.size()) / 2,
                         runs.end());
        const int usual = runs[runs.size() / 2], thickest = usual + usual / 2 + 1;
        std::vector<Pixel> gone;
        for (long x = 0; x < wide_; ++x) {
            const long middle = thin_pixel(slope, height, x);
            if (middle < 0 || runs_[index(x, middle)] > thickest) continue;
            // The whole run, and the pale pixels at its edges.
            for (long y = std::max<long>(0, middle - usual - 1);
                 y <= std::min(high_ - 1, middle + usual + 1); ++y) {
                ink_.values[index(x, y)] = 0;
                if (runs_[index(x, y)] > 0) gone.push_back({x, y});
                runs_[index(x, y)] = 0;
            }
        }
        vote(gone, -1);
    }

    Channel& ink_;
    long wide_, high_, slopes_, offset_, heights_;
    std::vector<unsigned char> runs_;  // of a thin pixel, the height of its dark run; otherwise 0
    std::vector<int> votes_;           // [slope][height in the middle of the page + offset_]
};

}  // namespace

int remove_rules(Channel& ink, double threshold) {
    int removed = Rules(ink, threshold).remove();
    Channel upright(ink.height, ink.width);
    for (std::size_t y = 0; y < ink.height; ++y)
        for (std::size_t x = 0; x < ink.width; ++x) upright.at(y, x) = ink.at(x, y);
    removed += Rules(upright, threshold).remove();
    for (std::size_t y = 0; y < ink.height; ++y)
        for (std::size_t x = 0; x < ink.width; ++x) ink.at(x, y) = upright.at(y, x);
    return removed;
}

}  // namespace gradus
