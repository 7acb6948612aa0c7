// SPDX-License-Identifier: MIT
#include "nn/files/weights/safetensors.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <limits>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/cut_meanwhile.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/tensors.h"
#include "tests/text.h"

using namespace gradus;

namespace {

std::string little_endian(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
    return bytes;
}

// A file with this header, unpadded, and this data.
std::string file_of(const std::string& header, const std::string& data = "") {
    return little_endian(header.size()) + header + data;
}

std::string one_tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                       const std::string& offsets) {
    return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape +
           R"(,"data_offsets":)" + offsets + "}";
}

// Writes `bytes` to a file, opens it, and reads every tensor in it. Returns the error without the
// path; "" if there is none. Any exception but a FileError fails the test.
std::string complaint(const TemporaryFolder& folder, const std::string& bytes) {
    const std::string path = folder.file("x.safetensors");
    std::remove(path.c_str());  // on ext4, truncating and refilling a file waits for the disk
    std::FILE* file = std::fopen(path.c_str(), "wb");
    REQUIRE(file);
    REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
    std::fclose(file);
    try {
        const SafetensorsFile loaded(path);
        for (const std::string& name : loaded.names()) loaded.tensor(name);
    } catch (const FileError& error) {
        const std::string message = error.what();
        CHECK(message.find('\n') == std::string::npos);
        CHECK(message.compare(0, path.size() + 2, path + ": ") == 0);
        return message.substr(path.size() + 2);
    }
    return "";
}

const char* const kDtype = sizeof(Real) == 4 ? "F32" : "F64";

// Tensors of all ranks, with some special values.
std::vector<NamedTensor> some_tensors() {
    Tensor odd =
        Tensor::from({0, -Real(0), std::numeric_limits<Real>::infinity(),
                      std::numeric_limits<Real>::denorm_min(), std::numeric_limits<Real>::max(),
                      std::numeric_limits<Real>::quiet_NaN(), Real(1) / 3});
    return {{"wte.weight", Tensor::normal({7, 3}, 1, 1)},
            {"odd", odd},
            {"h.0.bias", Tensor::normal({5}, 1, 2)},
            {"scalar", Tensor::scalar(Real(2.5))},
            {"empty", Tensor(Shape{3, 0, 2})},
            {"名前 \"quoted\"\n", Tensor::normal({2, 1, 3, 1, 2}, 1, 3)}};
}

}  // namespace

TEST_CASE("a small file has exactly the bytes of the format") {
    const TemporaryFolder folder;
    const std::string path = folder.file("golden.safetensors");
    save_safetensors(path, {});
    CHECK(read_file(path) == little_endian(8) + "{}      ");

    save_safetensors(path, {{"b", Tensor::from({1, -2})}, {"a", Tensor::scalar(Real(0.5))}},
                     {{"step", "10"}, {"note", "a \"b\"\n"}});
    std::string header = R"({"__metadata__":{"note":"a \"b\"\n","step":"10"},)";
#ifdef GRADUS_DOUBLE
    header += R"("a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},)"
              R"("b":{"dtype":"F64","shape":[2],"data_offsets":[8,24]}})";
    const std::string data("\0\0\0\0\0\0\xE0\x3F\0\0\0\0\0\0\xF0\x3F\0\0\0\0\0\0\0\xC0", 24);
#else
    header += R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
              R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})";
    const std::string data("\0\0\0\x3F\0\0\x80\x3F\0\0\0\xC0", 12);
#endif
    while (header.size() % 8) header += ' ';
    CHECK(read_file(path) == file_of(header, data));
}

