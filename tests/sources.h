// SPDX-License-Identifier: MIT
// The project's own source files, for tests that read them.
#pragma once

#include <gradus_paths.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace gradus {

// The C++ files in a folder of the source tree ("tensor"), sorted; none if it does not exist.
inline std::vector<std::filesystem::path> source_files(const std::string& room) {
    std::vector<std::filesystem::path> files;
    const std::filesystem::path root = std::filesystem::path(GRADUS_SOURCE_DIR) / room;
    if (!std::filesystem::exists(root)) return files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const auto extension = entry.path().extension();
        if (extension == ".h" || extension == ".cpp" || extension == ".inc")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// A source file's text. Not nn's read_file(): tests for tensor and autograd are linked without nn.
inline std::string source_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace gradus
