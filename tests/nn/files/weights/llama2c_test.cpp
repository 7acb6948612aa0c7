// SPDX-License-Identifier: MIT
// Checkpoints of llama2.c, put together as export.py does, number by number.
#include "nn/files/weights/llama2c.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/files/weights/gguf_bytes.h"
#include "tests/settings.h"
#include "tests/tensors.h"
#include "tests/text.h"

using namespace gradus;

namespace {

constexpr auto out_in = WeightLayout::out_in;

// Three layers, four heads of two numbers, two heads of keys.
constexpr int kWidth = 8, kHidden = 12, kLayers = 3, kHeads = 4, kKvHeads = 2, kVocabulary = 5,
              kContext = 6, kGroup = 4;

std::string header(int version, bool shared, int group = kGroup, int magic = 0x616b3432) {
    const auto i32 = [](int value) { return bytes_of(std::int32_t{value}); };
    std::string bytes = version == 0 ? "" : i32(magic) + i32(version);
    bytes += i32(kWidth) + i32(kHidden) + i32(kLayers) + i32(kHeads) + i32(kKvHeads);
    bytes += i32(version == 0 && !shared ? -kVocabulary : kVocabulary) + i32(kContext);
    if (version == 0) return bytes;
    bytes += shared ? '\1' : '\0';
    if (version == 2) bytes += i32(group);
    return bytes + std::string(256 - bytes.size(), '\0');
}

// Element i of the tensor with this number in its name's order: no two are the same.
double element(int tensor, int layer, int i) {
    return tensor + layer / 8.0 + i / 1024.0;
}

struct Part {
    std::string name;
    int number, count;
};
const std::vector<Part> kParts = {{"tok_embeddings", 0, kVocabulary* kWidth},
                                  {"attention_norm", 1, kWidth},
                                  {"attention.wq", 2, kWidth* kWidth},
                                  {"attention.wk", 3, 4 * kWidth},
                                  {"attention.wv", 4, 4 * kWidth},
                                  {"attention.wo", 5, kWidth* kWidth},
                                  {"ffn_norm", 6, kWidth},
                                  {"feed_forward.w1", 7, kHidden* kWidth},
                                  {"feed_forward.w2", 8, kWidth* kHidden},
                                  {"feed_forward.w3", 9, kHidden* kWidth},
                                  {"norm", 10, kWidth},
                                  {"output", 11, kVocabulary* kWidth}};

bool is_norm(int number) {
    return number == 1 || number == 6 || number == 10;
}

// The bytes of one tensor. Quantised values are i % 256 - 128, with a scale per group.
std::string part(int version, int number, int layer) {
    const int count = kParts[static_cast<std::size_t>(number)].count;
    std::string bytes, scales;
    for (int i = 0; i < count; ++i) {
        if (version < 2 || is_norm(number)) {
            bytes += bytes_of(static_cast<float>(element(number, layer, i)));
        } else {
            bytes += static_cast<char>(i % 256 - 128);
            if (i % kGroup == 0) scales += bytes_of(static_cast<float>(element(number, layer, i)));
        }
    }
    return bytes + scales;
}

std::string checkpoint(int version, bool shared) {
    std::string bytes = header(version, shared);
    const auto single = [&](int number) { bytes += part(version, number, 0); };
    const auto each_layer = [&](int number) {
        for (int layer = 0; layer < kLayers; ++layer) bytes += part(version, number, layer);
    };
    if (version == 0) {
        single(0);
        for (int number = 1; number <= 9; ++number) each_layer(number);
        single(10);
        bytes += std::string(2 * kContext * (kWidth / kHeads / 2) * 4, '\x7F');  // cosines, sines
    } else {
        each_layer(1), each_layer(6), single(10), single(0);
        for (const int number : {2, 3, 4, 5, 7, 8, 9}) each_layer(number);
    }
    if (!shared) single(11);
    return bytes;
}

struct File {
    TemporaryFolder folder{memory_folder()};
    std::string path = folder.file("model.bin");