TEST_CASE("tensors and metadata come back bit by bit, in any order of writing") {
    const TemporaryFolder folder;
    const std::string path = folder.file("model.safetensors"),
                      other = folder.file("other.safetensors");
    std::vector<NamedTensor> tensors = some_tensors();
    const Metadata metadata = {{"format", "gradus"}, {"empty", ""}, {"多", "言\t語"}};
    save_safetensors(path, tensors, metadata);
    CHECK(read_file(path).size() % 4 == 0);

    const SafetensorsFile file = load_safetensors(path);
    CHECK(file.path() == path);
    CHECK(file.metadata() == metadata);
    CHECK(file.tensors().size() == tensors.size());
    for (const NamedTensor& t : tensors) {
        CAPTURE(t.name);
        CHECK(file.contains(t.name));
        CHECK(file.info(t.name).dtype == kDtype);
        CHECK(same_bits(file.tensor(t.name), t.tensor));
    }
    CHECK(!file.contains("wte"));

    std::reverse(tensors.begin(), tensors.end());
    save_safetensors(other, tensors, metadata);
    CHECK(read_file(other) == read_file(path));
}

TEST_CASE("the header is padded so that the numbers begin at a multiple of 8") {
    const TemporaryFolder folder;
    const std::string path = folder.file("padded");
    for (int n = 1; n <= 9; ++n) {
        const std::string name(static_cast<std::size_t>(n), 'n');
        save_safetensors(path, {{name, Tensor::from({1, 2, 3})}});
        const SafetensorsFile file(path);
        CHECK(file.info(name).begin % 8 == 0);
        CHECK(file.tensor(name)[2] == 3);
        CHECK(!contains(read_file(path), std::string(8, ' ')));  // by no more than needed
    }
}

TEST_CASE("a tensor is read into a parameter of the same shape, and into no other") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.safetensors");
    save_safetensors(path, {{"w", Tensor::matrix({{1, 2, 3}, {4, 5, 6}})}});
    const SafetensorsFile file(path);
    const Tensor w({2, 3}), wrong({3, 2});
    file.read("w", w);
    CHECK(w.at(1, 0) == 4);
    CHECK_THROWS_WITH_AS(file.read("w", wrong),
                         (path + ": tensor \"w\" has shape (2, 3), but (3, 2) is needed").c_str(),
                         FileError);
    CHECK_THROWS_AS(file.read("w", Tensor()), FileError);
    CHECK_THROWS_AS(file.read("w", Tensor({6})), FileError);
    CHECK(wrong[0] == 0);
}

TEST_CASE("a missing tensor is reported with the nearest names") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.safetensors");
    save_safetensors(path, {{"transformer.wte.weight", Tensor::scalar(1)},
                            {"transformer.wpe.weight", Tensor::scalar(1)},
                            {"ln_f.bias", Tensor::scalar(1)}});
    const SafetensorsFile file(path);
    CHECK_THROWS_WITH_AS(file.tensor("wte.weight"),
                         (path + ": no tensor \"wte.weight\" among 3; near names: "
                                 "\"transformer.wte.weight\"")
                             .c_str(),
                         FileError);
    CHECK_THROWS_WITH_AS(file.info("nothing like it at all"),
                         (path + ": no tensor \"nothing like it at all\" among 3").c_str(),
                         FileError);
}

TEST_CASE("a file that is replaced while it is open still gives the old numbers") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.safetensors");
    save_safetensors(path, {{"w", Tensor::from({1, 2})}});
    const SafetensorsFile old(path);
    save_safetensors(path, {{"w", Tensor::from({3, 4, 5})}});
    CHECK(old.tensor("w").to_vector() == std::vector<Real>{1, 2});
    CHECK(SafetensorsFile(path).tensor("w").count() == 3);
}

TEST_CASE("a file that is cut short while it is open gives an error and no crash") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.safetensors");
    save_safetensors(path, {{"w", Tensor::normal({1000}, 1, 1)}});
    const SafetensorsFile file(path);
    REQUIRE(::truncate(path.c_str(), 500) == 0);
    CHECK_THROWS_WITH_AS(file.tensor("w"), doctest::Contains("offset 500: the file has been cut"),
                         FileError);
    CHECK_THROWS_WITH_AS(file.bytes("w"), doctest::Contains("cut short"), FileError);
}

