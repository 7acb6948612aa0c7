// SPDX-License-Identifier: MIT
// The library's norm may have no bias; the learner's gets one of zeros, and room for its gradient.
#include "lessons/check/parallel.h"
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_19 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().layer_norm_forward = [](Real* y, Real* mean, Real* rstd, const Real* x, const Real* gain,
                                  const Real* bias, Real eps, Index rows, Index cols) {
        std::vector<Real> zeros;
        if (!bias) zeros.resize(static_cast<std::size_t>(cols)), bias = zeros.data();
        lessons::in_parts(rows, 64, [&](Index begin, Index end) {
            part().layer_norm_forward(y + begin * cols, mean + begin, rstd + begin,
                                      x + begin * cols, gain, bias, eps, end - begin, cols);
        });
    };
    ops().layer_norm_backward = [](Real* dx, Real* dgain, Real* dbias, const Real* dy,
                                   const Real* x, const Real* mean, const Real* rstd,
                                   const Real* gain, Index rows, Index cols) {
        std::vector<Real> unwanted;
        if (!dbias) unwanted.resize(static_cast<std::size_t>(cols)), dbias = unwanted.data();
        part().layer_norm_backward(dx, dgain, dbias, dy, x, mean, rstd, gain, rows, cols);
    };
});

}  // namespace
}  // namespace gradus::lesson_19
