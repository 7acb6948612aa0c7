// SPDX-License-Identifier: MIT
#include "nn/train/muon.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/elementwise.h"
#include "tensor/matmul.h"
#include "tensor/reduce.h"

namespace gradus {
namespace {

// An iteration takes a singular value s to a s + b s^3 + c s^5. These coefficients (Jordan et al.)
// make small values grow fastest, by a = 3.44 an iteration, and are content with values near 1.
constexpr Real kA = Real(3.4445), kB = Real(-4.7750), kC = Real(2.0315);
constexpr int kIterations = 5;

}  // namespace

Tensor newton_schulz(const Tensor& g) {
    require(g.shape().rank() == 2, "newton_schulz: needs a matrix, got {}", g.shape());
    const double norm = std::sqrt(sum_squares(g));
    if (!(norm > static_cast<double>(std::numeric_limits<Real>::min()))) return Tensor(g.shape());
    const bool tall = g.size(0) > g.size(1);  // X X^T is then larger than X^T X
    Tensor x = static_cast<Real>(1 / norm) * (tall ? transpose_forward(g) : g);
    for (int i = 0; i < kIterations; ++i) {
        const Tensor a = matmul_forward(x, x, Transpose::yes);
        const Tensor b = kC * matmul_forward(a, a);
        add_scaled(b, a, kB);
        const Tensor next = matmul_forward(b, x);
        add_scaled(next, x, kA);
        x = next;
    }
    return tall ? transpose_forward(x) : x;
}

bool is_hidden_matrix(const NamedParameter& parameter) {
    return parameter.variable.shape().rank() == 2 &&
           parameter.name.find("block.") != std::string::npos;
}

Muon::Muon(std::vector<NamedParameter> all, const MuonOptions& options,
           const ParameterGroups& groups)
    : AdamW(std::move(all), options.adamw, groups,
            [&](const NamedParameter& p) { return !options.hidden(p); }),
      momentum_(options.momentum),
      hidden_(options.hidden) {
    bool found = false;
    for (const auto& p : parameters()) {
        if (!hidden_(p)) continue;
        found = true;
        require(p.variable.shape().rank() == 2, "muon: {} {} is not a matrix", p.name,
                p.variable.shape());
    }
    require(found,
            "muon: none of {} parameters is a hidden matrix (rank 2, \"block.\" in its name)",
            parameters().size());
    remember("velocity", hidden_);
}

void Muon::update(const Update& u) {
    if (!hidden_(u.parameter)) return AdamW::update(u);
    const Tensor g = u.grad_scale * u.g, velocity = u.state[0];
    velocity.copy_from(momentum_ * velocity + g);
    const Tensor direction = newton_schulz(g + momentum_ * velocity);
    const auto longer = static_cast<Real>(std::max(u.w.size(0), u.w.size(1)));
    add_scaled(u.w, u.w, -u.lr * u.decay);
    add_scaled(u.w, direction, -u.lr * Real(0.2) * std::sqrt(longer));
}

}  // namespace gradus
