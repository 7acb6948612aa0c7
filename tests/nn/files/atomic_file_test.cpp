// SPDX-License-Identifier: MIT
#include "nn/files/atomic_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "tensor/error.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

// While one exists, no file of this process can grow beyond `bytes`, as if the disk were full.
class FullDisk {
 public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

 private:
    void (*handler_)(int);
    rlimit before_{};
};

}  // namespace

TEST_CASE("a file is written and read back, byte by byte") {
    const TemporaryFolder folder;
    const std::string path = folder.file("a.bin");
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    for (const std::string& contents :
         {std::string(), std::string("x"), all, std::string(1 << 20, 'y')}) {
        write_file(path, contents);
        CHECK(read_file(path) == contents);
        CHECK(folder.files() == 1);  // no temporary file is left
    }
}

TEST_CASE("until commit() the old file is there, and after an abandoned write still") {
    const TemporaryFolder folder;
    const std::string path = folder.file("run.json");
    write_file(path, "old");
    {
        AtomicFile file(path);
        file.write("new, but never finished");
        CHECK(read_file(path) == "old");
        CHECK(folder.files() == 2);
        CHECK(read_file(path + ".tmp-" + std::to_string(::getpid())) == "new, but never finished");
    }
    CHECK(read_file(path) == "old");
    CHECK(folder.files() == 1);

    AtomicFile file(path);
    file.write("in ");
    file.write("");
    file.write("two parts");
    file.commit();
    CHECK(read_file(path) == "in two parts");
    CHECK(folder.files() == 1);
    CHECK_THROWS_AS(file.write("more"), std::invalid_argument);
    CHECK_THROWS_AS(file.commit(), std::invalid_argument);
}

TEST_CASE("a full disk leaves the old file, removes the temporary one and says so") {
    const TemporaryFolder folder;
    const std::string path = folder.file("model.bin");
    write_file(path, "old");
    std::string message;
    {
        const FullDisk disk(1000);
        message = file_error([&] { write_file(path, std::string(5000, 'x')); });
    }
    CHECK(message ==
          path +
              ": cannot write: File too large (larger than the file system or `ulimit -f` allows)");
    CHECK(read_file(path) == "old");
    CHECK(folder.files() == 1);

    AtomicFile file(path);
    {
        const FullDisk disk(1000);
        file.write(std::string(900, 'x'));
        CHECK(file_error([&] { file.write(std::string(900, 'x')); }) != "");
    }
    CHECK(folder.files() == 1);  // at once, not only at the end
    CHECK_THROWS_AS(file.commit(), std::invalid_argument);
    CHECK(read_file(path) == "old");
}

