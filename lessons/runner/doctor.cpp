// SPDX-License-Identifier: MIT
// ./gradus doctor: what is wrong with this machine, and how to fix it.
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "lessons/runner/commands.h"
#include "lessons/runner/compiler.h"
#include "lessons/runner/process.h"
#include "nn/files/atomic_file.h"
#include "nn/terminal/terminal.h"
#include "tensor/processor.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

struct Finding {
    std::string what, found, fix;  // fix: empty if all is well
    bool blocks = false;           // nothing works until it is fixed
};

// What the shell's ulimit -v leaves to each program; "" without a limit.
std::string memory_limit() {
    rlimit memory{};
    ::getrlimit(RLIMIT_AS, &memory);
    if (memory.rlim_cur == RLIM_INFINITY) return "";
    return fmt::format(
        "this shell allows a program {:.1f} GB of addresses (ulimit -v), and the "
        "sanitizer needs thousands: start another shell, without that limit",
        static_cast<double>(memory.rlim_cur) / 1e9);
}

// Compiles and runs, like a learner's file, one with a mistake that only a sanitizer sees.
Finding compile_and_catch(const Course& course) {
    Finding finding{"compile and check", "", "", false};
    const std::string folder = course.build.work + "/doctor";
    make_folder(folder);
    const std::string source = folder + "/outside.cpp", program = folder + "/outside";
    write_file(source,
               "#include <vector>\n#include <cstdlib>\nint main(int argc, char**) {\n"
               "    std::vector<int> v(4);\n    return v.data()[4 + argc] == 12345;\n}\n");
    std::vector<std::string> command = {course.build.compiler};
    append(command, course.build.flags);
    append(command, {"-O1", "-g1", "-fsanitize=address,undefined", source, "-o", program});
    const ProcessResult compiled = run(command);
    const std::string limit = memory_limit();
    if (compiled.code != 0) {
        finding.found = "the compiler fails: " + compiled.err.substr(0, compiled.err.find('\n'));
        finding.fix = !limit.empty()
                          ? limit
                          : "g++ needs libasan and libubsan (Debian: they come with g++; clang: "
                            "libclang-rt-dev)";
        finding.blocks = true;
        return finding;
    }
    const ProcessResult ended = run({program}, {5, 10}, {{"ASAN_OPTIONS", "detect_leaks=0"}});
    if (ended.err.find("heap-buffer-overflow") == std::string::npos) {
        finding.found = "reading outside an array goes unnoticed";
        finding.fix = !limit.empty()
                          ? limit
                          : "the address sanitizer does not work here (in a container: allow "
                            "ptrace; on hardened kernels: sysctl vm.mmap_rnd_bits=28)";
        finding.blocks = !limit.empty();
    } else {
        finding.found = fmt::format("works, {:.1f} s", compiled.seconds + ended.seconds);
    }
    return finding;
}

Finding folder_of(const Course& course) {
    Finding finding{"your folder", course.folder.path(), "", false};
    const fs::path path = course.folder.path();
    const fs::path probe = fs::exists(path) ? path : path.parent_path();
    if (fs::exists(path) && !fs::is_directory(path)) {
        finding.fix = path.string() +
                      " is a file, not a folder: choose another with "
                      "GRADUS_COURSE_DIR";
        finding.blocks = true;
        return finding;
    }
    if (::access(probe.c_str(), W_OK) != 0) {
        finding.fix = fmt::format("{} cannot be written to: choose another with GRADUS_COURSE_DIR",
                                  probe.string());
        finding.blocks = true;
        return finding;
    }
    std::error_code error;
    const auto space = fs::space(probe, error);
    const double free = error ? 1e9 : static_cast<double>(space.available) / 1e9;
    finding.found += fmt::format(", {:.1f} GB free", free);
    if (free < 0.2) finding.fix = "the disk is nearly full: ./gradus clean frees what was built";
    return finding;
}

// A finding, also if finding it out fails: the doctor does not fall ill.
template <class Examine>
Finding survived(const char* what, const Examine& look) {
    try {
        return look();
    } catch (const std::exception& e) {
        return {what, "failed", e.what(), true};
    }
}

std::vector<Finding> examine(const Course& course, const TerminalStyle& style) {
    std::vector<Finding> all;
    const ProcessResult version = run({course.build.compiler, "--version"}, {}, {{"LC_ALL", "C"}});
    all.push_back({"compiler", version.out.substr(0, version.out.find('\n')),
                   version.code == 0 ? ""
                                     : course.build.compiler + " is gone: ./gradus clean, then "
                                                               "start again",
                   version.code != 0});
    all.push_back(survived("compile and check", [&] { return compile_and_catch(course); }));
    const ProcessResult nm = run({"nm", "--version"});
    all.push_back(
        {"nm", nm.code == 0 ? "found" : "missing",
         nm.code == 0 ? "" : "install binutils: the check uses nm to see what your code calls",
         nm.code != 0});
    all.push_back(survived("your folder", [&] { return folder_of(course); }));
    const unsigned cores = std::thread::hardware_concurrency();
    all.push_back({"processor", fmt::format("{}, {} cores", processor_name(), cores), "", false});
    all.push_back(
        {"terminal",
         fmt::format("{} columns, {}, {}", style.columns, style.unicode ? "UTF-8" : "ASCII only",
                     style.colour ? "colour" : "no colour"),
         style.unicode ? "" : "pictures are coarser without UTF-8: export LC_ALL=C.UTF-8", false});
    const auto built = std::count_if(course.lessons.begin(), course.lessons.end(), [&](auto& l) {
        return fs::exists(course.build.programs + "/" + l.name);
    });
    all.push_back({"lessons",
                   fmt::format("{} of {} built; each is when it is first read or checked", built,
                               course.lessons.size()),
                   "", false});
    return all;
}

}  // namespace

int doctor_command(const Course& course, bool json, const TerminalStyle& style) {
    const auto all = examine(course, style);
    bool blocked = false, well = true;
    nlohmann::json list = nlohmann::json::array();
    for (const auto& finding : all) {
        blocked = blocked || finding.blocks;
        well = well && finding.fix.empty();
        list.push_back({{"what", finding.what},
                        {"found", finding.found},
                        {"fix", finding.fix},
                        {"blocks", finding.blocks}});
        if (json) continue;
        const char* mark =
            finding.fix.empty() ? (style.unicode ? "✓" : "ok") : (style.unicode ? "✗" : "--");
        fmt::print("{}\n",
                   fitted(fmt::format("{} {}: {}", mark, finding.what, finding.found), style, 4));
        if (!finding.fix.empty())
            fmt::print("    {}\n", wrapped(finding.fix, 4, style.columns - 5));
    }
    if (json)
        fmt::print("{}\n", nlohmann::json({{"version", 1}, {"findings", list}})
                               .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    else
        fmt::print("\n{}\n", well      ? "All is well."
                             : blocked ? "Fix this first."
                                       : "It works all the same.");
    return blocked ? 2 : 0;
}

}  // namespace gradus::lessons