    std::string complaint(const std::string& bytes) const {
        write_file(path, bytes);
        const std::string message = file_error([&] {
            const Llama2cFile file(path);
            for (const std::string& name : file.names()) file.tensor(name);
        });
        CHECK(message.find('\n') == message.npos);
        return message.empty() ? "" : message.substr(path.size() + 2);
    }
    // The error for a header whose number `index` of the seven is this.
    std::string with(int version, int index, int value) const {
        std::string bytes = checkpoint(version, true);
        bytes.replace(static_cast<std::size_t>((version == 0 ? 0 : 8) + 4 * index), 4,
                      bytes_of(std::int32_t{value}));
        return complaint(bytes);
    }
};

const std::string kHint = "; is this a checkpoint of llama2.c?";

}  // namespace

TEST_CASE("every tensor of versions 0, 1 and 2 is where export.py puts it") {
    const File f;
    for (const int version : {0, 1, 2})
        for (const bool shared : {true, false}) {
            CAPTURE(version);
            CAPTURE(shared);
            write_file(f.path, checkpoint(version, shared));
            const Llama2cFile opened(f.path);
            const WeightFile& file = opened;
            const Llama2cConfig& c = opened.config();
            CHECK(c.version == version);
            CHECK(c.width == kWidth);
            CHECK(c.hidden == kHidden);
            CHECK(c.layers == kLayers);
            CHECK(c.heads == kHeads);
            CHECK(c.kv_heads == kKvHeads);
            CHECK(c.vocabulary == kVocabulary);
            CHECK(c.context == kContext);
            CHECK(c.shared_output == shared);
            CHECK(c.group == (version == 2 ? kGroup : 0));
            CHECK(file.names().size() == 9 * kLayers + (shared ? 2 : 3));
            CHECK(file.contains("output.weight") == !shared);
            for (const Part& p : kParts) {
                const bool single = p.number == 0 || p.number >= 10;
                for (int layer = 0; layer < (single ? 1 : kLayers); ++layer) {
                    const std::string prefix =
                        single ? "" : "layers." + std::to_string(layer) + ".";
                    if (p.number == 11 && shared) continue;
                    const Tensor t = file.tensor(prefix + p.name + ".weight");
                    REQUIRE(t.count() == p.count);
                    for (int i = 0; i < p.count; ++i) {
                        const int group = i / kGroup * kGroup;
                        const double expected =
                            version < 2 || is_norm(p.number)
                                ? element(p.number, layer, i)
                                : (i % 256 - 128) * element(p.number, layer, group);
                        if (std::abs(static_cast<double>(t[i]) - expected) > 1e-4)
                            FAIL_CHECK(p.name, " ", layer, " at ", i, ": ", t[i], ", not ",
                                       expected);
                    }
                }
            }
        }
}

TEST_CASE("shapes are those of Meta's checkpoints: (OUT, IN)") {
    const File f;
    write_file(f.path, checkpoint(1, false));
    const Llama2cFile file(f.path);
    const auto shape = [&](const std::string& name) { return file.shape(name); };
    using Sizes = std::vector<Index>;
    CHECK(shape("tok_embeddings.weight") == Sizes{kVocabulary, kWidth});
    CHECK(shape("layers.2.attention.wq.weight") == Sizes{kWidth, kWidth});
    CHECK(shape("layers.2.attention.wk.weight") == Sizes{4, kWidth});
    CHECK(shape("layers.2.attention.wv.weight") == Sizes{4, kWidth});
    CHECK(shape("layers.0.feed_forward.w1.weight") == Sizes{kHidden, kWidth});
    CHECK(shape("layers.0.feed_forward.w2.weight") == Sizes{kWidth, kHidden});
    CHECK(shape("layers.0.feed_forward.w3.weight") == Sizes{kHidden, kWidth});
    CHECK(shape("layers.0.ffn_norm.weight") == Sizes{kWidth});
    CHECK(shape("norm.weight") == Sizes{kWidth});
    CHECK(shape("output.weight") == Sizes{kVocabulary, kWidth});
    CHECK(file_error([&] { file.shape("layers.3.ffn_norm.weight"); }) ==
          f.path +
              ": no tensor \"layers.3.ffn_norm.weight\" among 30; near names: "
              "\"layers.0.ffn_norm.weight\", \"layers.1.ffn_norm.weight\", "
              "\"layers.2.ffn_norm.weight\"");
}

