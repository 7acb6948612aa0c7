// SPDX-License-Identifier: MIT
// Optimisers for all parameters of a model, and the gradient norm for clipping.
#pragma once

#include <cmath>
#include <vector>

#include "nn/config.h"
#include "nn/module.h"

namespace gradus {

// The Euclidean norm of all gradients taken as one vector, which clipping compares with its limit.
double gradient_norm(const std::vector<NamedParameter>& parameters);

// Stochastic gradient descent, optionally with momentum.
class Sgd {
 public:
    explicit Sgd(std::vector<NamedParameter> parameters, Real momentum = 0);
    void step(Real lr);
    void zero_grad();

 private:
    std::vector<NamedParameter> parameters_;
    std::vector<Tensor> velocity_;
    Real momentum_;
};

struct AdamWOptions {
    Real beta1 = Real(0.9), beta2 = Real(0.999), eps = Real(1e-8);
    // Weight decay of matrices and embeddings; vectors (biases and the weights of norms) never
    // decay, as in GPT-2's training.
    Real decay = 0;

    bool operator==(const AdamWOptions&) const = default;
    void fields(auto&& visit) {
        visit("beta1", beta1, About{.help = "Decay rate of AdamW's first moment"});
        visit("beta2", beta2, About{.help = "Decay rate of AdamW's second moment"});
        visit("eps", eps, About{.help = "Added to the square root of AdamW's second moment"});
        visit("decay", decay, About{.help = "Weight decay of matrices and embeddings"});
    }
};

// The size of a step: the sums of squares of all weights and of their changes.
struct UpdateSize {
    double weights = 0, change = 0;
    double ratio() const { return std::sqrt(change / weights); }  // |change| / |weights|
};

// AdamW (Loshchilov, Hutter 2019, arXiv:1711.05101, algorithm 2).
class AdamW {
 public:
    explicit AdamW(std::vector<NamedParameter> parameters, const AdamWOptions& options = {});

    // One step; gradients are multiplied by grad_scale first (for clipping: min(1, limit / norm)).
    // Adds this step's sums to `size`, if given, at the cost of copying one parameter at a time.
    void step(Real lr, Real grad_scale = 1, UpdateSize* size = nullptr);
    void zero_grad();

    Index steps() const { return steps_; }
    const std::vector<NamedParameter>& parameters() const { return parameters_; }
    // The first and second moments, named "NAME.m" and "NAME.v". They must be saved for training to
    // resume exactly.
    std::vector<NamedParameter> state() const;
    void set_steps(Index steps) { steps_ = steps; }

 private:
    std::vector<NamedParameter> parameters_;
    std::vector<Tensor> m_, v_;
    AdamWOptions options_;
    Index steps_ = 0;
};

}  // namespace gradus
