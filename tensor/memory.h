// SPDX-License-Identifier: MIT
// The memory pool of tensors: freed blocks are kept in lists by rounded size and reused, so that a
// training loop requests no memory from the system after its first step. Every fresh page costs a
// page fault, and a training step of a small GPT touches tens of MiB.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradus {

struct MemoryStats {
    std::size_t live_bytes;    // in use right now (rounded sizes)
    std::size_t peak_bytes;    // the highest live_bytes since reset_peak()
    std::size_t system_bytes;  // taken from the system: live, or free in the lists
    // requests to the system; constant in the steady state
    std::uint64_t system_requests;
    std::uint64_t requests;  // requests to the pool
};

// A block of at least `bytes`, aligned to 64 bytes (a cache line or an AVX-512 vector). Never null:
// throws std::bad_alloc on failure. Thread-safe. Under AddressSanitizer every block comes from the
// system and is returned to it when freed, so that use after free is still caught; in Debug
// builds, freed blocks are filled with NaN.
void* pool_allocate(std::size_t bytes);
void pool_free(void* block, std::size_t bytes) noexcept;  // `bytes` as for pool_allocate

// Scratch memory of the calling thread, kept and grown as needed: at least `bytes`, aligned to 64
// bytes, contents undefined. Each `which` (0..7) selects a separate buffer; a later call with the
// same `which` may move it.
void* thread_scratch(int which, std::size_t bytes);

MemoryStats memory_stats();
void reset_peak();   // peak_bytes = live_bytes
void trim_memory();  // returns the free blocks to the system

}  // namespace gradus
