// SPDX-License-Identifier: MIT
// Train mode: whether dropout is active, what it drops, and whether activations are kept.
#pragma once

#include <cstdint>
#include <optional>

namespace gradus {

// Train mode: while an object of this class exists, dropout is active on this thread. The elements
// dropped depend only on the seed, the step and the order of the calls, so a step can be repeated
// exactly. Outside train mode, as in evaluation, dropout does nothing.
class TrainMode {
 public:
    // recompute: models may drop the activations of their blocks and compute them again in backward.
    TrainMode(std::uint64_t seed, std::uint64_t step, bool recompute = false);
    ~TrainMode();
    TrainMode(const TrainMode&) = delete;
    TrainMode& operator=(const TrainMode&) = delete;

    static bool active();
    static bool recomputes();
    static std::uint64_t next_dropout_key();  // requires active()

    // A place in the sequence of dropout keys, to which a Replay goes back.
    struct Place {
        bool active = false;
        std::uint64_t seed = 0, step = 0;
        std::uint32_t calls = 0;
    };
    static Place place();
    class Replay;

 private:
    TrainMode* before_;
    std::uint64_t seed_, step_;
    std::uint32_t calls_ = 0;
    bool recompute_;
};

// While one exists, dropout repeats the keys that it drew from that place on, even if train mode has
// ended since. Afterwards it goes on where it was, or after them if they were new.
class TrainMode::Replay {
 public:
    explicit Replay(const Place& place);
    ~Replay();
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

 private:
    std::optional<TrainMode> mode_;  // as it was at that place
    TrainMode* outer_ = nullptr;     // goes on afterwards
};

}  // namespace gradus
