// SPDX-License-Identifier: MIT
// Three challenges for a GPT of one's own, each judged by the receipt of a run.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gradus::lessons {

struct Challenge {
    std::string title;
    std::string command;  // that ours took (lessons/BUILT.md says what is asked)
    std::string measure;  // what is counted: "nats per character above the floor"
    double record;        // ours, to beat
    bool more_is_better;
    int digits;  // after the decimal point

    // What the run of a receipt reached; nothing if it did not enter the challenge. `lines`: without
    // their checksums (lessons/mine/receipt.h).
    std::optional<double> (*score)(const std::vector<std::string>& lines);

    std::string number(double value) const;  // "0.0123"
    std::string shown(double value) const;   // "0.0123 nats per character above the floor"
    bool beaten_by(double value) const;
};

const std::vector<Challenge>& challenges();

// A sentence for each challenge that the run entered: what it reached, and whether that beats ours.
std::vector<std::string> judged(const std::vector<std::string>& lines);

}  // namespace gradus::lessons
