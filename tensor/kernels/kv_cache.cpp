// SPDX-License-Identifier: MIT
// Attention with a KV cache, one head of one sequence per task. A new position takes two
// matrix-vector products (matvec.h): its query with the keys, then its probabilities with the
// values; each key and value is read once, front to back.
#include "tensor/kernels/matvec.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

void attention_cached(Real* y, Real* keys, Real* values, const Real* qkv, Index B, Index T, Index C,
                      Index NH, Index past, Index capacity) {
    const Index HS = C / NH, row = 3 * C;
    // A prompt that starts its sequence is processed as in training, where queries share the packed
    // keys.
    const bool from_start = past == 0 && T > 1;
    if (from_start)
        attention_forward(y, scratch(7, B * NH * T), qkv, B, T, C, NH, true, Real(0), 0);
    parallel_for(B * NH, 1, [=](Index begin, Index end) {
        const Real scale = 1 / sqrt(static_cast<Real>(HS));
        Real* p = scratch(3, past + T);
        for (Index head = begin; head < end; ++head) {
            const Real* q = qkv + head / NH * T * row + head % NH * HS;
            Real *k = keys + head * capacity * HS, *v = values + head * capacity * HS;
            for (Index t = 0; t < T; ++t, q += row) {
                const Index n = past + t + 1;  // positions that t sees, including itself
                each_in_row(HS, [=](Index i, Index w) {
                    store(k + (n - 1) * HS + i, load(q + C + i, w), w);
                    store(v + (n - 1) * HS + i, load(q + 2 * C + i, w), w);
                });
                if (from_start) continue;
                dot_rows(p, q, k, n, HS);
                each_in_row(n, [=](Index s, Index w) { store(p + s, load(p + s, w) * scale, w); });
                const Real inverse = 1 / exp_row(p, p, n, row_max(p, n));
                Real* out = y + (head / NH * T + t) * C + head % NH * HS;
                each_in_row(HS, [=](Index i, Index w) { store(out + i, Vec{}, w); });
                add_rows(out, p, n, v, 1, n, HS);
                each_in_row(
                    HS, [=](Index i, Index w) { store(out + i, load(out + i, w) * inverse, w); });
            }
        }
    });
}

GRADUS_KERNELS_END
