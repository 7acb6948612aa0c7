// SPDX-License-Identifier: MIT
#include "bench/compare/turns.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>

namespace gradus::bench {

std::vector<Samples> take_turns(const std::vector<Contender>& contenders, int turns, double pause,
                                const std::function<void(double part)>& tick) {
    std::vector<Samples> results;
    for (const Contender& c : contenders) results.push_back({c.name, c.work, {}});
    const std::size_t n = contenders.size();
    for (std::size_t turn = 0; turn < static_cast<std::size_t>(turns); ++turn) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t who = (turn + i) % n;
            tick(static_cast<double>(turn * n + i) / static_cast<double>(turns) /
                 static_cast<double>(n));
            std::this_thread::sleep_for(std::chrono::duration<double>(pause));
            results[who].seconds.push_back(contenders[who].turn());
        }
    }
    return results;
}

double seconds_of(const std::function<void()>& call) {
    const auto start = std::chrono::steady_clock::now();
    call();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::function<double()> repeated(std::function<void()> call, double at_least) {
    const auto many = [call](int n) {
        return seconds_of([&] {
            for (int i = 0; i < n; ++i) call();
        });
    };
    const auto calls = std::make_shared<int>(0);  // 0: not yet known
    return [many, calls, at_least] {
        if (*calls == 0) {
            *calls = 1;
            // The shortest of several tries: one that the system interrupted means nothing. A call
            // that is far longer than a turn needs no second opinion.
            double total = many(1);  // allocates memory, wakes threads
            for (int i = 0; i < 3 && total < 20 * at_least; ++i) total = std::min(total, many(1));
            while (total < at_least / 2 && *calls < 1 << 24) {
                *calls *= 2;
                total = std::min(many(*calls), many(*calls));
            }
            *calls *= std::clamp(static_cast<int>(std::ceil(at_least / total)), 1, 4);
        }
        return many(*calls) / *calls;
    };
}

double median(std::vector<double> x) {
    if (x.empty()) return std::numeric_limits<double>::quiet_NaN();
    std::sort(x.begin(), x.end());
    const std::size_t half = x.size() / 2;
    return x.size() % 2 ? x[half] : (x[half - 1] + x[half]) / 2;
}

double geometric_mean(const std::vector<double>& x) {
    double sum = 0;
    for (const double value : x) sum += std::log(value);
    return std::exp(sum / static_cast<double>(x.size()));  // 0 / 0 for none: NaN
}

double rate(const Samples& s) {
    return s.work / median(s.seconds);
}

double best_rate(const Samples& s) {
    if (s.seconds.empty()) return std::numeric_limits<double>::quiet_NaN();
    return s.work / *std::min_element(s.seconds.begin(), s.seconds.end());
}

double speed_ratio(const Samples& a, const Samples& b) {
    const double work = a.work > 0 && b.work > 0 ? a.work / b.work : 1;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(a.seconds.size(), b.seconds.size()); ++i)
        ratios.push_back(work * b.seconds[i] / a.seconds[i]);
    return median(ratios);
}

}  // namespace gradus::bench
