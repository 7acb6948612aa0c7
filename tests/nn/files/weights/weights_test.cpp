// SPDX-License-Identifier: MIT
#include "nn/files/weights/weights.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>

#include "nn/files/atomic_file.h"
#include "nn/files/weights/safetensors.h"
#include "nn/layers/linear.h"
#include "nn/models/gpt.h"
#include "tensor/memory.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

struct Net {
    Linear hidden, out;

    explicit Net(std::uint64_t seed, Index width = 3) {
        Initialiser init(seed);
        hidden = Linear(2, width, init);
        out = Linear(width, 1, init);
    }
    void parameters(auto&& visit) {
        visit("hidden", hidden);
        visit("out", out);
    }
};

bool same(Net& a, Net& b) {
    const auto x = named_parameters(a), y = named_parameters(b);
    for (std::size_t i = 0; i < x.size(); ++i)
        for (Index k = 0; k < x[i].variable.value().count(); ++k)
            if (x[i].variable.value()[k] != y[i].variable.value()[k]) return false;
    return true;
}

}  // namespace

TEST_CASE("any module is saved and loaded, bit for bit") {
    const TemporaryFolder folder;
    const std::string path = folder.file("net.safetensors");
    Net net(1), other(2);
    CHECK_FALSE(same(net, other));
    save(path, net);
    load(path, other);
    CHECK(same(net, other));
}

TEST_CASE("a file of another module is refused, and nothing of this one is changed") {
    const TemporaryFolder folder;
    const std::string path = folder.file("net.safetensors");
    Net wide(1, 4), net(2), before(2);
    save(path, wide);
    CHECK_THROWS_WITH_AS(load(path, net), doctest::Contains("has shape (2, 4), the model has"),
                         FileError);
    save(path, net.hidden);
    CHECK_THROWS_WITH_AS(load(path, net), doctest::Contains("no tensor \"hidden.weight\""),
                         FileError);
    save(path, net);
    CHECK_THROWS_WITH_AS(load(path, *std::make_unique<Linear>(net.hidden)),
                         doctest::Contains("no tensor \"weight\""), FileError);
    CHECK(same(net, before));
}