TEST_CASE("a matrix is seen where it lies, and a copy of it in version 2") {
    const File f;
    for (const int version : {0, 1, 2}) {
        write_file(f.path, checkpoint(version, true));
        const Llama2cFile file(f.path);
        const std::string name = "layers.1.feed_forward.w1.weight";
        const StoredWeight w = file.stored(name, {kHidden, kWidth}, out_in),
                           again = file.stored(name, {kHidden, kWidth}, out_in);
        CHECK(w.format == WeightFormat::f32);
        CHECK((w.data() == again.data()) == (version < 2));
        const Tensor values = file.tensor(name), seen = values_of(w);
        for (Index i = 0; i < values.count(); ++i)
            CHECK(static_cast<float>(seen[i]) == static_cast<float>(values[i]));
        CHECK(file_error([&] {
                  file.stored(name, {kWidth, kHidden}, out_in);
              }) == f.path + ": tensor \"" + name + "\" has shape (12, 8), but (8, 12) is needed");
        CHECK_THROWS_AS(file.stored("norm.weight", {8, 1}, out_in), FileError);
        REQUIRE(::truncate(f.path.c_str(), 300) == 0);
        CHECK_THROWS_WITH_AS(file.tensor(name), doctest::Contains("cut short"), FileError);
        if (version < 2) CHECK_THROWS_AS(values_of(w), FileError);
    }
    // The first scale of the table follows its 40 int8 values.
    std::string bytes = checkpoint(2, true);
    const std::size_t scale = 256 + 4 * (2 * kLayers + 1) * kWidth + kVocabulary * kWidth;
    bytes.replace(scale, 4, bytes_of(std::numeric_limits<float>::infinity()));
    write_file(f.path, bytes);
    CHECK(file_error([&] {
              Llama2cFile(f.path).stored("tok_embeddings.weight", {kVocabulary, kWidth}, out_in);
          }) == f.path + ": tensor \"tok_embeddings.weight\" has a scale that is not finite");
}

