// SPDX-License-Identifier: MIT
#include "nn/files/weights/gguf.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "nn/files/atomic_file.h"
#include "tensor/embedding.h"
#include "tensor/matmul.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/files/weights/gguf_bytes.h"
#include "tests/tensors.h"
#include "tests/text.h"

using namespace gradus;

namespace {

constexpr auto out_in = WeightLayout::out_in;

// Values that a float holds, in the double build too.
Tensor floats(const Shape& shape, std::uint64_t seed) {
    const Tensor x = uniform(shape, seed, -2, 2);
    for (Index i = 0; i < x.count(); ++i) x[i] = static_cast<Real>(static_cast<float>(x[i]));
    return x;
}

GgufMetadata some_metadata() {
    GgufMetadata metadata;
    metadata.add("general.architecture", "llama");
    metadata.add("llama.block_count", std::uint32_t{2});
    metadata.add("llama.rope.freq_base", 10000.0F);
    metadata.add("tokenizer.ggml.tokens", std::vector<std::string>{"<s>", "a\nb", "\xFF"});
    metadata.add("tokenizer.ggml.scores", std::vector<float>{0, -1, 0.5F});
    metadata.add("yes", true);
    metadata.add("flags", std::vector<bool>{true, false, true});
    metadata.add("a", std::int8_t{-3});
    metadata.add("b", std::uint64_t{1} << 60);
    metadata.add("c", 0.1);
    return metadata;
}

}  // namespace

