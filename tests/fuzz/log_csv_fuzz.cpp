// SPDX-License-Identifier: MIT
// The log of a run that is resumed.
#include "nn/run/log.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader log_csv_reader(
    "log_csv",
    [](std::string_view text) {
        fuzz::file("log.csv", text);
        const RunLog log(fuzz::folder(), 1000);
        for (const LogRow& row : log.rows()) fuzz::check(row.step <= 1000, "a later row");
        const std::string again = log_csv(log.rows());
        fuzz::file("log.csv", again);
        fuzz::check(log_csv(RunLog(fuzz::folder(), 1000).rows()) == again, "log_csv");
    },
    {log_csv({{.step = 1, .loss = 3.5, .val = 2, .elapsed = 1e-3}, {.step = 2, .lr = 1e-4}}),
     "step\n1,2,,,,,,\n"});
