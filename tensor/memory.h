// SPDX-License-Identifier: MIT
// Where tensors get their memory: freed blocks wait in lists keyed by rounded size and are handed
// out again, so that from its second step on a training loop asks the system for nothing. Fresh
// pages cost a fault each: a training step of a small GPT touches tens of MiB of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradus {

struct MemoryStats {
    std::size_t live_bytes;    // in tensors right now (rounded sizes)
    std::size_t peak_bytes;    // the most that live_bytes has been since reset_peak()
    std::size_t system_bytes;  // held from the system: live, and waiting in the lists
    // How often the system was asked; stands still in the steady state.
    std::uint64_t system_requests;
    std::uint64_t requests;  // how often the pool was asked
};

// A block of at least `bytes`, aligned to 64 (a cache line and an AVX-512 vector). Never null:
// throws std::bad_alloc. Thread-safe. Under AddressSanitizer every block comes from the system and
// goes back at once, so that use after free stays visible; in Debug builds freed blocks are filled
// with NaN.
void* pool_allocate(std::size_t bytes);
void pool_free(void* block, std::size_t bytes) noexcept;  // `bytes` as it was allocated with

// Working memory of the calling thread, kept and grown as needed: at least `bytes`, aligned to 64,
// contents undefined. Buffers with different `which` (0..7) are apart; a later call with the same
// one may move it.
void* thread_scratch(int which, std::size_t bytes);

MemoryStats memory_stats();
void reset_peak();   // peak_bytes = live_bytes
void trim_memory();  // gives the waiting blocks back to the system

std::size_t physical_memory();  // of this machine, in bytes

}  // namespace gradus
