// SPDX-License-Identifier: MIT
#include "nn/data/labelled_images.h"

#include <algorithm>
#include <cmath>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/idx.h"
#include "nn/files/gzip.h"
#include "tensor/error.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

// How much of an old pixel lies in a new one.
struct Share {
    Index pixel;
    double weight;
};

// For each of the `to` new pixels along a side its shares of the `from` old ones; they add up to 1.
std::vector<std::vector<Share>> shares(Index from, Index to) {
    std::vector<std::vector<Share>> list(static_cast<std::size_t>(to));
    const double width = static_cast<double>(from) / static_cast<double>(to);
    for (Index i = 0; i < to; ++i) {
        const double begin = static_cast<double>(i) * width, end = begin + width;
        for (Index pixel = i * from / to; pixel < from; ++pixel) {
            const double left = std::max(begin, static_cast<double>(pixel));
            const double right = std::min(end, static_cast<double>(pixel + 1));
            if (right <= left) break;
            list[static_cast<std::size_t>(i)].push_back({pixel, (right - left) / width});
        }
    }
    return list;
}

NumberArray read_bytes(const std::string& path, int rank, const char* what) {
    NumberArray array = read_idx(path);
    if (array.type != NumberType::u8 || array.shape.rank() != rank || array.shape.count() == 0)
        throw FileError(path, fmt::format("shape {}, must be {} of bytes", array.shape, what));
    return array;
}

}  // namespace

LabelledImages read_labelled_images(const std::string& images, const std::string& labels,
                                    Index size) {
    require(size >= 1, "read_labelled_images: size {}, must be at least 1", size);
    const NumberArray pixels = read_bytes(images, 3, "images (n, height, width)");
    const NumberArray digits = read_bytes(labels, 1, "labels (n)");
    const Index n = pixels.shape[0], height = pixels.shape[1], width = pixels.shape[2];
    if (digits.shape[0] != n)
        throw FileError(
            labels, fmt::format("{} labels for the {} images of {}", digits.shape[0], n, images));
    for (Index i = 0; i < n; ++i)
        if (digits[i] > 9)
            throw FileError(
                labels, fmt::format("label {} is {}, must be a digit from 0 to 9", i, digits[i]));
    const double needed = static_cast<double>(n) * static_cast<double>(size * size) * sizeof(Real);
    require_memory(needed, fmt::format("{}: {} images take {}", images, n, bytes_text(needed)),
                   "take a part of them");
    const LabelledImages set{Tensor::empty({n, size * size}),
                             Tokens({n}, {digits.bytes.begin(), digits.bytes.end()})};
    const auto rows = shares(height, size), columns = shares(width, size);
    const std::uint8_t* image = pixels.bytes.data();
    Real* to = set.images.data();
    for (Index i = 0; i < n; ++i, image += height * width)
        for (const auto& row : rows)
            for (const auto& column : columns) {
                double ink = 0;
                for (const Share& y : row)
                    for (const Share& x : column)
                        ink += y.weight * x.weight * image[y.pixel * width + x.pixel];
                *to++ = static_cast<Real>(ink / 255);
            }
    return set;
}

void write_labelled_images(const LabelledImages& set, const std::string& images,
                           const std::string& labels) {
    const Index n = set.images.size(0), area = set.images.size(1);
    const auto side = static_cast<Index>(std::lround(std::sqrt(static_cast<double>(area))));
    require(side * side == area && std::ssize(set.labels.id) == n,
            "write_labelled_images: images {} and {} labels", set.images.shape(),
            set.labels.id.size());
    NumberArray pixels{NumberType::u8, {n, side, side}, {}}, digits{NumberType::u8, {n}, {}};
    for (Index i = 0; i < n * area; ++i)
        pixels.bytes.push_back(static_cast<std::uint8_t>(
            std::lround(255 * std::clamp(set.images[i], Real(0), Real(1)))));
    for (const int digit : set.labels.id) digits.bytes.push_back(static_cast<std::uint8_t>(digit));
    write_file(images, gzip(idx(pixels)));
    write_file(labels, gzip(idx(digits)));
}

}  // namespace gradus