TEST_CASE("a device is written to, not replaced") {
    if (!fs::exists("/dev/full")) return;  // Linux only
    CHECK(file_error([] { write_file("/dev/full", "x"); }) ==
          "/dev/full: cannot write: No space left on device (the disk or its quota is full)");
    CHECK(fs::is_character_file("/dev/full"));
    write_file("/dev/null", "x");
    CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("places where nobody can write are refused with the reason") {
    const TemporaryFolder folder;
    const std::string file = folder.file("file");
    write_file(file, "old");
    CHECK(file_error([&] { write_file(folder.path(), "x"); }) ==
          folder.path() + ": cannot write: it is a folder");
    CHECK(file_error([&] { write_file(file + "/below", "x"); }) ==
          file + "/below: cannot write: Not a directory");
    CHECK(file_error([&] { write_file(folder.file("no/such/file"), "x"); }) ==
          folder.file("no/such/file") + ": cannot write: no such file or folder");
    CHECK(file_error([] { write_file("", "x"); }) == "file: cannot write: the name is empty");
    const std::string hidden = folder.file(std::string("file\0.txt", 9));
    CHECK(file_error([&] { write_file(hidden, "x"); }) ==
          file + ": cannot write: a zero byte in the name");
    CHECK(file_error([&] {
              write_file(folder.file(std::string(300, 'n')), "x");
          }).find("File name too long") != std::string::npos);
    CHECK(read_file(file) == "old");
    CHECK(folder.files() == 1);
}

TEST_CASE("a rename that fails leaves the old file and no temporary one") {
    const TemporaryFolder folder;
    const std::string path = folder.file("late");
    AtomicFile file(path);
    file.write("x");
    fs::create_directory(path);  // somebody has made a folder of that name meanwhile
    CHECK(file_error([&] { file.commit(); }) ==
          path + ": cannot rename the new file: it is a folder");
    CHECK(fs::is_directory(path));
    CHECK(folder.files() == 1);
}

TEST_CASE("a new file keeps the permissions of the old one, and a link keeps pointing") {
    const TemporaryFolder folder;
    const std::string path = folder.file("secret"), link = folder.file("link");
    write_file(path, "old");
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    fs::create_symlink("secret", link);
    write_file(link, "new");
    CHECK(fs::is_symlink(link));
    CHECK(read_file(path) == "new");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(folder.files() == 2);
}

TEST_CASE("through a link to a file that does not exist the file is made, and the link stays") {
    const TemporaryFolder folder;
    const std::string first = folder.file("first"), absolute = folder.file("absolute");
    fs::create_directory(folder.file("there"));
    fs::create_symlink("there/second", first);
    fs::create_symlink("target", folder.file("there/second"));
    fs::create_symlink(folder.file("there/other"), absolute);
    write_file(first, "new");
    write_file(absolute, "other");
    CHECK(fs::is_symlink(first));
    CHECK(fs::is_symlink(folder.file("there/second")));
    CHECK(read_file(folder.file("there/target")) == "new");
    CHECK(read_file(folder.file("there/other")) == "other");
    CHECK(folder.files() == 3);  // no temporary file is left
    fs::create_symlink("loop", folder.file("loop"));
    CHECK(file_error([&] { write_file(folder.file("loop"), "x"); }).find("cannot write: ") !=
          std::string::npos);
    CHECK(fs::is_symlink(folder.file("loop")));
}

TEST_CASE("two writers of one file do not mix: the later commit wins") {
    const TemporaryFolder folder;
    const std::string path = folder.file("both");
    AtomicFile a(path), b(path);
    a.write("aaaa");
    b.write("bb");
    a.commit();
    CHECK(read_file(path) == "aaaa");
    b.commit();
    CHECK(read_file(path) == "bb");
    CHECK(folder.files() == 1);
}

TEST_CASE("a relative path is written beside itself") {
    const TemporaryFolder folder;
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    write_file("plain", "x");
    const std::string contents = read_file("plain");
    fs::current_path(before);
    CHECK(contents == "x");
    CHECK(folder.files() == 1);
}

TEST_CASE("reading what cannot be read says why") {
    const TemporaryFolder folder;
    const std::string file = folder.file("file");
    write_file(file, "");
    CHECK(read_file(file).empty());
    CHECK(file_error([&] { read_file(folder.file("nothing")); }) ==
          folder.file("nothing") + ": cannot read: no such file or folder");
    CHECK(file_error([&] { read_file(folder.path()); }) ==
          folder.path() + ": cannot read: it is a folder");
    CHECK(file_error([&] { read_file(file + "/below"); }) ==
          file + "/below: cannot read: Not a directory");
    CHECK(file_error([] { read_file(""); }) == "file: cannot read: the name is empty");
}

TEST_CASE("files whose size is not known beforehand are read whole") {
    if (fs::exists("/proc/self/status")) CHECK(read_file("/proc/self/status").size() > 100);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const std::string sent(10000, 'p');
    REQUIRE(::write(ends[1], sent.data(), sent.size()) == 10000);
    ::close(ends[1]);
    CHECK(read_file("/dev/fd/" + std::to_string(ends[0])) == sent);
    ::close(ends[0]);
}
