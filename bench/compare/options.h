// SPDX-License-Identifier: MIT
// The command line of ./gradus bench.
#pragma once

#include <string>
#include <vector>

namespace gradus::bench {

struct CompareOptions {
    std::vector<std::string> sections;  // in printing order, each name once
    int turns = 7;
    int threads = 0;  // 0: all processors
    bool quick = false;
    std::string json;      // a file for every sample; empty: none
    std::string roofline;  // a file for the picture of the part profile; empty: none
    std::string help;      // not empty: what to print instead of measuring
};

// Throws std::invalid_argument with a one-line message for anything it does not understand.
CompareOptions parse_compare_options(int argc, const char* const* argv);

}  // namespace gradus::bench
