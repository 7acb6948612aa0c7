// SPDX-License-Identifier: MIT
// All measurements, as a machine-readable file.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/compare/turns.h"

namespace gradus::bench {

struct Row {
    std::string section, name;
    int threads = 1;
    std::vector<Samples> series;            // seconds per call, one per turn
    std::map<std::string, double> figures;  // those in the table, and more
};

struct Report {
    std::vector<std::pair<std::string, std::string>> machine;
    std::map<std::string, std::string> peers;  // name -> version, or why it is missing
    int turns = 0;
    std::vector<Row> rows;
    std::map<std::string, double> summary;
};

// {"machine": {...}, "peers": {...}, "turns": 7, "rows": [{"section", "name", "threads",
// "series": {"ours": {"seconds": [...], "median", "work"}, ...}, "figures": {...}}],
// "summary": {...}}. NaN is written as null.
std::string json_text(const Report& report);

}  // namespace gradus::bench
