// SPDX-License-Identifier: MIT
// The parts of the comparison. Each plans jobs; run_plan() runs them one after another and
// estimates how long they will take. A new part is a function here and a line in sections().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/compare/display.h"
#include "bench/compare/options.h"
#include "bench/compare/report.h"
#include "bench/compare/turns.h"

namespace gradus::bench {

using Tick = std::function<void(double part)>;  // told how much of a job is done, 0 to 1

struct Job {
    std::string name;
    double seconds;  // a guess; once some jobs are done, only the proportions count
    std::function<void(const Tick&)> run;
};

// Shared by the jobs.
struct Comparison {
    CompareOptions options;
    int threads = 1;  // the most that are used
    Display display;
    Report report;

    // How long a contender works in one turn.
    double turn_seconds() const { return options.quick ? 0.008 : 0.025; }
};

using Plan = std::vector<Job>;

void plan_limits(Plan& plan, Comparison& comparison);
void plan_matmul(Plan& plan, Comparison& comparison);
void plan_step(Plan& plan, Comparison& comparison);
void plan_decode(Plan& plan, Comparison& comparison);
void plan_profile(Plan& plan, Comparison& comparison);
void plan_scaling(Plan& plan, Comparison& comparison);

struct Section {
    std::string name, about;
    void (*plan)(Plan&, Comparison&);
    bool by_default;
};

const std::vector<Section>& sections();

// Runs a plan. Progress is measured in the guessed seconds of all jobs.
void run_plan(const Plan& plan, Comparison& comparison);

// Calls set_threads(n) and starts the threads, so that starting them is not measured.
void use_threads(int n);

// Formats shared by several parts.
std::string milliseconds(double seconds);  // "0.412", "12.3", "1905"
std::string giga(double per_second);       // "0.71", "37.2", "198"
std::string percent(double part);          // "87 %"
std::string threads_text(int n);           // "1 thread", "2 threads"

}  // namespace gradus::bench
