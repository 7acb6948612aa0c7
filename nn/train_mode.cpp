// SPDX-License-Identifier: MIT
#include "nn/train_mode.h"

#include <algorithm>

#include "tensor/random.h"

namespace gradus {
namespace {

thread_local TrainMode* current = nullptr;

}  // namespace

TrainMode::TrainMode(std::uint64_t seed, std::uint64_t step, bool recompute)
    : before_(current), seed_(seed), step_(step), recompute_(recompute) {
    current = this;
}

TrainMode::~TrainMode() {
    current = before_;
}

bool TrainMode::active() {
    return current != nullptr;
}

bool TrainMode::recomputes() {
    return current != nullptr && current->recompute_;
}

TrainMode::Place TrainMode::place() {
    return current ? Place{true, current->seed_, current->step_, current->calls_} : Place{};
}

TrainMode::Replay::Replay(const Place& place) {
    if (!place.active) return;
    if (current && current->seed_ == place.seed && current->step_ == place.step) outer_ = current;
    mode_.emplace(place.seed, place.step);
    mode_->calls_ = place.calls;
}

TrainMode::Replay::~Replay() {
    if (outer_) outer_->calls_ = std::max(outer_->calls_, mode_->calls_);
}

std::uint64_t TrainMode::next_dropout_key() {
    const auto w = philox({current->calls_++, static_cast<std::uint32_t>(current->step_),
                           static_cast<std::uint32_t>(current->step_ >> 32),
                           static_cast<std::uint32_t>(Stream::dropout)},
                          current->seed_);
    return std::uint64_t{w[0]} << 32 | w[1];
}

}  // namespace gradus