namespace {

constexpr WeightFormat kFormats[] = {WeightFormat::f32, WeightFormat::f16, WeightFormat::bf16,
                                     WeightFormat::int8};
const GptConfig kSmall{.layers = 2, .heads = 2, .width = 20, .context = 6, .vocabulary = 7};

Tensor logits(const Gpt& model) {
    const NoGrad guard;
    return model(Tokens({1, 5}, {1, 4, 0, 2, 6})).value();
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0, resident = 0;
    statm >> pages >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// A file of about `megabytes`, opened by load_mapped: seconds, and how far the resident size grew;
// the first row of the table is then looked up, so that the model was really usable.
void check_mapped(Index megabytes, double seconds) {
    if (!std::ifstream("/proc/self/statm")) {
        MESSAGE("no /proc here");
        return;
    }
    const TemporaryFolder folder;
    const std::string path = folder.file("model.safetensors");
    const Index width = 512, rows = megabytes * 1'000'000 / (2 * width);
    {
        Initialiser init = Initialiser::none();
        Embedding table(rows, width, init);
        table.weight.value().fill(Real(0.5));
        table.store(WeightFormat::bf16);
        save(path, table);
    }
    trim_memory();
    const std::size_t before = resident_bytes();
    const auto start = std::chrono::steady_clock::now();
    Initialiser init = Initialiser::none();
    Embedding table(rows, width, init);
    load_mapped(path, table);
    CHECK(table(Tokens({1}, {3})).value()[1] == Real(0.5));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const std::size_t after = resident_bytes();
    if (kSanitized) return;  // what a sanitizer notes of every address takes time and memory itself
    const double grown = static_cast<double>(after) - static_cast<double>(before);
    MESSAGE(megabytes << " MB: " << took.count() << " s, " << grown / 1e6 << " MB more in memory");
    CHECK(took.count() < seconds);
    CHECK(grown < 2e6);
}

}  // namespace

TEST_CASE("a stored model is saved in its own format, and mapped or loaded gives the same bits") {
    const TemporaryFolder folder;
    for (const auto format : kFormats) {
        CAPTURE(to_string(format));
        const std::string path = folder.file(to_string(format) + ".safetensors");
        Gpt model(kSmall, 1), mapped(kSmall, Initialiser::none()), other(kSmall, 2);
        store_weights(model, format);
        save(path, model);
        const SafetensorsFile file(path);
        const char* dtypes[] = {"F32", "F16", "BF16", "I8"};
        CHECK(file.info("block.0.mlp.up.weight").dtype == dtypes[static_cast<int>(format)]);
        load_mapped(path, mapped);
        CHECK(same_bits(logits(mapped), logits(model)));
        CHECK(stored_weights(mapped)[2].weight->format == format);
        store_weights(other, format);
        CHECK_FALSE(same_bits(logits(other), logits(model)));
        load(path, other);
        CHECK(same_bits(logits(other), logits(model)));
        CHECK(parameter_count(other) == kSmall.parameter_count());
    }
}

TEST_CASE("the file of a trained model is mapped as it is") {
    const TemporaryFolder folder;
    const std::string path = folder.file("model.safetensors");
    Gpt model(kSmall, 1), mapped(kSmall, Initialiser::none());
    save(path, model);
    if (sizeof(Real) == 8) {  // F64 has no stored format
        CHECK_THROWS_WITH_AS(load_mapped(path, mapped),
                             doctest::Contains("has dtype F64; F32, F16"), FileError);
        return;
    }
    load_mapped(path, mapped);
    CHECK(same_bits(logits(mapped), logits(model)));
    CHECK(::unlink(path.c_str()) == 0);  // a mapping outlives the name
    CHECK(same_bits(logits(mapped), logits(model)));
}

TEST_CASE("a mapped model whose file is cut short says so, and gives no number") {
    const TemporaryFolder folder;
    const std::string path = folder.file("model.safetensors");
    Gpt model(kSmall, 1), mapped(kSmall, Initialiser::none());
    store_weights(model, WeightFormat::bf16);
    save(path, model);
    load_mapped(path, mapped);
    CHECK_NOTHROW(logits(mapped));
    REQUIRE(::truncate(path.c_str(), 3000) == 0);
    CHECK_THROWS_WITH_AS(logits(mapped), doctest::Contains("the file has been cut short"),
                         FileError);
}

TEST_CASE(
    "a file in another format, of another size or without scales is refused, and nothing changes") {
    const TemporaryFolder folder;
    const std::string path = folder.file("model.safetensors");
    Gpt model(kSmall, 1), other(kSmall, 2);
    store_weights(model, WeightFormat::bf16);
    store_weights(other, WeightFormat::int8);
    const Tensor before = logits(other);
    save(path, model);
    CHECK_THROWS_WITH_AS(
        load(path, other),
        doctest::Contains("tensor \"token.weight\" is bf16, but the model keeps it "
                          "in int8; load_mapped() takes any format"),
        FileError);
    GptConfig wide = kSmall;
    wide.width = 22;
    Gpt wider(wide, Initialiser::none());
    CHECK_THROWS_WITH_AS(load_mapped(path, wider), doctest::Contains("has shape (20,), the model"),
                         FileError);
    CHECK_THROWS_WITH_AS(logits(wider), doctest::Contains("have not been loaded"),
                         std::invalid_argument);
    CHECK(same_bits(logits(other), before));
    Gpt plain(kSmall, 3);  // floats can be trained, whatever the file has
    load(path, plain);
    CHECK(same_bits(plain.token.weight.value(), values_of(model.token.stored)));
    store_weights(plain, WeightFormat::int8);
    save(path, plain);
    Gpt floats(kSmall, 3);
    CHECK_THROWS_WITH_AS(load(path, floats), doctest::Contains("has shape"), FileError);
}

TEST_CASE("a mapped file of 32 MB is ready at once and takes no memory" * kFullSpeedOnly) {
    check_mapped(32, 0.1);
}

TEST_SUITE("long") {
    TEST_CASE("a mapped file of 500 MB is ready in 0.1 s and takes no memory") {
        check_mapped(500, 0.1);
    }
}

TEST_CASE("a file's tensor of more axes than a Tensor has is of the wrong shape") {
    const TemporaryFolder folder;
    const std::string path = folder.file("net.safetensors");
    Net net(1);
    save(path, net);
    std::string bytes = read_file(path);
    const std::size_t at = bytes.find("[2,3]");
    REQUIRE(at != bytes.npos);
    bytes.replace(at, 5, "[2,3,1,1,1,1,1]");
    const std::size_t header =
        static_cast<unsigned char>(bytes[0]) + 256u * static_cast<unsigned char>(bytes[1]) + 10;
    bytes[0] = static_cast<char>(header & 255), bytes[1] = static_cast<char>(header >> 8);
    write_file(path, bytes);
    CHECK_THROWS_WITH_AS(load(path, net),
                         (path + ": tensor \"hidden.weight\" has shape (2, 3, 1, 1, 1, 1, 1), the "
                                 "model has (2, 3)")
                             .c_str(),
                         FileError);
}
