// SPDX-License-Identifier: MIT
#include "nn/run/run_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "nn/files/atomic_file.h"
#include "tensor/error.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLock = "run.lock";
constexpr std::string_view kNew = ".new";
constexpr std::size_t kNamed = 3;  // runs that a hint names
constexpr std::array kNames = {"run.json",         "model.safetensors", "resume.safetensors",
                               "best.safetensors", "log.csv",           "report.html",
                               "inside.json"};

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool is_copy(const std::string& path, const Checksum& record) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);  // tells most differences without reading
    return !error && bytes == record.bytes && checksum_of_file(path) == record;
}

// Whether the folder holds only what is left of a run that ended before its first save.
bool only_leftovers(const std::string& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error) || !exists(in_folder(folder, kLock))) return false;
    const auto left = [](const std::string& file) {
        return std::any_of(kNames.begin(), kNames.end(), [&](const std::string& name) {
            const std::string rest = file.rfind(name + ".", 0) == 0 ? file.substr(name.size()) : "";
            return rest.rfind(kNew, 0) == 0 || rest.rfind(".tmp-", 0) == 0;
        });
    };
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string file = entry.path().filename().string();
        if (file != kLock && !left(file)) return false;
    }
    return !error && !FileLock::held(in_folder(folder, kLock));
}

}  // namespace

std::string in_folder(const std::string& folder, const std::string& name) {
    return (fs::path(folder) / name).string();
}

std::string new_in_folder(const std::string& folder, const std::string& name) {
    return in_folder(folder, name) + std::string(kNew);
}

std::string saved_copy(const std::string& folder, const std::string& name,
                       const FileRecords& records) {
    const std::string path = in_folder(folder, name), fresh = new_in_folder(folder, name);
    const auto record = records.find(name);
    if (record == records.end() || is_copy(path, record->second)) return path;
    if (is_copy(fresh, record->second)) return fresh;
    if (!exists(path)) throw FileError(path, "cannot read: no such file or folder");
    const Checksum found = checksum_of_file(path);
    throw FileError(
        path, fmt::format("damaged: {} bytes with checksum {}, but run.json says {} "
                          "bytes with {}",
                          found.bytes, found.text(), record->second.bytes, record->second.text()));
}

std::string set_aside(const std::string& path) {
    replace_file(path, path + ".damaged");
    return path + ".damaged";
}

bool holds_run(const std::string& folder) {
    return exists(in_folder(folder, "run.json"));
}

std::vector<std::string> runs_in(const std::string& folder) {
    std::vector<std::string> runs;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (holds_run(entry.path().string())) runs.push_back(entry.path().string());
    std::sort(runs.begin(), runs.end());
    return runs;
}

std::string runs_within(const std::string& folder) {
    const std::vector<std::string> runs = runs_in(folder);
    if (runs.empty()) return "";
    std::string list = "runs are in " + runs[0];
    for (std::size_t i = 1; i < std::min(runs.size(), kNamed); ++i)
        list += (i + 1 == runs.size() ? " and " : ", ") + runs[i];
    return list + (runs.size() > kNamed ? fmt::format(" and {} more", runs.size() - kNamed) : "");
}

std::string fresh_folder(const std::string& wanted) {
    std::string folder = wanted;
    for (int i = 2; exists(folder) && !only_leftovers(folder); ++i)
        folder = fmt::format("{}-{}", wanted, i);
    return folder;
}

void make_folder(const std::string& folder) {
    std::error_code error, ignored;
    fs::create_directories(folder, error);
    if (!fs::is_directory(folder, ignored))
        throw FileError(folder, "cannot create this folder: " +
                                    (error ? error.message() : "a file is in the way"));
}

std::unique_ptr<FileLock> lock_folder(const std::string& folder) {
    const std::string path = in_folder(folder, kLock);
    const bool ours = exists(path);  // of a run that did not end in an orderly way
    auto lock = std::make_unique<FileLock>(path);
    for (const std::string name : kNames) {
        remove_dead_temporaries(in_folder(folder, name));
        remove_dead_temporaries(new_in_folder(folder, name));
        if (holds_run(folder)) continue;
        std::error_code ignored;
        if (ours) fs::remove(new_in_folder(folder, name), ignored);
        for (const std::string& in_the_way : {in_folder(folder, name), new_in_folder(folder, name)})
            if (exists(in_the_way))
                throw FileError(in_the_way,
                                "is in the way, and not of a run that can be resumed (choose "
                                "another folder, or move the file)");
    }
    return lock;
}

}  // namespace gradus
