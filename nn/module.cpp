// SPDX-License-Identifier: MIT
#include "nn/module.h"

namespace gradus {
namespace {

thread_local TrainMode* current = nullptr;

}  // namespace

Variable Initialiser::normal(const Shape& shape, double deviation) {
    return parameter(
        Tensor::normal(shape, static_cast<Real>(deviation), seed_, Stream::init, next_++));
}

TrainMode::TrainMode(std::uint64_t seed, std::uint64_t step)
    : before_(current), seed_(seed), step_(step) {
    current = this;
}

TrainMode::~TrainMode() {
    current = before_;
}

bool TrainMode::active() {
    return current != nullptr;
}

std::uint64_t TrainMode::next_dropout_key() {
    const auto w = philox({current->calls_++, static_cast<std::uint32_t>(current->step_),
                           static_cast<std::uint32_t>(current->step_ >> 32),
                           static_cast<std::uint32_t>(Stream::dropout)},
                          current->seed_);
    return std::uint64_t{w[0]} << 32 | w[1];
}

}  // namespace gradus
