// SPDX-License-Identifier: MIT
// The library can also turn some of the vectors, part of a vector, or pairs that lie half a vector
// apart. What the learner's can do is done by theirs, one vector of each position after another.
#include <algorithm>

#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_20 {
namespace {

// Whether all numbers of all vectors turn, in adjacent pairs.
bool is_theirs(const RotaryShape& s) {
    return s.adjacent && s.heads == s.all && 2 * s.half == s.size;
}

// body(x, vectors): the vectors of sequence b and head h, as an array (T, size).
template <class Body>
void each_head(Real* y, const Real* x, const RotaryShape& s, Body body) {
    std::vector<Real> in(static_cast<std::size_t>(s.T * s.size)), out(in.size());
    for (Index b = 0; b < s.B; ++b)
        for (Index h = 0; h < s.all; ++h) {
            const Index first = (b * s.T * s.all + h) * s.size, step = s.all * s.size;
            for (Index t = 0; t < s.T; ++t) {
                std::copy_n(x + first + t * step, s.size, &in[t * s.size]);
                std::copy_n(y + first + t * step, s.size, &out[t * s.size]);
            }
            body(out.data(), in.data(), (s.offset ? s.offset[b] : 0) * s.half);
            for (Index t = 0; t < s.T; ++t)
                std::copy_n(&out[t * s.size], s.size, y + first + t * step);
        }
}

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().rotary_forward = [](Real* y, const Real* x, const Real* cosine, const Real* sine,
                              const RotaryShape& s) {
        if (!is_theirs(s)) return naive::rotary_forward(y, x, cosine, sine, s);
        each_head(y, x, s, [&](Real* out, const Real* in, Index from) {
            part().rotary_forward(out, in, cosine + from, sine + from, s.T, s.size);
        });
    };
    ops().rotary_backward = [](Real* dx, const Real* dy, const Real* cosine, const Real* sine,
                               const RotaryShape& s) {
        if (!is_theirs(s)) return naive::rotary_backward(dx, dy, cosine, sine, s);
        each_head(dx, dy, s, [&](Real* out, const Real* in, Index from) {
            part().rotary_backward(out, in, cosine + from, sine + from, s.T, s.size);
        });
    };
});

}  // namespace
}  // namespace gradus::lesson_20
