// SPDX-License-Identifier: MIT
// The sections of the comparison. Each plans jobs; run_plan() runs them one after another and
// estimates the time remaining. A new section needs a function here and a line in sections().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/compare/display.h"
#include "bench/compare/options.h"
#include "bench/compare/report.h"
#include "bench/compare/turns.h"

namespace gradus::bench {

using Tick = std::function<void(double part)>;  // called with the fraction of a job done, 0 to 1

struct Job {
    std::string name;
    double seconds;  // an estimate; once some jobs are done, only the proportions count
    std::function<void(const Tick&)> run;
};

// Shared by the jobs.
struct Comparison {
    CompareOptions options;
    int threads = 1;  // the most that any job uses
    Display display;
    Report report;

    // How long one turn of a contender takes, at least.
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

// Runs a plan. Each job's estimated duration is its weight in the progress shown.
void run_plan(const Plan& plan, Comparison& comparison);

// Calls set_threads(n) and starts the threads, so that starting them is not measured.
void use_threads(int n);

// Formats shared by several sections.
std::string milliseconds(double seconds);  // "0.412", "12.3", "1905"
std::string giga(double per_second);       // "0.71", "37.2", "198"
std::string percent(double part);          // "87 %"
std::string threads_text(int n);           // "1 thread", "2 threads"

}  // namespace gradus::bench
