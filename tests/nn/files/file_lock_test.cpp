// SPDX-License-Identifier: MIT
#include "nn/files/file_lock.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "nn/files/append_file.h"
#include "nn/files/atomic_file.h"
#include "tensor/error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;
namespace fs = std::filesystem;

TEST_CASE("a lock is held by one, who is named to all others, and its file goes with it") {
    const TemporaryFolder folder;
    const std::string path = folder.file("run.lock");
    CHECK_FALSE(FileLock::held(path));
    {
        const FileLock lock(path);
        CHECK(FileLock::held(path));
        char host[256] = {};
        ::gethostname(host, sizeof host - 1);
        CHECK_THROWS_WITH_AS(FileLock{path},
                             doctest::Contains((path + ": locked by process " +
                                                std::to_string(::getpid()) + " on " + host + ", ")
                                                   .c_str()),
                             FileError);
    }
    CHECK(folder.files() == 0);
    const FileLock again(path);
    CHECK(FileLock::held(path));
}

TEST_CASE("a lock whose holder was killed is free, although its file is still there") {
    const TemporaryFolder folder;
    const std::string path = folder.file("run.lock");
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const FileLock lock(path);
        if (::write(ends[1], "x", 1) == 1) ::pause();
        ::_exit(1);
    }
    char ready;
    REQUIRE(::read(ends[0], &ready, 1) == 1);
    CHECK(FileLock::held(path));
    CHECK_THROWS_WITH_AS(
        FileLock{path},
        doctest::Contains(("locked by process " + std::to_string(child) + " on ").c_str()),
        FileError);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]), ::close(ends[1]);
    CHECK(fs::exists(path));
    CHECK_FALSE(FileLock::held(path));
    const FileLock lock(path);
    CHECK(FileLock::held(path));
}

TEST_CASE("a lock where no file can be made says why") {
    CHECK_THROWS_WITH_AS(FileLock{"/nowhere/run.lock"}, doctest::Contains("cannot lock: no such"),
                         FileError);
}

TEST_CASE("temporary files of dead processes are removed, those of living ones are not") {
    const TemporaryFolder folder;
    const pid_t dead = ::fork();
    if (dead == 0) ::_exit(0);
    ::waitpid(dead, nullptr, 0);
    const std::string path = folder.file("model"), pid = std::to_string(dead),
                      ours = std::to_string(::getpid());
    for (const std::string& name :
         {"model.tmp-" + pid, "model.tmp-" + pid + "-2", "model.tmp-" + ours, "other.tmp-" + pid,
          "model.tmp-" + pid + "-notes.txt", "model.tmp-" + pid + ".txt", "model.tmp-" + pid + "-",
          "model.tmp-+" + pid, std::string("model.tmp-"), std::string("model.tmp-x"),
          std::string("model")})
        write_file(folder.file(name), "x");
    remove_dead_temporaries(path);
    CHECK_FALSE(fs::exists(path + ".tmp-" + pid));
    CHECK_FALSE(fs::exists(path + ".tmp-" + pid + "-2"));
    CHECK(folder.files() == 9);
    const std::string link = folder.file("link");
    fs::create_symlink("model", link);  // what is written through it lies beside its target
    write_file(path + ".tmp-" + pid, "x");
    remove_dead_temporaries(link);
    CHECK_FALSE(fs::exists(path + ".tmp-" + pid));
    CHECK(folder.files() == 10);
    remove_dead_temporaries(folder.file("none/at all"));  // no such folder
}

TEST_CASE("an appended file grows at its end, and says when it cannot") {
    const TemporaryFolder folder;
    const std::string path = folder.file("log");
    CHECK_THROWS_WITH_AS(AppendFile{path}, doctest::Contains("cannot write: no such"), FileError);
    write_file(path, "one\n");
    {
        AppendFile file(path);
        file.write("two\n");
        CHECK(read_file(path) == "one\ntwo\n");
        file.write("three\n");
        file.sync();
    }
    CHECK(read_file(path) == "one\ntwo\nthree\n");
    if (fs::exists("/dev/full")) {
        AppendFile file("/dev/full");
        CHECK_THROWS_WITH_AS(file.write("x"), doctest::Contains("No space left"), FileError);
    }
}
