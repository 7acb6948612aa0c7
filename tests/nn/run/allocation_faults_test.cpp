// SPDX-License-Identifier: MIT
// Memory that runs out at any moment of a run: an exception, never a crash, and the folder is one
// that can be resumed. Every `new` of this program goes through here; tensors, whose memory is
// another, have a test of their own (tests/tensor/memory_limit_test.cpp).
#include "tests/settings.h"

// The sanitizers have an operator new of their own.
#if !defined(GRADUS_DOUBLE) && !GRADUS_SANITIZED
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <execinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <new>
#include <span>

#include "tests/nn/run/quiet_output.h"
#include "tests/nn/run/tiny_run.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

// Counts down to the `new` of this thread that fails; none while it is 0.
thread_local long allocations_left = 0;

// The one place where nothing can be done: nlohmann's JSON (3.11) allocates in a destructor, and what
// it cannot construct for lack of memory it cannot destroy either. SECURITY.md says so.
bool in_json_library() {
    void* frames[16];
    for (const int count = ::backtrace(frames, 16); void* frame : std::span(frames, count)) {
        Dl_info info{};
        if (::dladdr(frame, &info) != 0 && info.dli_sname && contains(info.dli_sname, "nlohmann"))
            return true;
    }
    return false;
}

}  // namespace

void* operator new(std::size_t size) {
    if (allocations_left > 0 && --allocations_left == 0) {
        if (!in_json_library()) throw std::bad_alloc();
        allocations_left = 1;  // the next one, then
    }
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

// A run whose n-th allocation fails, in a process of its own: its wait status. It exits with 0 if the
// run ended by itself, with 2 after an exception, with 3 if there were fewer allocations.
int starved_run(const std::string& folder, long n, Resume resume) {
    const pid_t child = ::fork();  // on one thread: a child would lack the others
    if (child == 0) {
        int code = 0;
        try {
            TinyRun run;
            allocations_left = n;
            run.fit(folder, {.resume = resume});
        } catch (const std::exception&) {
            code = 2;
        }
        ::_exit(allocations_left > 0 ? 3 : code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

// Every `stride`-th allocation of a run that is new, or resumes a copy of `base`; how many failed.
long check_allocations(const std::string& base, long stride) {
    const QuietOutput output;
    const SavedSettings saved;
    set_threads(1);
    undisturbed();
    for (long n = 1, failed = 0;; n += stride) {
        CAPTURE(n);
        const TemporaryFolder folder(memory_folder());
        const std::string run = folder.file("run");
        if (!base.empty()) fs::copy(base, run);
        const int status = starved_run(run, n, base.empty() ? Resume::no : Resume::yes);
        REQUIRE(WIFEXITED(status));  // not by a signal
        if (fs::exists(run)) check_recovers(run);
        if (WEXITSTATUS(status) == 3) return failed;
        failed += WEXITSTATUS(status) == 2;
    }
}

}  // namespace

TEST_CASE("a run whose memory runs out at any moment ends with an exception and can be resumed") {
    CHECK(check_allocations("", 97) > 10);
}

TEST_CASE("memory runs out at every allocation of a run and of a resume" *
          doctest::test_suite("long")) {
    const TemporaryFolder folder(memory_folder());
    half_a_run(folder.file("half"));
    const long begun = check_allocations("", 1),
               resumed = check_allocations(folder.file("half"), 1);
    fmt::print(stderr, "{} allocations of a run and {} of a resume failed: each recovered\n", begun,
               resumed);
}
#endif
