// SPDX-License-Identifier: MIT
#include "tensor/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <sstream>

#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// The number after `name` in a file of lines "name number"; 0 if there is none.
std::uint64_t entry(const std::string& path, const std::string& name) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string first;
        std::uint64_t value = 0;
        if (words >> first >> value && first == name) return value;
    }
    return 0;
}

// The only number in a file; kUnlimited if there is none ("max").
std::uint64_t number(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t value = 0;
    return file >> value ? value : kUnlimited;
}

// The lowest limit of a group and the groups around it. Inside a container the path may be one that
// only the host can see; the group of the container is then the root.
void look_at_groups(const std::string& mount, std::string path, const char* limit_file,
                    const char* used, MemoryLimit& lowest) {
    for (;;) {
        const std::string folder = mount + path;
        const std::uint64_t limit = number(folder + "/" + limit_file);
        if (limit != kUnlimited) {
            const std::uint64_t left =
                limit - std::min(limit, entry(folder + "/memory.stat", used));
            if (left < lowest.bytes) lowest = {left, "the memory limit of this cgroup"};
        }
        if (path.empty() || path == "/") return;
        path.erase(path.rfind('/'));
    }
}

void look_at_cgroups(const std::string& root, MemoryLimit& lowest) {
    std::ifstream groups(root + "proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {  // "4:memory:/path", or "0::/path" in v2
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (first == line.npos || second == line.npos || line.find('/', second) != second + 1)
            continue;
        const std::string kinds = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string path = line.substr(second + 1);
        const std::string mount = root + "sys/fs/cgroup";
        if (kinds == ",,") look_at_groups(mount, path, "memory.max", "anon", lowest);
        if (kinds.find(",memory,") != kinds.npos)
            look_at_groups(mount + "/memory", path, "memory.limit_in_bytes", "total_rss", lowest);
    }
}

void look_at_ulimit(const std::string& root, MemoryLimit& lowest) {
    rlimit space{};
    if (::getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur == RLIM_INFINITY) return;
    const std::uint64_t pages = number(root + "proc/self/statm");
    const std::uint64_t used =
        pages == kUnlimited ? 0 : pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
    const std::uint64_t left = space.rlim_cur - std::min<std::uint64_t>(space.rlim_cur, used);
    if (left < lowest.bytes) lowest = {left, "`ulimit -v`"};
}

}  // namespace

MemoryLimit memory_limit(const std::string& root) {
    MemoryLimit lowest{static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                           static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE)),
                       "this machine"};
    const std::string info = root + "proc/meminfo";  // in kB
    const std::uint64_t free = entry(info, "MemAvailable:");
    if (free > 0) lowest.bytes = 1024 * (free + entry(info, "SwapFree:"));
    look_at_cgroups(root, lowest);
    look_at_ulimit(root, lowest);
    return lowest;
}

void require_memory(double bytes, const std::string& what, const std::string& hint) {
    const MemoryLimit limit = memory_limit();
    const auto there = static_cast<double>(limit.bytes);
    require(bytes <= there, "{}, {} leaves {} ({})", what, limit.owner, bytes_text(there), hint);
}

std::string bytes_text(double bytes) {
    for (const char* unit : {"kB", "MB", "GB", "TB"}) {
        bytes /= 1000;
        if (bytes < 999.5) return fmt::format("{:.{}f} {}", bytes, bytes < 9.95 ? 1 : 0, unit);
    }
    return fmt::format("{:.0f} PB", bytes / 1000);
}

}  // namespace gradus