TEST_CASE("the bytes of a tensor of any dtype are seen where they lie, for as long as a copy") {
    const TemporaryFolder folder;
    const std::string path = folder.file("ids.safetensors");
    write_file(path, file_of("{" + one_tensor("ids", "I16", "[3]", "[0,6]") + "," +
                                 one_tensor("none", "U8", "[0]", "[6,6]") + "}",
                             "abcdef"));
    std::vector<SafetensorsFile> files = {SafetensorsFile(path)};
    const SafetensorsFile copy = files[0];
    const std::string_view bytes = copy.bytes("ids");
    CHECK(bytes == "abcdef");
    CHECK(bytes.data() == files[0].bytes("ids").data());
    files.clear();
    CHECK(bytes == "abcdef");
    CHECK(copy.bytes("none").empty());
}

TEST_CASE("a full disk leaves the old model whole") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.safetensors");
    save_safetensors(path, {{"w", Tensor::from({1, 2})}});
    const std::string old = read_file(path);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{2000, before.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    CHECK_THROWS_AS(save_safetensors(path, {{"w", Tensor::normal({5000}, 1, 1)}}), FileError);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(read_file(path) == old);
    CHECK(folder.files() == 1);
}

TEST_CASE("what cannot be saved is refused before anything is written") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.safetensors");
    const Tensor t = Tensor::scalar(1);
    CHECK_THROWS_WITH_AS(save_safetensors(path, {{"w", Tensor()}}),
                         "safetensors: tensor \"w\" is undefined", std::invalid_argument);
    CHECK_THROWS_WITH_AS(save_safetensors(path, {{"w", t}, {"v", t}, {"w", t}}),
                         "safetensors: two tensors are called \"w\"", std::invalid_argument);
    CHECK_THROWS_WITH_AS(save_safetensors(path, {{"__metadata__", t}}),
                         "safetensors: a tensor cannot be called __metadata__",
                         std::invalid_argument);
    CHECK_THROWS_AS(save_safetensors(path, {{"w\xFF", t}}), std::invalid_argument);
    CHECK_THROWS_AS(save_safetensors(path, {}, {{"key", "\xFF"}}), std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        save_safetensors(
            path, {{"w", {}, store(Tensor({2, 32}), WeightFormat::q8_0, WeightLayout::out_in)}}),
        "safetensors: tensor \"w\" is in q8_0, for which the format has no dtype; save_gguf() "
        "keeps it",
        std::invalid_argument);
    CHECK(folder.files() == 0);
}

TEST_CASE("F32, F64, F16 and BF16 are read as Real, and other dtypes are named") {
    const TemporaryFolder folder;
    const std::string path = folder.file("mixed.safetensors");
    constexpr int n = 20000;  // several pages of the mapping
    std::string f16, f64, f32, bf16;
    for (int i = 0; i < n; ++i) {
        const double d = 0.25 * (i % 1000) - 100;
        const float f = static_cast<float>(d);
        f64.append(reinterpret_cast<const char*>(&d), 8);
        f32.append(reinterpret_cast<const char*>(&f), 4);
        bf16.append(reinterpret_cast<const char*>(&f) + 2, 2);  // the upper half: truncated
        f16.append(i % 2 ? std::string("\x00\x3C", 2) : std::string("\x00\xC0", 2));
    }
    const auto span = [&](int begin, int end) {
        return "[" + std::to_string(begin * n) + "," + std::to_string(end * n) + "]";
    };
    const std::string ids(8, '\0');
    write_file(path, file_of("{" + one_tensor("half", "F16", "[20000]", span(0, 2)) + "," +
                                 one_tensor("double", "F64", "[200,100]", span(2, 10)) + "," +
                                 one_tensor("single", "F32", "[20000,1]", span(10, 14)) + "," +
                                 one_tensor("brain", "BF16", "[20000]", span(14, 16)) + "," +
                                 one_tensor("ids", "I64", "[1]", "[320000,320008]") + "}",
                             f16 + f64 + f32 + bf16 + ids));
    const SafetensorsFile file(path);
    CHECK(file.names() == std::vector<std::string>{"half", "double", "single", "brain", "ids"});
    const Tensor half = file.tensor("half"), twice = file.tensor("double"),
                 single = file.tensor("single"), brain = file.tensor("brain");
    CHECK(twice.shape() == Shape{200, 100});
    for (Index i = 0; i < n; ++i) {
        const Real expected = Real(0.25) * static_cast<Real>(i % 1000) - 100;
        const bool good = half[i] == (i % 2 ? 1 : -2) && twice[i] == expected &&
                          single[i] == expected &&
                          std::abs(brain[i] - expected) <= std::abs(expected) / 128;
        if (!good) FAIL_CHECK("at ", i);
    }
    CHECK_THROWS_WITH_AS(
        file.tensor("ids"),
        (path + ": tensor \"ids\" has dtype I64; F32, F64, F16 and BF16 can be read").c_str(),
        FileError);
}

