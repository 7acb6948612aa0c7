// SPDX-License-Identifier: MIT
// .npz, NumPy's file of several arrays: a zip file in which the array x is the entry x.npy (npy.h;
// numpy.savez and numpy.savez_compressed). An array is read when it is asked for. Left out: files of
// 4 GiB or more (zip64), for which safetensors is the better format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/files/datasets/number_array.h"
#include "nn/files/datasets/zip_parts.h"
#include "nn/files/mapped_file.h"

namespace gradus {

class NpzFile {
 public:
    // Throws FileError, with the offset, for a directory that is damaged, and for entries that are
    // not .npy files.
    explicit NpzFile(const std::string& path);

    const std::string& path() const { return file_.path(); }
    std::vector<std::string> names() const;  // without ".npy", in file order

    // Reads one array: stored, or deflated and of up to kMostUnpackedBytes. Throws FileError if there
    // is no such array, listing the most similar names, if its checksum is wrong, and as read_npy()
    // does.
    NumberArray array(std::string_view name) const;

 private:
    MappedFile file_;
    std::vector<ZipEntry> entries_;
};

struct NamedArray {
    std::string name;
    NumberArray array;
};

// Stores the arrays, as numpy.savez does, through a temporary file. Throws std::invalid_argument for
// a name that is empty, duplicated or not UTF-8, and for 4 GiB or more; FileError if the file cannot
// be written.
void write_npz(const std::string& path, const std::vector<NamedArray>& arrays);

}  // namespace gradus
