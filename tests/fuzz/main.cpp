// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tensor/error.h"
#include "tests/fuzz/fuzz.h"

namespace gradus::fuzz {
namespace {

std::vector<Reader>& readers() {
    static std::vector<Reader> list;
    return list;
}
const Reader* chosen = nullptr;

[[noreturn]] void list_readers() {
    std::fprintf(stderr, "gradus-fuzz READER [an option of libFuzzer]...; the readers are:\n");
    for (const Reader& reader : readers()) std::printf("%s\n", reader.name.c_str());
    std::exit(2);
}

}  // namespace

Reader::Reader(std::string n, std::function<void(std::string_view)> r, std::vector<std::string> s)
    : name(std::move(n)), read(std::move(r)), seeds(std::move(s)) {
    readers().push_back(*this);
}

std::string folder() {
    struct Folder {
        std::string path;
        ~Folder() { std::filesystem::remove_all(path); }
    };
    static const Folder folder = [] {
        const bool memory = ::access("/dev/shm", W_OK) == 0;
        std::string name = memory ? "/dev/shm/gradus-fuzz-XXXXXX" : "/tmp/gradus-fuzz-XXXXXX";
        check(::mkdtemp(name.data()) != nullptr, "cannot make a folder");
        return Folder{name};
    }();
    return folder.path;
}

std::string file(const std::string& name, std::string_view contents) {
    const std::string path = folder() + "/" + name;
    std::ofstream(path, std::ios::binary) << contents;
    return path;
}

void check(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "gradus-fuzz: %s\n", what);
    std::abort();
}

}  // namespace gradus::fuzz

using namespace gradus;

// Replaces the reader's name by a folder with its seeds, which libFuzzer takes for its corpus.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    for (const fuzz::Reader& reader : fuzz::readers())
        if (*argc > 1 && reader.name == (*argv)[1]) fuzz::chosen = &reader;
    if (!fuzz::chosen) fuzz::list_readers();
    static std::string corpus = fuzz::folder() + "/seeds";
    std::filesystem::create_directories(corpus);
    for (std::size_t i = 0; i < fuzz::chosen->seeds.size(); ++i)
        fuzz::file("seeds/" + std::to_string(i), fuzz::chosen->seeds[i]);
    (*argv)[1] = corpus.data();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        fuzz::chosen->read({reinterpret_cast<const char*>(data), size});
    } catch (const FileError&) {
    } catch (const std::invalid_argument&) {
    }
    return 0;
}
