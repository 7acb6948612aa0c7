// SPDX-License-Identifier: MIT
// IDX, the format of MNIST and of the sets of images that followed it (LeCun, Cortes, Burges, "The
// MNIST database", yann.lecun.com/exdb/mnist): two zero bytes, a byte for the type of the numbers, a
// byte for the number of axes, the size of each axis in 32 bits, then the numbers, the last axis
// fastest. Everything is big-endian. A file may be gzip, of up to kMostUnpackedBytes unpacked.
#pragma once

#include <string>
#include <string_view>

#include "nn/files/datasets/number_array.h"

namespace gradus {

// Throws FileError, with the offset, unless the file is IDX of 1 to Shape::kMaxRank axes and holds
// exactly the numbers that its sizes promise.
NumberArray read_idx(const std::string& path);
// The same for the bytes of a file; errors begin with `name`.
NumberArray idx_array(std::string_view contents, const std::string& name);

// The bytes of a file: idx(images) in train-images-idx3-ubyte, gzip(idx(images)) in
// train-images-idx3-ubyte.gz. Throws std::invalid_argument for a type that IDX lacks: it has u8, i8,
// i16, i32, f32 and f64.
std::string idx(const NumberArray& array);

}  // namespace gradus
