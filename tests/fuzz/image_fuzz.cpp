// SPDX-License-Identifier: MIT
// A photograph: PNG, JPEG (with its Exif data), BMP or PNM.
#include "nn/data/photo_digit.h"
#include "nn/files/datasets/image.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;
using namespace std::string_literals;

static const fuzz::Reader image_reader(
    "image",
    [](std::string_view bytes) {
        const Pixels pixels = grey_image(bytes, "image");
        fuzz::check(pixels.bytes.size() == pixels.width * pixels.height, "the number of pixels");
        if (pixels.bytes.size() < 4096) find_digit(pixels);
    },
    {png({.width = 3, .height = 2, .channels = 1, .bytes = {0, 9, 99, 199, 255, 1}}),
     png({.width = 1, .height = 1, .channels = 3, .bytes = {0, 9, 99}}), "P5 2 1 255\n\x01\x02",
     // a BMP of 2 x 1 pixels, of 8 bits each, with a palette of two colours
     "BM\0\0\0\0\0\0\0\0\x3E\0\0\0\x28\0\0\0\2\0\0\0\1\0\0\0\1\0\x08\0"s + std::string(24, '\0') +
         "\0\0\0\0\xFF\xFF\xFF\0\1\0\0\0"s,
     "\xFF\xD8\xFF\xE1\0\020Exif\0\0II*\0\x08\0\0\0\xFF\xDA"s});
