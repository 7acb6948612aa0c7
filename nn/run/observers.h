// SPDX-License-Identifier: MIT
// All observers of one run. What they do is never worth the run: whatever one of them throws is
// caught here and becomes a warning, once, and the run continues without it.
#pragma once

#include <fmt/core.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "nn/run/observer.h"

namespace gradus {

class Observers {
 public:
    void add(std::shared_ptr<Observer> observer) { list_.push_back(std::move(observer)); }

    // Calls event(observer) for all; one that fails is dropped.
    template <class Event>
    void each(const Event& event) {
        std::erase_if(list_, [&](const auto& o) { return !watch([&] { event(*o); }); });
    }
    // The same; then shows the warnings so far.
    template <class Event>
    void tell(const Event& event) {
        each(event);
        for (; said_ < warnings_.size(); ++said_) {
            const std::string line = warnings_[said_];
            for (const auto& o : list_) watch([&] { o->note(line); });
        }
    }
    void note(const std::string& line) {
        tell([&](Observer& o) { o.note(line); });
    }

    // To be shown by the next tell().
    void warn(const std::string& line) { warnings_.push_back("warning: " + line); }

    // Runs something that the run can do without; false if it threw.
    template <class F>
    bool watch(const F& f) {
        try {
            f();
            return true;
        } catch (const std::exception& error) {
            warn(fmt::format("{}; continuing without it", error.what()));
            return false;
        }
    }

 private:
    std::vector<std::shared_ptr<Observer>> list_;
    std::vector<std::string> warnings_;
    std::size_t said_ = 0;  // warnings shown so far
};

}  // namespace gradus
