// SPDX-License-Identifier: MIT
// Lesson 22, given: what training is made of, and an optimiser that takes your step of lesson 11.
#pragma once

#include <functional>
#include <numbers>
#include <vector>

#include "autograd/cross_entropy.h"
#include "lessons/13-embedding/given.h"
#include "lessons/learn.h"
#include "nn/train/optimiser.h"

namespace gradus::lessons {

// Tokens (B, T) -> scores of the next token at each place (B, T, V).
using Model = std::function<Variable(const Tokens& ids)>;

// The examples of each step, counted from 0.
using Batches = std::function<Examples(Index step)>;

// The learning rate over time: up to lr in the steps of the warm-up, then down to min_lr.
struct RateSchedule {
    Index steps;    // of the whole training, those of the warm-up included
    Index warmup;   // steps of the warm-up; fewer than steps
    double lr;      // the highest rate
    double min_lr;  // the lowest rate after the warm-up
};

// AdamW for a list of parameters: takes your adamw_step of lesson 11, or the library's.
class YourAdamW {
 public:
    explicit YourAdamW(const std::vector<NamedParameter>& parameters, double decay = 0.1)
        : adamw_(parameters, {.beta2 = Real(0.99), .decay = Real(decay)}) {
        for (const auto& p : parameters) variables_.push_back(p.variable);
    }
    const std::vector<Variable>& parameters() const { return variables_; }
    void zero_grad() { adamw_.zero_grad(); }                      // all gradients are zero
    void step(double lr) { adamw_.step(static_cast<Real>(lr)); }  // moves all parameters

 private:
    std::vector<Variable> variables_;
    AdamW adamw_;
};

}  // namespace gradus::lessons

using gradus::cross_entropy;
using gradus::lessons::Batches;
using gradus::lessons::Model;
using gradus::lessons::RateSchedule;
using gradus::lessons::YourAdamW;
