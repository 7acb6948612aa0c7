// SPDX-License-Identifier: MIT
// How to compare two programs on a machine that is never quite idle: in turns, so that a slow
// moment hits both, and by medians, so that one bad turn does not matter.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace gradus::bench {

// One of the programs compared. `turn` works for a while and returns seconds per call; `work` is
// the amount of work per call, in floating-point operations or bytes (0: not counted).
struct Contender {
    std::string name;
    double work = 0;
    std::function<double()> turn;
};

// The results: seconds per call, one value per turn.
struct Samples {
    std::string name;
    double work = 0;
    std::vector<double> seconds;
};

// Runs `turns` rounds, in each of which every contender takes one turn; each round starts with a
// different contender. Pauses for `pause` seconds before each turn, because the threads of the
// previous contender may spin for a while in the hope of more work. Calls tick(part) with the
// fraction of the turns done, 0 to 1.
std::vector<Samples> take_turns(const std::vector<Contender>& contenders, int turns, double pause,
                                const std::function<void(double part)>& tick);

// A turn that runs `call` enough times to last about `at_least` seconds. The first turn begins with
// extra calls, left out of the result, that warm up and determine how many are enough.
std::function<double()> repeated(std::function<void()> call, double at_least);

double seconds_of(const std::function<void()>& call);

double median(std::vector<double> x);  // NaN if x is empty
double geometric_mean(const std::vector<double>& x);

double rate(const Samples& s);  // work per second, median
double best_rate(
    const Samples& s);  // of the fastest turn: for hardware limits, as noise only slows
// The speed of a divided by that of b: the median, over the rounds, of b's time divided by a's, per
// unit of work if both count it. The two times in one round were taken under the same conditions,
// so this is steadier than the ratio of the medians.
double speed_ratio(const Samples& a, const Samples& b);

}  // namespace gradus::bench
