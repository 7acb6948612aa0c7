// SPDX-License-Identifier: MIT
// What image.cpp needs to know about a JPEG file before and after stb_image decodes it.
#pragma once

#include <string_view>

#include "nn/files/datasets/image.h"

namespace gradus {

// Whether every Huffman table has at most 256 codes. stb_image 2.27 does not check, and writes
// beyond its own tables; 2.28 does.
bool huffman_tables_fit(std::string_view jpeg);

// How the camera was held, 1 to 8 as in Exif 2.3, 4.6.4 (tag 0112h); 1, upright, if the file does
// not say.
int exif_orientation(std::string_view jpeg);

// The pixels as the camera saw them: mirrored, turned, or both. Grey only.
Pixels oriented(const Pixels& stored, int orientation);

}  // namespace gradus
