// SPDX-License-Identifier: MIT
#include "nn/files/weights/sharded_safetensors.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"
#include "tests/tensors.h"
#include "tests/text.h"

using namespace gradus;

namespace {

constexpr const char* kIndexName = "model.safetensors.index.json";

// Two shards in a folder, and what an index of them says.
struct Model {
    TemporaryFolder folder{memory_folder()};
    Tensor wte = uniform({5, 4}, 1), wpe = uniform({3, 4}, 2), norm = uniform({4}, 3);
    std::string index = folder.file(kIndexName);

    Model() {
        save_safetensors(folder.file("a.safetensors"), {{"wte", wte}, {"norm", norm}});
        save_safetensors(folder.file("b.safetensors"), {{"wpe", wpe}});
    }
    // The error for an index with these pairs, without its path.
    std::string error(const std::string& pairs) const { return error_of(with_map(pairs)); }
    std::string error_of(const std::string& text) const {
        write_file(index, text);
        const std::string message = file_error([&] { ShardedSafetensors{index}; });
        CHECK(message.find('\n') == message.npos);
        const std::string prefix = index + ": ";
        return message.compare(0, prefix.size(), prefix) == 0 ? message.substr(prefix.size())
                                                              : message;
    }
    static std::string with_map(const std::string& pairs) {
        return R"({"metadata":{"total_size":124},"weight_map":{)" + pairs + "}}";
    }
};

const std::string kPairs = R"("wte":"a.safetensors","wpe":"b.safetensors","norm":"a.safetensors")";

}  // namespace

TEST_CASE("the tensors of all shards are one file's") {
    const Model model;
    write_file(model.index, Model::with_map(kPairs));
    const ShardedSafetensors sharded(model.index);
    const WeightFile& file = sharded;
    CHECK(file.path() == model.index);
    CHECK(file.names() == std::vector<std::string>{"norm", "wte", "wpe"});
    CHECK(file.contains("wpe"));
    CHECK(!file.contains("wp"));
    CHECK(file.shape("wte") == std::vector<Index>{5, 4});
    CHECK(same_bits(file.tensor("wte"), model.wte));
    CHECK(same_bits(file.tensor("wpe"), model.wpe));
    CHECK(same_bits(file.tensor("norm"), model.norm));
    if (sizeof(Real) == 4)
        CHECK(same_bits(values_of(file.stored("wpe", {3, 4}, WeightLayout::out_in)), model.wpe));
    CHECK(file_error([&] { file.tensor("wpee"); }) ==
          model.index + ": no tensor \"wpee\" among 3; near names: \"wpe\", \"wte\"");
    CHECK(file_error([&] { file.stored("wpe", {4, 3}, WeightLayout::out_in); }) != "");
    const ShardedSafetensors copy = sharded;
    CHECK(same_bits(copy.tensor("wte"), model.wte));
}

TEST_CASE("an index and its shards must agree in both directions") {
    const Model model;
    CHECK(model.error(kPairs) == "");
    CHECK(model.error(kPairs + R"(,"h.0":"b.safetensors")") ==
          "tensor \"h.0\" is not in \"b.safetensors\", as the index says, nor in any other shard");
    CHECK(model.error(R"("wte":"b.safetensors","wpe":"b.safetensors","norm":"a.safetensors")") ==
          "tensor \"wte\" is in \"a.safetensors\", but the index says \"b.safetensors\"");
    CHECK(model.error(R"("wte":"a.safetensors","wpe":"b.safetensors")") ==
          "the shard \"a.safetensors\" holds tensor \"norm\", which the index does not list");
    CHECK(model.error(kPairs + R"(,"h.0":"c.safetensors")") ==
          "the shard \"c.safetensors\", with tensor \"h.0\", is missing: has all of the model been "
          "copied?");
    // Longer than a name may be.
    CHECK(model.error(kPairs + R"(,"h.0":")" + std::string(300, 'c') + '"')
              .ends_with("cannot read: File name too long"));
    CHECK(model.error(kPairs + R"(,"wte":"b.safetensors")") ==
          "weight_map: tensor \"wte\" is there twice");
    save_safetensors(model.folder.file("b.safetensors"), {{"wpe", model.wpe}, {"wte", model.wte}});
    CHECK(model.error(kPairs) ==
          "tensor \"wte\" is in two shards, \"a.safetensors\" and \"b.safetensors\"");
    write_file(model.folder.file("b.safetensors"), "1234567");
    CHECK(model.error(kPairs) == model.folder.file("b.safetensors") +
                                     ": offset 0: 7 bytes, but the header's size alone takes 8 "
                                     "(HeaderTooSmall)");
}

