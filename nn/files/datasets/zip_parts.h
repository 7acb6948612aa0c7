// SPDX-License-Identifier: MIT
// As much of the zip format (PKWARE, APPNOTE.TXT 6.3) as an .npz file needs: entries that are stored
// or deflated, with CRC-32, below 4 GiB. Left out: encryption, zip64, several disks, and bytes
// before the first entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nn/files/atomic_file.h"

namespace gradus {

struct ZipEntry {
    std::string name;
    bool deflated = false;
    std::uint32_t crc = 0;                              // of the contents
    std::uint64_t begin = 0, packed = 0, unpacked = 0;  // bytes; begin: in the file
};

// The entries of a file, in its directory's order. Throws FileError, with the offset, unless all of
// them lie in the file, apart from each other, under different names.
std::vector<ZipEntry> zip_entries(std::string_view file, const std::string& path);

// The contents of one entry: in `file` if it is stored, otherwise in `unpacked`. Throws FileError if
// they are damaged, or would take more than kMostUnpackedBytes.
std::string_view zip_contents(std::string_view file, const std::string& path, const ZipEntry& entry,
                              std::string& unpacked);

class ZipWriter {
 public:
    explicit ZipWriter(AtomicFile& file) : file_(file) {}

    // Stores the contents under a name. Throws std::invalid_argument if the file would reach 4 GiB or
    // 65,535 entries.
    void add(const std::string& name, std::string_view contents);
    void finish();  // writes the directory

 private:
    AtomicFile& file_;
    std::string directory_;
    std::uint64_t entries_ = 0, offset_ = 0;
};

}  // namespace gradus
