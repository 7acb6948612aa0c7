// SPDX-License-Identifier: MIT
// .npy, NumPy's file of one array (numpy.lib.format, "NPY format", versions 1.0 to 3.0): a magic
// string, the version, the header's size, the header, which is a Python dictionary of the type
// ("descr"), the order of the elements ("fortran_order") and the "shape", then the elements. The
// header is parsed, never evaluated. Left out: complex numbers, halves, text, records and objects.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "nn/files/datasets/number_array.h"

namespace gradus {

inline constexpr std::size_t kMostNpyHeader = 10'000;  // bytes; as in NumPy

// Reads f4, f8, i1 to i8, u1 to u8 and b1 in either byte order. An array in Fortran's order (the
// first axis fastest) is transposed, so that the elements are always row-major. The file may be
// gzip, of up to kMostUnpackedBytes unpacked. Throws FileError, with the offset, for anything else
// than such an array, and for bytes after it.
NumberArray read_npy(const std::string& path);
// The same for the bytes of a file; errors begin with `name`.
NumberArray npy_array(std::string_view contents, const std::string& name);

// The bytes of a file of version 1.0, little-endian and row-major.
std::string npy(const NumberArray& array);

}  // namespace gradus