TEST_CASE("the sizes of stories260K give its number of parameters, and of bytes") {
    const File f;
    std::string bytes;
    for (const int size : {64, 172, 5, 8, 4, 512, 512}) bytes += bytes_of(std::int32_t{size});
    write_file(f.path, bytes);
    std::filesystem::resize_file(f.path, 1'056'540);
    const Llama2cFile file(f.path);
    Index parameters = 0;
    for (const std::string& name : file.names()) parameters += Shape(file.shape(name)).count();
    CHECK(parameters == 260'032);
}

TEST_CASE("a header that makes no model is refused") {
    const File f;
    for (const int version : {0, 1, 2}) {
        CAPTURE(version);
        CHECK(f.with(version, 0, 0) == "dim is 0, must be from 1 to 1048576" + kHint);
        CHECK(f.with(version, 0, 1048577) == "dim is 1048577, must be from 1 to 1048576" + kHint);
        CHECK(f.with(version, 1, -3) == "hidden_dim is -3, must be from 1 to 1048576" + kHint);
        CHECK(f.with(version, 2, 4097) == "n_layers is 4097, must be from 1 to 4096" + kHint);
        CHECK(f.with(version, 3, 9) == "n_heads is 9, must be from 1 to 8" + kHint);
        CHECK(f.with(version, 3, 3) == "dim 8 does not make 3 heads of an even size" + kHint);
        CHECK(f.with(version, 3, 8) == "dim 8 does not make 8 heads of an even size" + kHint);
        CHECK(f.with(version, 4, 5) == "n_kv_heads is 5, must be from 1 to 4" + kHint);
        CHECK(f.with(version, 4, 3) == "n_heads 4 is not a multiple of n_kv_heads 3" + kHint);
        CHECK(f.with(version, 5, 0) == "vocab_size is 0, must be from 1 to 16777216" + kHint);
        CHECK(f.with(version, 5, std::numeric_limits<int>::min()) ==
              "vocab_size is " + std::string(version == 0 ? "" : "-") +
                  "2147483648, must be from 1 to 16777216" + kHint);
        CHECK(f.with(version, 6, 0) == "seq_len is 0, must be from 1 to 16777216" + kHint);
    }
    CHECK(f.with(1, 5, -5) == "vocab_size is -5, must be from 1 to 16777216" + kHint);
    std::string bytes = checkpoint(1, true);
    bytes[36] = '\2';
    CHECK(f.complaint(bytes) == "offset 36: shared_classifier is 2, must be 0 or 1");
    for (const int version : {3, 0, -1}) {
        bytes.replace(4, 4, bytes_of(std::int32_t{version}));
        CHECK(f.complaint(bytes) == "offset 4: version " + std::to_string(version) +
                                        "; 1, 2 and the legacy version without a number can be "
                                        "read");
    }
    const auto group = [&](int size) {
        return f.complaint(header(2, true, size) + checkpoint(2, true).substr(256));
    };
    CHECK(group(0) == "group_size is 0, must be from 1 to 8" + kHint);
    CHECK(group(-4) == "group_size is -4, must be from 1 to 8" + kHint);
    CHECK(group(9) == "group_size is 9, must be from 1 to 8" + kHint);
    CHECK(group(7) == "the 40 values of tok_embeddings are not whole groups of 7" + kHint);
    CHECK(contains(group(8), "the sizes in the header need"));
}

TEST_CASE("a file has exactly the bytes that its header asks for") {
    const File f;
    CHECK(f.complaint("") == "0 bytes, but the header of a llama2.c checkpoint takes 28");
    CHECK(f.complaint(header(1, true).substr(0, 255)) ==
          "255 bytes, but the header of a llama2.c checkpoint takes 256");
    for (const int version : {0, 1, 2})
        for (const bool shared : {true, false}) {
            const std::string bytes = checkpoint(version, shared);
            const std::string size = std::to_string(bytes.size());
            CHECK(f.complaint(bytes) == "");
            CHECK(f.complaint(bytes.substr(0, bytes.size() - 1)) ==
                  "the sizes in the header need " + size + " bytes, but the file has " +
                      std::to_string(bytes.size() - 1) +
                      ": it is cut short, or is not a checkpoint of llama2.c");
            CHECK(f.complaint(bytes + "x") ==
                  "the sizes in the header need " + size + " bytes, but the file has " +
                      std::to_string(bytes.size() + 1) +
                      ": it has extra data, or is not a checkpoint of llama2.c");
        }
    // The largest sizes that are allowed: no number overflows.
    std::string bytes;
    for (const int size : {1 << 20, 1 << 20, 1 << 12, 1, 1, 1 << 24, 1 << 24})
        bytes += bytes_of(std::int32_t{size});
    // 4096 layers of (4 + 3) 2^40 floats and two norms, two tables of 2^44, and the last norm
    const auto expected = 28 + 4 * (4096 * (7 * (std::uint64_t{1} << 40) + (2 << 20)) +
                                    2 * (std::uint64_t{1} << 44) + (1 << 20));
    CHECK(contains(f.complaint(bytes), "need " + std::to_string(expected) + " bytes"));
}

TEST_CASE("200 truncations and 1000 damaged files of each version are refused or read") {
    const File f;
    for (const int version : {0, 1, 2}) {
        const std::string valid = checkpoint(version, true);
        for (std::size_t i = 0; i < 200; ++i)
            CHECK(f.complaint(valid.substr(0, i < 100 ? i : valid.size() * i / 200)) != "");
        Random random(20240616, Stream::user);
        int refused = 0;
        constexpr int kRounds = kSanitized ? 200 : 1000;
        for (int round = 0; round < kRounds; ++round) {
            std::string bytes = valid;
            bytes[random.below(50)] = static_cast<char>(random.below(256));
            refused += f.complaint(bytes) != "";
        }
        CHECK(refused > kRounds * 2 / 5);
        CHECK(refused < kRounds);
    }
}
