// SPDX-License-Identifier: MIT
#include "nn/files/datasets/npz.h"

#include <set>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/npy.h"
#include "nn/files/tensor_name.h"
#include "nn/progress.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::string_view kEnding = ".npy";

}  // namespace

NpzFile::NpzFile(const std::string& path)
    : file_(path), entries_(zip_entries(file_.bytes(0, file_.size()), path)) {
    for (ZipEntry& entry : entries_) {
        if (!std::string_view(entry.name).ends_with(kEnding))
            throw FileError(path,
                            fmt::format("entry {} is not an .npy file", quoted_name(entry.name)));
        entry.name.resize(entry.name.size() - kEnding.size());
    }
}

std::vector<std::string> NpzFile::names() const {
    std::vector<std::string> list;
    for (const ZipEntry& entry : entries_) list.push_back(entry.name);
    return list;
}

NumberArray NpzFile::array(std::string_view name) const {
    for (const ZipEntry& entry : entries_) {
        if (entry.name != name) continue;
        std::string unpacked;
        const std::string_view contents =
            zip_contents(file_.bytes(0, file_.size()), path(), entry, unpacked);
        return npy_array(contents, path() + ": " + quoted_name(name));
    }
    throw FileError(path(), fmt::format("no array {} among {}{}", quoted_name(name),
                                        entries_.size(), near_text(name, names())));
}

void write_npz(const std::string& path, const std::vector<NamedArray>& arrays) {
    std::set<std::string_view> names;
    for (const NamedArray& named : arrays) {
        require(!named.name.empty(), "npz: an array has no name");
        require(names.insert(named.name).second, "npz: two arrays are called {}",
                quoted_name(named.name));
    }
    AtomicFile file(path);
    ZipWriter zip(file);
    double done = 0;
    for (const NamedArray& named : arrays) {
        zip.add(named.name + std::string(kEnding), npy(named.array));
        Progress::report(++done / static_cast<double>(arrays.size()));
    }
    zip.finish();
    file.commit();
}

}  // namespace gradus