TEST_CASE("a double that no float can hold is refused, infinity and NaN are not") {
    const TemporaryFolder folder;
    const double values[] = {1e300, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()};
    const std::string data(reinterpret_cast<const char*>(values), sizeof values);
    const std::string message =
        complaint(folder, file_of("{" + one_tensor("x", "F64", "[3]", "[0,24]") + "}", data));
    CHECK(message == (sizeof(Real) == 4 ? "tensor \"x\": 1e+300 is too large for a float" : ""));
    CHECK(complaint(folder, file_of("{" + one_tensor("x", "F64", "[2]", "[0,16]") + "}",
                                    data.substr(8))) == "");
}

TEST_CASE("every dtype of the format is accepted, with its own size") {
    const TemporaryFolder folder(memory_folder());
    const std::pair<const char*, int> dtypes[] = {
        // bytes that 8 elements take
        {"BOOL", 8},    {"U8", 8},          {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8},
        {"F8_E8M0", 8}, {"I16", 16},        {"F8_E4M3FNUZ", 8}, {"U16", 16},    {"F16", 16},
        {"BF16", 16},   {"F8_E5M2FNUZ", 8}, {"I32", 32},        {"U32", 32},    {"F32", 32},
        {"C64", 64},    {"F64", 64},        {"I64", 64},        {"U64", 64},    {"F4", 4},
        {"F6_E2M3", 6}, {"F6_E3M2", 6},
    };
    for (const auto& entry : dtypes) {
        const std::string dtype = entry.first;
        const int bytes = entry.second;
        CAPTURE(dtype);
        const std::string path = folder.file(dtype), last = std::to_string(bytes);
        const std::string header = "{" + one_tensor("t", dtype, "[2,4]", "[0," + last + "]") + "}";
        write_file(path, file_of(header, std::string(static_cast<std::size_t>(bytes), '\0')));
        const SafetensorsFile file(path);
        CHECK(file.info("t").dtype == dtype);
        CHECK(file.shape("t") == std::vector<Index>{2, 4});
    }
}

TEST_CASE("a reader of any format needs no more than WeightFile") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("m.safetensors");
    save_safetensors(path, {{"w", Tensor::matrix({{1, 2, 3}, {4, 5, 6}})}, {"b", Tensor({2})}});
    const SafetensorsFile opened(path);
    const WeightFile& file = opened;
    CHECK(file.path() == path);
    CHECK(file.names() == std::vector<std::string>{"b", "w"});
    CHECK(file.contains("w"));
    CHECK(!file.contains("v"));
    CHECK(file.shape("w") == std::vector<Index>{2, 3});
    CHECK(file.tensor("w").at(1, 2) == 6);
    CHECK_THROWS_WITH_AS(file.shape("v"), doctest::Contains("no tensor \"v\" among 2"), FileError);
    if (sizeof(Real) == 4)  // StoredWeight has no format for a double
        CHECK(values_of(file.stored("w", {2, 3}, WeightLayout::out_in)).at(1, 0) == 4);
}

