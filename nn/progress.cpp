// SPDX-License-Identifier: MIT
#include "nn/progress.h"

#include <utility>

namespace gradus {
namespace {
thread_local Progress* listening = nullptr;
}  // namespace

Progress::Progress(std::function<void(double)> listener)
    : listener_(std::move(listener)), outer_(std::exchange(listening, this)) {}

Progress::Progress(double begin, double end)
    : Progress([=, outer = listening](double done) {
          if (outer) outer->listener_(begin + done * (end - begin));
      }) {}

Progress::~Progress() {
    listening = outer_;
}

void Progress::report(double done) {
    if (listening) listening->listener_(done);
}

}  // namespace gradus