TEST_CASE("a shard is a file in the index's folder, and nothing else") {
    const Model model;
    const std::string rule = ", which is not the name of a file in the index's folder";
    for (const std::string shard :
         {"", ".", "..", "../a.safetensors", "/etc/passwd", "sub/a.safetensors", "a\\u0000b"}) {
        CAPTURE(shard);
        const std::string shown = "\"" + shard + "\"";
        CHECK(model.error("\"wte\":\"" + shard + "\"") ==
              "weight_map: tensor \"wte\" is in " + shown + rule);
    }
    CHECK(model.error(R"("wte":"a.safetensors/")") ==
          "weight_map: tensor \"wte\" is in \"a.safetensors/\"" + rule);
    // A name from the file can break neither the line nor the terminal.
    const std::string evil =
        model.error(R"("\u001b[31m\n":"x\n\u0007/)" + std::string(1000, 'y') + "\"");
    CHECK(contains(evil, R"(tensor "\u001b[31m\n" is in "x\n\u0007/yyy)"));
    CHECK(evil.size() < 250);
}

TEST_CASE("an index of another form is refused with what is wrong") {
    const Model model;
    const std::string none = "no object \"weight_map\": is this the index of a safetensors model?";
    CHECK(model.error_of("{}") == none);
    CHECK(model.error_of("[]") == none);
    CHECK(model.error_of("17") == none);
    CHECK(model.error_of(R"([{"weight_map":{}}])") == none);
    CHECK(model.error_of(R"({"metadata":{"weight_map":{}}})") == none);
    CHECK(model.error_of(R"({"weight_map":[]})") == "\"weight_map\" is not an object");
    CHECK(model.error_of(R"({"weight_map":["a"]})") == "\"weight_map\" is not an object");
    CHECK(model.error_of(R"({"weight_map":"a"})") == "\"weight_map\" is not an object");
    CHECK(model.error_of(R"({"weight_map":{},"weight_map":{}})") ==
          "\"weight_map\" is there twice");
    for (const char* shard : {"1", "null", "true", "[]", "{}", R"(["a"])", R"({"a":"b"})"})
        CHECK(model.error(std::string("\"wte\":") + shard) ==
              "weight_map: the shard of tensor \"wte\" is not a string");
    CHECK(model.error_of("") == "offset 0: the index is not JSON");
    CHECK(model.error_of(R"({"weight_map":{"a":)") == "offset 19: the index is not JSON");
    CHECK(model.error_of(std::string("{\"weight_map\":{}}\0{", 19)) ==
          "offset 17: the index is not JSON: byte 0x00");
    CHECK(contains(model.error_of("{\"\xFF\":1}"), "the index is not JSON"));
    CHECK(model.error_of("{\"n\":1e999}") == "the index holds a number that is too large");
    CHECK(model.error_of("{\"more\":" + std::string(100000, '[')) ==
          "more than 100 brackets inside one another");
    CHECK(model.error_of(R"({"more":[[{"x":[1]}],"y"],"weight_map":{)" + kPairs + "}}") == "");
}

TEST_CASE("an index that is too large is refused before it is read") {
    const Model model;
    write_file(model.index, "{");
    std::filesystem::resize_file(model.index, kMaxSafetensorsIndex + 1);  // a hole
    CHECK(file_error([&] { ShardedSafetensors{model.index}; }) ==
          model.index + ": an index of 64000001 bytes, at most 64000000 are allowed");
}

TEST_CASE("open_safetensors takes a file, an index, or a folder with either") {
    const Model model;
    write_file(model.index, Model::with_map(kPairs));
    CHECK(open_safetensors(model.folder.file("b.safetensors"))->names().size() == 1);
    CHECK(open_safetensors(model.index)->names().size() == 3);
    CHECK(open_safetensors(model.folder.path())->path() == model.index);
    CHECK(open_safetensors(model.folder.path() + "/")->names().size() == 3);
    const std::string single = model.folder.file("model.safetensors");
    save_safetensors(single, {{"wte", model.wte}});
    CHECK(open_safetensors(model.folder.path())->path() == single);
    const TemporaryFolder empty;
    CHECK(file_error([&] { open_safetensors(empty.path()); }) ==
          empty.path() +
              ": the folder has neither model.safetensors nor model.safetensors.index.json");
    CHECK(file_error([&] { open_safetensors(empty.file("x")); }) ==
          empty.file("x") + ": cannot read: no such file or folder");
    CHECK(contains(file_error([&] { open_safetensors(empty.file("x.json")); }), "cannot read"));
}

TEST_CASE("1200 damaged indexes are refused or read") {
    const Model model;
    const std::string valid = Model::with_map(kPairs);
    for (std::size_t size = 0; size < 200; ++size)
        CHECK((model.error_of(valid.substr(0, size % valid.size())) != ""));
    Random random(20240613, Stream::user);
    int refused = 0;
    for (int round = 0; round < 1000; ++round) {
        std::string text = valid;
        text[random.below(text.size())] = static_cast<char>(random.below(256));
        refused += model.error_of(text) != "";
    }
    CHECK(refused > 800);
    CHECK(refused < 1000);  // "total_size" may change
}

TEST_CASE("an index of many other keys takes no longer than its length (0.3 s)") {
    const Model model;
    std::string more;
    constexpr int kKeys = kSanitized ? 10'000 : 100'000;
    for (int i = 0; i < kKeys; ++i) more += fmt::format("\"a{}\":0,", i);
    for (int i = 0; i < kKeys; ++i) more += fmt::format("\"z{}\":{{}},", i);
    const std::string map =
        R"("weight_map":{"wte":"a.safetensors","norm":"a.safetensors","wpe":"b.safetensors"})";
    CHECK(model.error_of("{" + more + map + "}") == "");
}
