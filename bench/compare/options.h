// SPDX-License-Identifier: MIT
// The command line of ./gradus bench.
#pragma once

#include <string>
#include <vector>

namespace gradus::bench {

struct CompareOptions {
    std::vector<std::string> sections;  // in printing order, each name once
    int turns = 7;
    int threads = 0;  // 0: one per hardware thread
    bool quick = false;
    std::string json;      // a file that receives every sample; empty: none
    std::string roofline;  // a file for the picture of the section "profile"; empty: none
    std::string help;      // printed instead of measuring, unless empty
};

// Throws std::invalid_argument with a one-line message if it does not understand an argument.
CompareOptions parse_compare_options(int argc, const char* const* argv);

}  // namespace gradus::bench