TEST_CASE("a small file has exactly the bytes of the format") {
    const TemporaryFolder folder;
    const std::string path = folder.file("small.gguf");
    save_gguf(path, {}, GgufMetadata());
    CHECK(read_file(path) ==
          std::string("GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24) + std::string(8, '\0'));

    GgufMetadata metadata;
    metadata.add("k", std::uint32_t{5});
    metadata.add("l", std::vector<std::string>{"xy"});
    const StoredWeight q = store(Tensor({1, 32}), WeightFormat::q8_0, out_in);
    save_gguf(path, {{"w", Tensor::matrix({{1, -2, 0}, {0.5, 0, 3}})}, {"q", {}, q}}, metadata);
    const std::string header(
        "GGUF\3\0\0\0"
        "\2\0\0\0\0\0\0\0"             // tensors
        "\2\0\0\0\0\0\0\0"             // entries
        "\1\0\0\0\0\0\0\0k\4\0\0\0"    // a u32
        "\5\0\0\0"                     //
        "\1\0\0\0\0\0\0\0l\x09\0\0\0"  // an array
        "\x08\0\0\0\1\0\0\0\0\0\0\0"   // of one string
        "\2\0\0\0\0\0\0\0xy"           //
        "\1\0\0\0\0\0\0\0w\2\0\0\0"    // two axes: rows of 3, and 2 of them
        "\3\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0"   // F32, at 0
        "\1\0\0\0\0\0\0\0q\2\0\0\0"  //
        "\x20\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
        "\x08\0\0\0\x20\0\0\0\0\0\0\0"  // Q8_0, at 32
        "\0",
        160);
    const std::string data = bytes_of(1.0F) + bytes_of(-2.0F) + bytes_of(0.0F) + bytes_of(0.5F) +
                             bytes_of(0.0F) + bytes_of(3.0F) + std::string(8 + 34 + 30, '\0');
    const std::string written = read_file(path);
    CHECK(written.size() == 160 + 96);
    CHECK(written.substr(160) == data);
    CHECK(written.substr(0, 160) == header);
}

TEST_CASE("tensors in every format and metadata of every kind come back, in the order of writing") {
    const TemporaryFolder folder;
    const std::string path = folder.file("model.gguf");
    const Tensor w = floats({6, 64}, 1), deep = floats({2, 3, 1, 5}, 2), norm = floats({7}, 3);
    std::vector<NamedTensor> tensors = {
        {"deep", deep}, {"norm", norm}, {"scalar", Tensor::scalar(2)}};
    for (const auto format : {WeightFormat::f32, WeightFormat::f16, WeightFormat::bf16,
                              WeightFormat::q8_0, WeightFormat::q4_0})
        tensors.push_back({"w." + to_string(format), {}, store(w, format, out_in)});
    tensors.push_back({"empty", Tensor(Shape{3, 0, 2})});
    const GgufMetadata metadata = some_metadata();
    save_gguf(path, tensors, metadata);

    const GgufFile opened(path);
    const WeightFile& file = opened;
    CHECK(file.path() == path);
    CHECK(opened.metadata().entries() == metadata.entries());
    CHECK(file.names() == std::vector<std::string>{"deep", "norm", "scalar", "w.f32", "w.f16",
                                                   "w.bf16", "w.q8_0", "w.q4_0", "empty"});
    CHECK(file.shape("deep") == std::vector<Index>{2, 3, 1, 5});
    CHECK(same_bits(file.tensor("deep"), deep));
    CHECK(same_bits(file.tensor("norm"), norm));
    CHECK(same_bits(file.tensor("scalar"), Tensor::scalar(2)));
    CHECK(file.tensor("empty").shape() == Shape{3, 0, 2});
    for (const NamedTensor& t : tensors) {
        if (t.tensor.defined()) continue;
        CAPTURE(t.name);
        const Tensor values = values_of(t.stored);
        CHECK(same_bits(file.tensor(t.name), values));
        const StoredWeight stored = file.stored(t.name, {6, 64}, out_in);
        CHECK(stored.format == t.stored.format);
        CHECK(same_bits(values_of(stored), values));
        const auto size = static_cast<std::size_t>(stored.bytes());
        CHECK(std::memcmp(stored.data(), t.stored.data(), size) == 0);
        const Tensor x = uniform({2, 64}, 4);
        CHECK(same_bits(matmul_forward(x, stored), matmul_forward(x, t.stored)));
        const Tokens ids({2}, {5, 0});
        CHECK(same_bits(embedding_forward(stored, ids), embedding_forward(values, ids)));
    }
    // Written from what is mapped, it is the same file.
    std::vector<NamedTensor> again;
    for (const std::string& name : file.names())
        if (name[0] == 'w')
            again.push_back({name, {}, file.stored(name, {6, 64}, out_in)});
        else
            again.push_back({name, file.tensor(name)});
    save_gguf(folder.file("again.gguf"), again, opened.metadata());
    CHECK(read_file(folder.file("again.gguf")) == read_file(path));
}

TEST_CASE("a stored weight is seen where it lies, for as long as a copy exists") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.gguf");
    save_gguf(path, {{"w", {}, store(floats({3, 32}, 5), WeightFormat::q4_0, out_in)}},
              GgufMetadata());
    StoredWeight w;
    {
        const GgufFile file(path);
        const GgufFile copy = file;
        w = file.stored("w", {3, 32}, out_in);
        CHECK(w.data() == copy.stored("w", {3, 32}, out_in).data());
    }
    CHECK(values_of(w).count() == 96);
    REQUIRE(::truncate(path.c_str(), 100) == 0);
    CHECK_THROWS_WITH_AS(values_of(w), doctest::Contains("the file has been cut short"), FileError);
}

TEST_CASE("the bytes of llama.cpp's types are read as the numbers that they mean") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.gguf");
    std::string q8 = std::string("\x00\x38", 2), q4 = q8;  // 0.5
    for (int i = 0; i < 32; ++i) q8 += static_cast<char>(i - 16);
    for (int i = 0; i < 16; ++i) q4 += static_cast<char>(i | (15 - i) << 4);
    const auto padded = [](std::string data) {
        return data + std::string(32 - data.size() % 32, '\0');
    };
    write_file(path, gguf_file({gguf_tensor("f16", {2}, 1, 0), gguf_tensor("bf16", {1, 2}, 30, 32),
                                gguf_tensor("q8", {32}, 8, 64), gguf_tensor("q4", {32, 1}, 2, 128),
                                gguf_tensor("k", {256}, 14, 160)},
                               {},
                               padded(std::string("\x00\x3C\x00\xC0", 4)) +
                                   padded(std::string("\x80\x3F\x00\xC0", 4)) + padded(q8) +
                                   padded(q4) + std::string(210, '\0'),
                               2));
    const GgufFile file(path);
    CHECK(file.tensor("f16").to_vector() == std::vector<Real>{1, -2});
    CHECK(file.tensor("bf16").shape() == Shape{2, 1});
    CHECK(file.tensor("bf16").to_vector() == std::vector<Real>{1, -2});
    const Tensor eight = file.tensor("q8"), four = file.tensor("q4");
    CHECK(four.shape() == Shape{1, 32});
    for (int i = 0; i < 32; ++i) {
        CHECK(eight[i] == static_cast<Real>(i - 16) / 2);
        CHECK(four[i] == static_cast<Real>((i < 16 ? i : 31 - i) - 8) / 2);
    }
    CHECK(file.names().size() == 5);  // a type that is not read leaves the rest readable
    CHECK(file_error([&] { file.tensor("k"); }) ==
          path +
              ": tensor \"k\" has type Q6_K (14); F32, F16, BF16, Q8_0 and Q4_0 can be read: "
              "llama.cpp's llama-quantize --pure writes these");
    CHECK_THROWS_AS(file.stored("k", {256}, out_in), std::exception);
}

