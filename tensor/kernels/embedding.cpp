// SPDX-License-Identifier: MIT
// Gather and scatter of table rows.
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

void embedding_forward(Real* y, const Real* table, const int* id, Index n, Index C) {
    parallel_for(n, row_grain(C), [=](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
            __builtin_memcpy(y + i * C, table + id[i] * C,
                             static_cast<__SIZE_TYPE__>(C) * sizeof(Real));
    });
}

// Two rows of dy may be added to the same row of the table, so threads split the columns, not the
// rows.
void embedding_backward(Real* dtable, const Real* dy, const int* id, Index n, Index C,
                        Index /*V*/) {
    constexpr Index kColumns = 64;
    const Index strips = ceil_div(C, kColumns);
    parallel_for(strips, n * kColumns < kGrain ? strips : 1, [=](Index begin, Index end) {
        for (Index strip = begin; strip < end; ++strip) {
            const Index c0 = strip * kColumns;
            for (Index i = 0; i < n; ++i) {
                Real* out = dtable + id[i] * C + c0;
                const Real* in = dy + i * C + c0;
                each_in_row(min(kColumns, C - c0), [=](Index c, Index w) {
                    store(out + c, load(out + c, w) + load(in + c, w), w);
                });
            }
        }
    });
}

GRADUS_KERNELS_END
