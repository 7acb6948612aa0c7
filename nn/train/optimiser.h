// SPDX-License-Identifier: MIT
// Optimisers for all parameters of a model, and the gradient norm for clipping. A new optimiser is
// one class, which updates one parameter at a time:
//
//     struct NormalisedSgd : Optimiser {  // each parameter moves by the length lr
//         using Optimiser::Optimiser;
//         void update(const Update& u) override {
//             add_scaled(u.w, u.g, -u.lr / static_cast<Real>(std::sqrt(sum_squares(u.g))));
//         }
//     };
//     Trainer trainer(std::make_unique<NormalisedSgd>(named_parameters(model)), options, loss);
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "nn/config.h"
#include "nn/train/parameter_group.h"

namespace gradus {

// The Euclidean norm of all gradients taken as one vector, which clipping compares with its limit.
double gradient_norm(const std::vector<NamedParameter>& parameters);

// The size of a step: the sums of squares of all trained weights and of their changes.
struct UpdateSize {
    double weights = 0, change = 0;
    double ratio() const { return std::sqrt(change / weights); }  // |change| / |weights|
};

class Optimiser {
 public:
    // decay: the weight decay of matrices and embeddings that no group gives another one. Throws
    // std::invalid_argument if a learning-rate factor or a decay is negative or not finite.
    explicit Optimiser(std::vector<NamedParameter> parameters, Real decay = 0,
                       const ParameterGroups& groups = {});
    virtual ~Optimiser() = default;

    // One step; gradients are multiplied by grad_scale first (for clipping: min(1, limit / norm)).
    // Adds this step's sums to `size`, if given, at the cost of copying one parameter at a time.
    // Frozen parameters and those without a gradient stay as they are.
    void step(Real lr, Real grad_scale = 1, UpdateSize* size = nullptr);
    void zero_grad();

    const std::vector<NamedParameter>& parameters() const { return parameters_; }
    // What is remembered from step to step, named "NAME.m", "NAME.v", ... It must be saved, together
    // with the number of steps, for training to resume exactly.
    std::vector<NamedParameter> state() const;
    Index steps() const { return steps_; }
    void set_steps(Index steps) { steps_ = steps; }

 protected:
    struct Update {  // of one parameter, in one step
        const NamedParameter& parameter;
        Tensor w, g;                       // its value, to be updated, and its gradient
        const std::vector<Tensor>& state;  // in the order of the calls of remember()
        Real lr, decay, grad_scale;        // g is to be multiplied by grad_scale
        Index step;                        // counts from 1
    };
    virtual void update(const Update& u) = 0;

    // For constructors: adds a tensor of zeros, with the shape of the parameter and the name
    // "PARAMETER.NAME", to the state of every parameter that `which` selects (empty: of all).
    // Frozen parameters have no state.
    void remember(const std::string& name, const ParameterPredicate& which = {});

 private:
    struct Slot {
        ParameterSettings settings;
        bool frozen;
        std::vector<std::string> names = {};
        std::vector<Tensor> state = {};
    };
    std::vector<NamedParameter> parameters_;
    std::vector<Slot> slots_;  // one per parameter
    Index steps_ = 0;
};

// Stochastic gradient descent, optionally with momentum and with decoupled weight decay (Loshchilov,
// Hutter 2019, algorithm 1).
class Sgd : public Optimiser {
 public:
    explicit Sgd(std::vector<NamedParameter> parameters, Real momentum = 0, Real decay = 0,
                 const ParameterGroups& groups = {});

 private:
    void update(const Update& u) override;
    Real momentum_;
};

struct AdamWOptions {
    Real beta1 = Real(0.9), beta2 = Real(0.999), eps = Real(1e-8);
    Real decay = 0;

    bool operator==(const AdamWOptions&) const = default;
    void fields(auto&& visit) {
        visit(
            "beta1", beta1,
            About{
                .help =
                    "Decay rate of AdamW's first moment; with Lion, the moment's share in a step"});
        visit("beta2", beta2,
              About{.help = "Decay rate of AdamW's second moment; with Lion, of its only moment"});
        visit("eps", eps, About{.help = "Added to the square root of AdamW's second moment"});
        visit("decay", decay, About{.help = "Weight decay of matrices and embeddings"});
    }
};

// AdamW (Loshchilov, Hutter 2019, arXiv:1711.05101, algorithm 2).
class AdamW : public Optimiser {
 public:
    explicit AdamW(std::vector<NamedParameter> parameters, const AdamWOptions& options = {},
                   const ParameterGroups& groups = {});

 protected:
    // With moments only for the parameters that `which` selects (empty: for all).
    AdamW(std::vector<NamedParameter> parameters, const AdamWOptions& options,
          const ParameterGroups& groups, const ParameterPredicate& which);
    void update(const Update& u) override;

 private:
    AdamWOptions options_;
};

}  // namespace gradus
