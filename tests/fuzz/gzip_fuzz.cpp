// SPDX-License-Identifier: MIT
// A gzip file, unpacked up to a MiB; and arbitrary bytes packed and unpacked again.
#include "nn/files/gzip.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader gzip_reader(
    "gzip",
    [](std::string_view bytes) {
        fuzz::check(gunzip(gzip(bytes), "packed") == bytes, "packed and unpacked");
        constexpr std::size_t kMost = std::size_t{1} << 20;
        fuzz::check(gunzip(bytes, "file", kMost).size() <= kMost, "the limit");
    },
    {gzip("the cat and the cat and the cat"), gzip("") + gzip("a"), gzip(std::string(5000, 'x'))});
