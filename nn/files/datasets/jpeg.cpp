// SPDX-License-Identifier: MIT
// The segments of a JPEG file (ITU-T T.81, B.1): a marker, FF and a byte, then a length that counts
// itself. Nothing is read beyond the end of the file, whatever the lengths claim.
#include "nn/files/datasets/jpeg_parts.h"

namespace gradus {
namespace {

// Bytes, zeros after the end.
struct Bytes {
    std::string_view text;
    bool little_endian = false;

    std::size_t byte(std::size_t i) const {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    }
    std::size_t two(std::size_t i) const {
        return little_endian ? byte(i) + 256 * byte(i + 1) : 256 * byte(i) + byte(i + 1);
    }
    std::size_t four(std::size_t i) const {
        return little_endian ? two(i) + 65536 * two(i + 2) : 65536 * two(i) + two(i + 2);
    }
};

// Calls segment(marker, begin, end) for each segment, with the range of its contents.
template <class F>
void for_each_segment(std::string_view jpeg, const F& segment) {
    const Bytes file{jpeg};
    for (std::size_t at = 0; at + 4 <= jpeg.size();) {
        const std::size_t marker = file.byte(at + 1);
        // In coded data, FF is followed by 00 or D0 to D7; D8 and D9 have no contents.
        const bool alone = marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9) || marker == 0xff;
        if (file.byte(at) != 0xff || alone) {
            ++at;
            continue;
        }
        const std::size_t end = at + 2 + file.two(at + 2);
        segment(marker, at + 4, end);
        at = end;
    }
}

}  // namespace

bool huffman_tables_fit(std::string_view jpeg) {
    const Bytes file{jpeg};
    bool fit = true;
    for_each_segment(jpeg, [&](std::size_t marker, std::size_t begin, std::size_t end) {
        for (std::size_t table = begin; marker == 0xc4 && table < end;) {
            std::size_t codes = 0;
            for (std::size_t i = 1; i <= 16; ++i) codes += file.byte(table + i);
            fit = fit && codes <= 256;
            table += 17 + codes;
        }
    });
    return fit;
}

int exif_orientation(std::string_view jpeg) {
    int orientation = 1;
    bool found = false;  // the first counts: many, each read anew, would take hours
    for_each_segment(jpeg, [&](std::size_t marker, std::size_t begin, std::size_t end) {
        if (found || marker != 0xe1 || end > jpeg.size() || begin > end) return;
        // "Exif", two zeros, then a TIFF file (TIFF 6.0, section 2) that begins with II or MM.
        std::string_view exif = jpeg.substr(begin, end - begin);
        if (!exif.starts_with(std::string_view("Exif\0\0", 6))) return;
        found = true;
        exif.remove_prefix(6);
        const Bytes tiff{exif, exif.starts_with("II")};
        const std::size_t directory = tiff.four(4);
        for (std::size_t i = 0; i < tiff.two(directory); ++i) {
            const std::size_t entry = directory + 2 + 12 * i;
            if (entry + 12 > exif.size()) break;
            const std::size_t value = tiff.two(entry + 8);
            if (tiff.two(entry) == 0x0112 && value >= 1 && value <= 8)
                orientation = static_cast<int>(value);
        }
    });
    return orientation;
}

Pixels oriented(const Pixels& stored, int orientation) {
    if (orientation == 1) return stored;
    const bool swapped = orientation >= 5;  // rows become columns
    Pixels out{
        swapped ? stored.height : stored.width, swapped ? stored.width : stored.height, 1, {}};
    out.bytes.resize(stored.bytes.size());
    const bool from_right =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool from_below =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (std::size_t y = 0; y < out.height; ++y) {
        for (std::size_t x = 0; x < out.width; ++x) {
            std::size_t u = swapped ? y : x, v = swapped ? x : y;
            if (from_right) u = stored.width - 1 - u;
            if (from_below) v = stored.height - 1 - v;
            out.bytes[y * out.width + x] = stored.bytes[v * stored.width + u];
        }
    }
    return out;
}

}  // namespace gradus
