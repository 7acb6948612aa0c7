// SPDX-License-Identifier: MIT
// A small thread pool and the one way to use it. The chunks of a loop depend only on its length and
// grain, never on the number of threads; each output is written by exactly one chunk, and
// reductions add their partial results in chunk order. Hence the library's promise:
// bit-for-bit identical results at any thread count. This header includes only tensor/real.h, so
// that the per-instruction-set kernel files may use it (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {

// The number of threads that loops use, including the caller. Initially GRADUS_THREADS from the
// environment or, if that is not set, the number of logical CPUs available to this process.
int threads();
void set_threads(int n);  // throws std::invalid_argument unless 1 <= n <= 1024

// Starts the threads now instead of in the first loop. If the system refuses some of them
// (`ulimit -u`, or no memory for their stacks), loops run on those that there are, with the same
// results, and threads() falls to their number, which is returned.
int start_threads();

// Calls body(context, begin, end) for every chunk [0, grain), [grain, 2 grain), ... of 0..n-1, on
// all threads. Returns when all chunks are done. A call from inside a body runs its chunks one
// after another. The first exception thrown by a body is rethrown here.
void parallel_chunks(Index n, Index grain, void (*body)(void* context, Index begin, Index end),
                     void* context);

// Internal linkage: no weak symbol can leak out of a file compiled for a newer processor.
namespace {

// parallel_for(n, grain, [&](Index begin, Index end) { ... });
template <class Body>
void parallel_for(Index n, Index grain, const Body& body) {
    parallel_chunks(
        n, grain,
        [](void* context, Index begin, Index end) {
            (*static_cast<const Body*>(context))(begin, end);
        },
        const_cast<Body*>(&body));
}

}  // namespace

}  // namespace gradus