TEST_CASE("a missing tensor and a wrong shape are refused") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.gguf");
    save_gguf(path, {{"blk.0.attn_q.weight", floats({2, 3}, 1)}, {"output", floats({3}, 1)}},
              GgufMetadata());
    const GgufFile file(path);
    CHECK(file_error([&] { file.tensor("attn_q.weight"); }) ==
          path + ": no tensor \"attn_q.weight\" among 2; near names: \"blk.0.attn_q.weight\"");
    CHECK(file_error([&] {
              file.stored("blk.0.attn_q.weight", {3, 2}, out_in);
          }) == path + ": tensor \"blk.0.attn_q.weight\" has shape (2, 3), but (3, 2) is needed");
    CHECK(file_error([&] {
              file.stored("output", {3, 1}, out_in);
          }) == path + ": tensor \"output\" has shape (3,), but (3, 1) is needed");
    CHECK(file_error([&] { GgufFile{folder.file("none")}; }) ==
          folder.file("none") + ": cannot read: no such file or folder");
}

TEST_CASE("a shape without elements is read, however large its other sizes") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.gguf");
    const std::int64_t large = std::int64_t{1} << 62;
    write_file(path,
               gguf_file({gguf_tensor("a", {large, 0}, 0, 0), gguf_tensor("b", {0, large}, 8, 0),
                          gguf_tensor("c", {large, large, 0}, 1, 0)},
                         {}));
    const GgufFile file(path);
    for (const std::string& name : file.names()) CHECK(file.tensor(name).count() == 0);
}

TEST_CASE("what cannot be saved is refused before anything is written") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.gguf");
    const Tensor t = Tensor::scalar(1);
    const auto refused = [&](const std::vector<NamedTensor>& tensors, const GgufMetadata& metadata,
                             const std::string& why) {
        CHECK_THROWS_WITH_AS(save_gguf(path, tensors, metadata), why.c_str(),
                             std::invalid_argument);
    };
    const GgufMetadata none;
    refused({{"w", Tensor()}}, none, "gguf: tensor \"w\" is undefined");
    refused({{"w", t}, {"v", t}, {"w", t}}, none, "gguf: two tensors are called \"w\"");
    const std::string name(64, 'n');
    CHECK_THROWS_AS(save_gguf(path, {{name, t}}, none), std::invalid_argument);
    CHECK_NOTHROW(save_gguf(path, {{name.substr(1), t}}, none));
    std::filesystem::remove(path);
    refused({{"w", Tensor(Shape{1, 1, 1, 1, 1})}}, none,
            "gguf: tensor \"w\" has 5 axes, at most 4 are allowed");
    refused({{"w", {}, store(Tensor({2, 2}), WeightFormat::int8, out_in)}}, none,
            "gguf: tensor \"w\" is in int8, for which the format has no type; q8_0 is near it");
    GgufMetadata nested, alignment;
    nested.add("k", GgufArray(std::monostate()));
    refused({}, nested, "gguf: an array of arrays");
    alignment.add("general.alignment", std::uint32_t{64});
    refused({}, alignment, "gguf: general.alignment must be a u32 of 32");
    CHECK(folder.files() == 0);
    GgufMetadata usual;
    usual.add("general.alignment", std::uint32_t{32});
    CHECK_NOTHROW(save_gguf(path, {}, usual));
}

TEST_CASE("200 truncations and 1000 damaged files are refused or read") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("m.gguf");
    save_gguf(
        path,
        {{"q", {}, store(floats({2, 32}, 5), WeightFormat::q4_0, out_in)}, {"n", floats({3}, 6)}},
        some_metadata());
    const std::string valid = read_file(path);
    const auto complaint = [&](const std::string& bytes) {
        write_file(path, bytes);
        return file_error([&] {
            const GgufFile file(path);
            for (const std::string& name : file.names()) file.tensor(name);
        });
    };
    REQUIRE(complaint(valid) == "");
    for (std::size_t i = 0; i < 200; ++i)
        CHECK(complaint(valid.substr(0, valid.size() * i / 210)) != "");
    Random random(20240615, Stream::user);
    int refused = 0;
    for (int round = 0; round < 1000; ++round) {
        std::string bytes = valid;
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        refused += complaint(bytes) != "";
    }
    CHECK(refused > 300);
    CHECK(refused < 1000);
}

TEST_CASE("a weight that has not been loaded, or that no float can hold, is refused by name") {
    const TemporaryFolder folder;
    const std::string path = folder.file("x.gguf");
    const StoredWeight none{WeightFormat::f32, out_in, 2, 3, {}, {}};
    CHECK_THROWS_WITH_AS(save_gguf(path, {{"w", {}, none}}, GgufMetadata()),
                         "gguf: tensor \"w\" has not been loaded", std::invalid_argument);
    Tensor x({3});
    x[1] = std::numeric_limits<Real>::infinity();
    x[2] = static_cast<Real>(std::numeric_limits<float>::max());
    CHECK_NOTHROW(save_gguf(path, {{"x", x}}, GgufMetadata()));
    if (sizeof(Real) == 4) return;
    x[2] *= 10;
    CHECK_THROWS_WITH_AS(save_gguf(folder.file("y.gguf"), {{"x", x}}, GgufMetadata()),
                         doctest::Contains("gguf: tensor \"x\": 3.40"), std::invalid_argument);
    CHECK(folder.files() == 1);
}
