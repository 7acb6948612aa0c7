// SPDX-License-Identifier: MIT
// Lesson 08: cross-entropy. The text is lessons/08-cross-entropy/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 08
//
// x (rows,cols): the scores, row after row. target (rows): in each row, the column of the right
// answer, or a negative number where no answer is asked for.
#pragma once

#include "lessons/learn.h"

namespace mine {

// For each row r, both overwritten:
//   lse[r] = log of the sum over j of exp(x[r,j]), written so that no exp overflows;
//   loss[r] = lse[r] - x[r,target[r]], or 0 if the target is negative.
inline void cross_entropy_forward(Real* loss, Real* lse, const Real* x, const int* target,
                                  Index rows, Index cols) {
    unfinished("cross_entropy_forward");  // TODO
}

// dx (rows,cols) += scale (p - onehot): p is the softmax of the row, rebuilt from x and lse;
// onehot is 1 at the target and 0 elsewhere. Rows with a negative target get nothing.
inline void cross_entropy_backward(Real* dx, Real scale, const Real* x, const Real* lse,
                                   const int* target, Index rows, Index cols) {
    unfinished("cross_entropy_backward");  // TODO
}

}  // namespace mine
