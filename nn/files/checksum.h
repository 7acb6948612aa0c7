// SPDX-License-Identifier: MIT
// CRC-64/XZ: tells whether a file still holds what was written to it. Any change confined to 64
// consecutive bits, a flipped bit for instance, is detected for certain, and any other but for one
// in 1.8e19. It protects from accidents, not from forgery. zlib's CRC-32 would miss one change in
// 4.3e9, and twenty lines are less than another dependency (xxhash) would be.
// 0.8 GB/s on one core of a Xeon: 2.5 s for the checkpoint of 124M parameters, 2 GB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace gradus {

struct Checksum {
    std::uint64_t bytes = 0;  // added so far
    std::uint64_t crc = 0;    // of these bytes; 0 for none

    void add(const void* data, std::size_t count);
    std::string text() const;  // the CRC as 16 hexadecimal digits

    bool operator==(const Checksum&) const = default;
};

Checksum checksum_of(const std::string& text);
// Of a file's contents; reads it in pieces. Throws FileError as read_file() does.
Checksum checksum_of_file(const std::string& path);

}  // namespace gradus