TEST_CASE("files that break a rule are refused by the reference's name for it") {
    const TemporaryFolder folder;
    const std::string test = R"({"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}})";
    const std::string zeros(16, '\0');
    const auto say = [&](const std::string& bytes) { return complaint(folder, bytes); };
    // The examples of the format's own tests.
    CHECK(test.size() == 60);
    CHECK(contains(say(file_of(test, zeros)), "dtype I32"));  // valid, but not supported here
    CHECK(say(file_of("{}")) == "");
    CHECK(say(file_of("{}      ")) == "");
    CHECK(contains(say(file_of(test, zeros.substr(2))), "(MetadataIncompleteBuffer)"));
    CHECK(contains(say(file_of(test, zeros + "extra")), "(MetadataIncompleteBuffer)"));
    CHECK(contains(
        say(file_of("{" + one_tensor("test", "I32", "[2,18446744073709551614]", "[0,16]") + "}",
                    zeros)),
        "(ValidationOverflow)"));
    CHECK(contains(say(file_of("{" + one_tensor("test", "I32", "[2,2]", "[0,4]") + "}", zeros)),
                   "(TensorInvalidInfo)"));
    std::string ten = "{";
    for (int i = 0; i < 10; ++i)
        ten += (i ? "," : "") + one_tensor("t" + std::to_string(i), "I32", "[2,2]", "[0,16]");
    CHECK(contains(say(file_of(ten + "}", zeros)), "(InvalidOffset)"));
    CHECK(contains(say(file_of("\xFF")), "(InvalidHeader)"));
    CHECK(contains(say(file_of("{")), "(InvalidHeaderDeserialization)"));
    CHECK(contains(say(""), "(HeaderTooSmall)"));
    CHECK(contains(say("1234567"), "(HeaderTooSmall)"));
    CHECK(contains(say(little_endian(100'000'001)), "(HeaderTooLarge)"));
    CHECK(contains(say(std::string(16, '\xFF')), "(HeaderTooLarge)"));
    CHECK(contains(say(little_endian(100'000'000)), "(InvalidHeaderLength)"));
    CHECK(contains(say(little_endian(3) + "{}"), "(InvalidHeaderLength)"));
    CHECK(contains(say(little_endian(0)), "(InvalidHeaderStart)"));
    CHECK(contains(say(file_of(" {}")), "(InvalidHeaderStart)"));
    CHECK(contains(say(file_of("\xEF\xBB\xBF{}")), "(InvalidHeaderStart)"));
    CHECK(contains(say(file_of("[]")), "(InvalidHeaderStart)"));
    // Sub-byte numbers must fill whole bytes.
    CHECK(contains(say(file_of("{" + one_tensor("f", "F4", "[3]", "[0,1]") + "}", "x")),
                   "(MisalignedSlice)"));
    CHECK(contains(say(file_of("{" + one_tensor("f", "F4", "[4]", "[0,2]") + "}", "xx")),
                   "dtype F4;"));
    CHECK(contains(say(file_of("{" + one_tensor("f", "F6_E2M3", "[4]", "[0,3]") + "}", "xxx")),
                   "dtype F6"));
    // Holes, overlaps, ends before beginnings, numbers at the edge of 64 bits.
    for (const char* offsets : {"[1,17]", "[4,0]", "[18446744073709551615,18446744073709551615]"})
        CHECK(contains(say(file_of("{" + one_tensor("t", "F32", "[4]", offsets) + "}", zeros)),
                       "(InvalidOffset)"));
    CHECK(contains(
        say(file_of(
            "{" + one_tensor("t", "U8", "[9223372036854775807]", "[0,9223372036854775807]") + "}",
            zeros)),
        "(ValidationOverflow)"));
    CHECK(contains(
        say(file_of(
            "{" + one_tensor("t", "F4", "[2305843009213693952]", "[0,1152921504606846976]") + "}",
            zeros)),
        "(MetadataIncompleteBuffer)"));
    CHECK(contains(
        say(file_of("{" + one_tensor("t", "F32", "[4611686018427387904,4,0]", "[0,0]") + "}")),
        "(ValidationOverflow)"));
    // The reference multiplies in order, so a leading 0 hides the overflow after it.
    CHECK(say(file_of("{" + one_tensor("t", "F32", "[0,4611686018427387904,4]", "[0,0]") + "}")) ==
          "");
    CHECK(contains(say(file_of("{" + one_tensor("a", "F32", "[1]", "[0,4]") + "," +
                                   one_tensor("b", "F32", "[1]", "[4,0]") + "}",
                               zeros)),
                   "(InvalidOffset)"));
}

