// SPDX-License-Identifier: MIT
// An .npz file, with every array in it.
#include "nn/files/datasets/npz.h"
#include "nn/files/gzip.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string archive(const std::vector<NamedArray>& arrays) {
    write_npz(fuzz::folder() + "/seed.npz", arrays);
    return read_file(fuzz::folder() + "/seed.npz");
}

// Of a stored entry of one array, the same deflated: gzip's contents without its header and checksum.
static std::string deflated() {
    const std::string stored =
        archive({{"x", {NumberType::u8, {64}, std::vector<std::uint8_t>(64)}}});
    constexpr std::size_t kHeader = 30 + 5, kContents = 128 + 64, kDirectory = kHeader + kContents;
    const std::string packed = gzip(stored.substr(kHeader, kContents));
    const std::string body = packed.substr(10, packed.size() - 18);
    std::string file = stored.substr(0, kHeader) + body + stored.substr(kDirectory);
    const std::size_t directory = kHeader + body.size();
    file[8] = file[directory + 10] = 8;  // the method
    file[18] = file[directory + 20] = static_cast<char>(body.size());
    file[file.size() - 6] = static_cast<char>(directory);
    return file;
}

static const fuzz::Reader npz_reader(
    "npz",
    [](std::string_view bytes) {
        const NpzFile file(fuzz::file("file.npz", bytes));
        for (const std::string& name : file.names()) {
            try {
                file.array(name);
            } catch (const FileError&) {  // one damaged array leaves the others
            }
        }
    },
    {archive({{"x", {NumberType::u8, {2}, {1, 2}}}, {"y", {NumberType::f64, {0}, {}}}}),
     archive({}), deflated()});
