// SPDX-License-Identifier: MIT
// How to compare two programs on a machine that is never quite idle: in turns, so that a slow
// moment hits both, and by medians, so that one bad turn changes nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace gradus::bench {

// One of the programs compared. `turn` works for a while and returns seconds per call; `work` is
// what a call does, in floating-point operations or bytes (0: not counted).
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

// Runs every contender once per turn, starting each turn with the next one. There is a pause of
// `pause` seconds before each run: the threads of the previous contender may spin for a while in
// the hope of more work. `tick(part)` is told what fraction of the turns is done, 0 to 1.
std::vector<Samples> take_turns(const std::vector<Contender>& contenders, int turns, double pause,
                                const std::function<void(double part)>& tick);

// A turn that calls `call` often enough to last `at_least` seconds. The first call is a warm-up and
// is ignored.
std::function<double()> repeated(std::function<void()> call, double at_least);

double seconds_of(const std::function<void()>& call);

double median(std::vector<double> x);  // NaN if there are none
double geometric_mean(const std::vector<double>& x);

double rate(const Samples& s);       // work per second, median
double best_rate(const Samples& s);  // of the fastest turn: for limits, which nothing exceeds
// How many times faster a is than b: the median over the turns of b's time / a's, each per unit of
// work if both count it. The two times of one turn were taken under the same conditions, so
// this is steadier than the ratio of the medians.
double speed_ratio(const Samples& a, const Samples& b);

}  // namespace gradus::bench