TEST_CASE("a message names file, offset, tensor and rule") {
    const TemporaryFolder folder;
    const std::string zeros(16, '\0');
    const std::string header = "{" + one_tensor("w", "F32", "[2,2]", "[0,12]") + "}";
    CHECK(complaint(folder, file_of(header, zeros)) ==
          "offset " + std::to_string(8 + header.size()) +
              ": tensor \"w\" of dtype F32 and shape (2, 2) at data_offsets [0, 12]: the shape "
              "needs 16 "
              "bytes, the offsets give 12 (TensorInvalidInfo)");
    CHECK(complaint(folder, file_of("{\"a\": nonsense}")) ==
          "offset 15: the header is not JSON (InvalidHeaderDeserialization)");
    CHECK(complaint(folder, little_endian(96) + std::string(40, ' ')) ==
          "offset 0: a header of 96 bytes, but the file has 48 (InvalidHeaderLength)");
    // A name from the file can break neither the line nor the terminal.
    const std::string evil = R"(\u001b[31m\n)" + std::string(100, 'z');
    const std::string message =
        complaint(folder, file_of("{" + one_tensor(evil, "F32", "[1]", "[0,5]") + "}", "12345"));
    CHECK(contains(message, R"(tensor "\u001b[31m\nzzzz)"));
    CHECK(contains(message, "z\"... of dtype"));
    CHECK(message.size() < 300);
}

TEST_CASE("a header that is JSON of another form is refused with what is wrong") {
    const TemporaryFolder folder;
    const auto say = [&](const std::string& header) {
        const std::string message = complaint(folder, file_of(header));
        const std::string error = " (InvalidHeaderDeserialization)";
        CHECK(contains(message, error));
        return message.substr(10, message.size() - 10 - error.size());
    };
    CHECK(say(R"({"a":1})") == R"("a" is a number, not an object)");
    CHECK(say(R"({"a":[]})") == R"("a" is a list, not an object)");
    CHECK(say(R"({"__metadata__":null})") == R"("__metadata__" is null, not an object)");
    CHECK(say(R"({"__metadata__":{"k":1}})") == R"(__metadata__ "k" is a number, not a string)");
    CHECK(say(R"({"__metadata__":{"k":{}}})") == R"(__metadata__ "k" is an object, not a string)");
    CHECK(say(R"({"a":{}})") == R"(tensor "a": dtype is missing)");
    CHECK(say(R"({"a":{"dtype":"F32","data_offsets":[0,0]}})") ==
          R"(tensor "a": shape is missing)");
    CHECK(say(R"({"a":{"dtype":"F32","shape":[0]}})") == R"(tensor "a": data_offsets is missing)");
    CHECK(say(R"({"a":{"dtype":32}})") == R"(tensor "a": dtype is a number)");
    CHECK(say(R"({"a":{"dtype":["F32"]}})") == R"(tensor "a": dtype is a list)");
    CHECK(say(R"({"a":{"shape":"two"}})") == R"(tensor "a": shape is a string)");
    CHECK(say(R"({"a":{"shape":[-1]}})") == R"(tensor "a": shape contains a negative number)");
    CHECK(say(R"({"a":{"shape":[1.0]}})") ==
          R"(tensor "a": shape contains a number that is not whole)");
    CHECK(say(R"({"a":{"shape":[18446744073709551616]}})") ==
          R"(tensor "a": shape contains a number that is not whole)");
    CHECK(say(R"({"a":{"shape":[[1]]}})") == R"(tensor "a": shape contains a list)");
    CHECK(say("{" + one_tensor("a", "F33", "[0]", "[0,0]") + "}") ==
          R"(tensor "a": dtype "F33" is unknown)");
    CHECK(say("{" + one_tensor("a", "F32", "[0]", "[0]") + "}") ==
          R"(tensor "a": data_offsets has 1 numbers, not 2)");
    CHECK(say("{" + one_tensor("a", "F32", "[0]", "[0,0,0]") + "}") ==
          R"(tensor "a": data_offsets has 3 numbers, not 2)");
    const std::string a = one_tensor("a", "F32", "[0]", "[0,0]");
    CHECK(say("{" + a + "," + a + "}") == R"(duplicate key "a")");
    CHECK(say(R"({"__metadata__":{"k":"1","k":"2"}})") == R"(duplicate key "k")");
    CHECK(say(R"({"a":{"dtype":"F32","dtype":"F32"}})") == R"(duplicate key "dtype")");
    CHECK(say(R"({"__metadata__":{},"__metadata__":{}})") == R"(duplicate key "__metadata__")");
    CHECK(contains(complaint(folder, file_of("{} {}")), "not JSON"));
    CHECK(contains(complaint(folder, file_of(std::string("{}\0{", 4))),
                   "offset 10: the header is not JSON: byte 0x00"));
    CHECK(contains(complaint(folder, file_of("{} // no comment")), "not JSON"));
}

TEST_CASE("fields that the format does not define are passed over, however deep") {
    const TemporaryFolder folder;
    const std::string deep =
        std::string(1000, '[') + R"({"dtype":["x",{"shape":1}]})" + std::string(1000, ']');
    CHECK(
        complaint(
            folder,
            file_of(R"({"a":{"extra":)" + deep +
                        R"(,"dtype":"F32","more":-1,"shape":[1],"note":"n","data_offsets":[0,4]}})",
                    "1234")) == "");
    // A hundred thousand brackets are an error, not a stack overflow or a gigabyte of memory.
    CHECK(contains(complaint(folder, file_of("{\"a\":" + std::string(100000, '['))),
                   "\"a\" is a list"));
    CHECK(contains(complaint(folder, file_of(R"({"a":{"x":)" + std::string(100000, '['))),
                   "not JSON"));
}

TEST_CASE("more axes than a Tensor has are refused when the tensor is asked for") {
    const TemporaryFolder folder;
    CHECK(complaint(folder, file_of("{" + one_tensor("a", "F32", "[1,1,1,1,1,1]", "[0,4]") + "}",
                                    "1234")) == "");
    CHECK(complaint(folder, file_of("{" + one_tensor("a", "F32", "[1,1,1,1,1,1,1]", "[0,4]") + "}",
                                    "1234")) == "tensor \"a\" has 7 axes, at most 6 are supported");
}

TEST_CASE("what is not a file, or not an ordinary one, is refused") {
    const TemporaryFolder folder;
    const auto refused = [](const std::string& path, const std::string& why) {
        CHECK_THROWS_WITH_AS(SafetensorsFile{path}, (path + ": cannot read: " + why).c_str(),
                             FileError);
    };
    refused(folder.file("none"), "no such file or folder");
    refused(folder.path(), "it is a folder");
    refused("/dev/null", "it is not a regular file");
}

TEST_CASE("four thousand damaged files are refused or read, never followed out of bounds") {
    // The address and undefined-behaviour sanitizers would show here if a size were trusted.
    const TemporaryFolder folder;
    const std::string path = folder.file("seed.safetensors");
    save_safetensors(path, some_tensors(), {{"format", "gradus"}});
    const std::string valid = read_file(path);
    REQUIRE(complaint(folder, valid) == "");
    std::uint64_t header_size = 0;
    std::memcpy(&header_size, valid.data(), 8);
    const std::string header = valid.substr(8, header_size), data = valid.substr(8 + header_size);

    Random random(20240612, Stream::user);
    const char* const pieces[] = {
        // what headers are made of, and what they should not be
        "0",
        "9",
        "-1",
        "[",
        "]",
        "{",
        "}",
        "\"",
        ",",
        ":",
        "18446744073709551615",
        "9223372036854775808",
        "4294967296",
        "1e999",
        "\\u0000",
        "\xFF",
        "null",
        "BF16",
        "F16",
        "F64",
        "I8",
        "F4",
        "data_offsets",
        "shape",
        "[0,0]",
    };
    int refused = 0, read = 0;
    constexpr int kRounds = 2000;
    for (int round = 0; round < kRounds; ++round) {
        // Half of them keep the sizes consistent, so that the damage reaches the later checks.
        const bool whole = round % 2 == 0;
        std::string text = whole ? header : valid;
        for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
            if (text.empty()) break;
            const std::size_t at = random.below(text.size());
            const std::string piece = pieces[random.below(std::size(pieces))];
            switch (random.below(6)) {
                case 0:
                    text[at] = static_cast<char>(random.below(256));
                    break;
                case 1:
                    text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
                    break;
                case 2:
                    text.erase(at, 1 + random.below(20));
                    break;
                case 3:
                    text.insert(at, piece);
                    break;
                case 4:
                    text.replace(at, piece.size(), piece);
                    break;
                default: {
                    const std::size_t from = random.below(text.size());
                    text.insert(at, text.substr(from, random.below(60)));
                }
            }
        }
        if (!whole && random.below(4) == 0) text.resize(random.below(text.size() + 20));
        (complaint(folder, whole ? file_of(text, data) : text).empty() ? read : refused)++;
    }
    for (int round = 0; round < kRounds;
         ++round) {  // pure noise, its size made plausible half of the time
        std::string noise(random.below(200), '\0');
        for (char& c : noise) c = static_cast<char>(random.below(256));
        if (round % 2) noise = file_of("{" + noise);
        (complaint(folder, noise).empty() ? read : refused)++;
    }
    CHECK(refused + read == 2 * kRounds);
    CHECK(refused > 3000);
    CHECK(read > 50);  // a changed number or name leaves a file valid
}

TEST_CASE("a tensor that is cut while it is read is refused, not read as zeros") {
    const std::string ones(std::size_t{1} << 19, '\x3f');
    const auto right = [&](const std::string& path) {
        const Tensor x = SafetensorsFile(path).tensor("w");
        return std::count(x.data(), x.data() + x.count(), x[0]) == x.count();
    };
    const std::string dtypes[] = {"F32", "F64", "F16", "BF16"};
    constexpr int kBytes[] = {4, 8, 2, 2};
    for (int i = 0; i < 4; ++i) {
        CAPTURE(dtypes[i]);
        const std::string shape = "[" + std::to_string((1 << 19) / kBytes[i]) + "]";
        const std::string header = "{" + one_tensor("w", dtypes[i], shape, "[0,524288]") + "}";
        CHECK(wrong_when_cut(file_of(header, ones), right) == 0);
    }
}

TEST_CASE("a weight that has not been loaded is refused by name, and nothing is written") {
    const TemporaryFolder folder;
    const StoredWeight none{WeightFormat::f32, WeightLayout::in_out, 2, 3, {}, {}};
    CHECK_THROWS_WITH_AS(save_safetensors(folder.file("x"), {{"w", {}, none}}),
                         "safetensors: tensor \"w\" has not been loaded", std::invalid_argument);
    CHECK(folder.files() == 0);
}
