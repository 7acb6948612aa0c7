// SPDX-License-Identifier: MIT
#include "nn/train/health.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace gradus {
namespace {

constexpr Index kWindow = 20;  // steps averaged over; no verdict before then
constexpr double kLeak = 0.85, kErrors = 5, kAbove = 0.3, kMoved = 0.9, kRisen = 1.02, kApart = 0.9,
                 kTwice = 2;
constexpr double kRounding = 1e-5;  // of a mean in float, where every document costs the same

}  // namespace

std::string name(Health::Kind kind) {
    switch (kind) {
        case Health::Kind::starting:
            return "starting";
        case Health::Kind::normal:
            return "normal";
        case Health::Kind::slow:
            return "slow";
        case Health::Kind::diverging:
            return "diverging";
        case Health::Kind::leak:
            return "leak";
        case Health::Kind::overfitting:
            break;
    }
    return "overfitting";
}

HealthMonitor::HealthMonitor(double uniform_baseline, double floor, Index steps,
                             std::vector<BandPoint> band, bool trained)
    : uniform_baseline_(trained ? -1 : uniform_baseline),
      floor_(floor),
      steps_(steps),
      band_(std::move(band)),
      trained_(trained) {}

void HealthMonitor::step(double loss) {
    ++seen_;
    smooth_ += (loss - smooth_) / static_cast<double>(std::min(seen_, kWindow));
    if (seen_ == 1) first_ = loss;
    for (const BandPoint& point : band_)
        if (point.step == seen_) pass(point);
}

// The finding holds until the next point; in between there is nothing to compare with.
void HealthMonitor::pass(const BandPoint& at) {
    passed_ = {Health::Kind::normal, "normal"};
    if (smooth_ > at.high)
        passed_ = {Health::Kind::slow,
                   fmt::format("slower than expected: {:.3f} at step {}, normal is below {:.3f} "
                               "(./gradus test)",
                               smooth_, at.step, at.high)};
    if (smooth_ < at.low)
        passed_ = {Health::Kind::leak,
                   fmt::format("faster than expected: {:.3f} at step {}, normal is above {:.3f} (a "
                               "leak?)",
                               smooth_, at.step, at.low)};
}

void HealthMonitor::validated(double loss, double standard_error) {
    rises_ = validation_ >= 0 && loss > validation_ ? rises_ + 1 : 0;
    validation_ = loss;
    below_floor_ = loss + kErrors * standard_error + kRounding < floor_;
    best_ = best_ < 0 ? loss : std::min(best_, loss);
}

Health HealthMonitor::verdict() const {
    if (seen_ < kWindow) return {};
    if (floor_ > 0 && (below_floor_ || smooth_ < kLeak * floor_))
        return {Health::Kind::leak,
                fmt::format("below the floor {:.3f}: a leak, the model sees what it should predict",
                            floor_)};
    if (uniform_baseline_ >= 0 && smooth_ > uniform_baseline_ + kAbove)
        return {Health::Kind::diverging,
                fmt::format("diverging: {:.2f} is worse than the uniform baseline {:.2f}; learning "
                            "rate too high? (--lr)",
                            smooth_, uniform_baseline_)};
    if (uniform_baseline_ < 0 && smooth_ > kTwice * first_)
        return {
            Health::Kind::diverging,
            fmt::format("diverging: the loss was {:.3g} at first and is now {:.3g}; learning rate "
                        "too high?",
                        first_, smooth_)};
    if (passed_.alarm()) return passed_;
    const double start = uniform_baseline_ >= 0 ? uniform_baseline_ : first_;
    if (!trained_ && seen_ >= std::max<Index>(100, steps_ / 5) && smooth_ > kMoved * start)
        return {
            Health::Kind::slow,
            fmt::format("slower than expected: hardly moved in {} steps (another learning rate?)",
                        seen_)};
    if (rises_ >= 2 && validation_ > kRisen * best_ && smooth_ < kApart * validation_)
        return {
            Health::Kind::overfitting,
            fmt::format("overfitting: validation has risen to {:.3f}, training is at {:.3f} (more "
                        "data, a smaller model or dropout)",
                        validation_, smooth_)};
    return {Health::Kind::normal, "normal"};
}

}  // namespace gradus
