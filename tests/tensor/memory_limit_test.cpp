// SPDX-License-Identifier: MIT
#include "tensor/memory_limit.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "tests/settings.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

// A folder like /, with files of our own making.
class FakeSystem {
 public:
    FakeSystem() {
        std::string name = (fs::temp_directory_path() / "gradus-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        root_ = name + "/";
        write("proc/meminfo", "MemTotal: 16000 kB\nMemAvailable: 8000 kB\nSwapFree: 1000 kB\n");
    }
    ~FakeSystem() { fs::remove_all(root_); }
    void write(const std::string& path, const std::string& text) {
        fs::create_directories(fs::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << text;
    }
    MemoryLimit limit() const { return memory_limit(root_); }

 private:
    std::string root_;
};

}  // namespace

TEST_CASE("without a limit, what the machine has free is left") {
    const FakeSystem system;
    CHECK(system.limit().bytes == 9000 * 1024);
    CHECK(system.limit().owner == "this machine");
    CHECK(memory_limit("/nowhere/").bytes > 0);  // neither /proc nor /sys: the size of the memory
}

TEST_CASE("a cgroup's limit counts, and those of the groups around it, less what it holds") {
    FakeSystem v2;
    v2.write("proc/self/cgroup", "0::/user/job\n");
    v2.write("sys/fs/cgroup/user/job/memory.max", "max\n");
    CHECK(v2.limit().owner == "this machine");
    v2.write("sys/fs/cgroup/user/memory.max", "5000000\n");
    v2.write("sys/fs/cgroup/user/memory.stat", "file 900\nanon 1000000\n");
    CHECK(v2.limit().bytes == 4'000'000);
    CHECK(v2.limit().owner == "the memory limit of this cgroup");
    v2.write("sys/fs/cgroup/user/job/memory.max", "300\n");
    v2.write("sys/fs/cgroup/user/job/memory.stat", "anon 301\n");
    CHECK(v2.limit().bytes == 0);

    FakeSystem v1;
    v1.write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/123\n0::/\n");
    v1.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n");  // as a container sees it
    CHECK(v1.limit().bytes == 2'000'000);
    v1.write("sys/fs/cgroup/memory/docker/123/memory.limit_in_bytes", "1500000\n");
    v1.write("sys/fs/cgroup/memory/docker/123/memory.stat", "total_rss 500000\n");
    CHECK(v1.limit().bytes == 1'000'000);

    FakeSystem damaged;
    damaged.write("proc/self/cgroup", "\n:\n::\n0:\n4:memory\n0::\n0::/..\n\xFF");
    damaged.write("sys/fs/cgroup/memory.max", "-5 many");
    CHECK(damaged.limit().bytes > 0);
}

TEST_CASE("ulimit -v counts, and what does not fit is refused in one line") {
    if (kSanitized) return;  // sanitizers reserve terabytes of address space
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
    const rlimit low{std::min<rlim_t>(before.rlim_max, 3u << 30), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_AS, &low) == 0);
    const MemoryLimit limit = memory_limit();
    require_memory(1e6, "test: a megabyte", "");
    CHECK_THROWS_WITH_AS(require_memory(2e14, "test: a list takes 200 TB", "a shorter one"),
                         doctest::Contains(" (a shorter one)"), std::invalid_argument);
    ::setrlimit(RLIMIT_AS, &before);
    CHECK(limit.bytes < 3u << 30);
    CHECK(memory_limit().owner != "`ulimit -v`");
}

TEST_CASE("bytes are written with two or three digits and a unit") {
    CHECK(bytes_text(0) == "0.0 kB");
    CHECK(bytes_text(9940) == "9.9 kB");
    CHECK(bytes_text(31e6) == "31 MB");
    CHECK(bytes_text(999.6e6) == "1.0 GB");
    CHECK(bytes_text(834e12) == "834 TB");
}
