// SPDX-License-Identifier: MIT
#include "nn/files/datasets/npz.h"

#include <doctest/doctest.h>

#include <cstdio>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/damage.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;
using namespace std::string_literals;

namespace {

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

// numpy.savez(file, x=array([1, 2], 'u1'), y=array(3.5)), NumPy 1.24. Its own headers have an extra
// field for sizes beyond 4 GiB.
const std::string kStored = from_hex(
    "504b0304140000000000000021006202655f820000008200000005001400782e6e707901001000820000000000"
    "00008200000000000000934e554d5059010076007b276465736372273a20277c7531272c2027666f727472616e"
    "5f6f72646572273a2046616c73652c20277368617065273a2028322c292c207d20202020202020202020202020"
    "202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "20200a0102504b0304140000000000000021003d3ee35b880000008800000005001400792e6e70790100100088"
    "000000000000008800000000000000934e554d5059010076007b276465736372273a20273c6638272c2027666f"
    "727472616e5f6f72646572273a2046616c73652c20277368617065273a2028292c207d20202020202020202020"
    "202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "202020202020200a0000000000000c40504b01021403140000000000000021006202655f820000008200000005"
    "0000000000000000000000800100000000782e6e7079504b01021403140000000000000021003d3ee35b880000"
    "00880000000500000000000000000000008001b9000000792e6e7079504b050600000000020002006600000078"
    "0100000000");

// numpy.savez_compressed(file, x=zeros(300, 'u1')), NumPy 1.24.
const std::string kDeflated = from_hex(
    "504b030414000000080000002100d214410e4b000000ac01000005001400782e6e707901001000ac0100000000"
    "00004b000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498"
    "179f5f94920a12774bcc294e058a17672416a402f91ac606063a9a3a0ab50a64032e865140340000504b010214"
    "0314000000080000002100d214410e4b000000ac010000050000000000000000000000800100000000782e6e70"
    "79504b0506000000000100010033000000820000000000");

const std::vector<NamedArray> kArrays = {{"x", {NumberType::u8, {2}, {1, 2}}},
                                         {"猫.y", {NumberType::i16, {1, 2}, {1, 0, 255, 255}}},
                                         {"empty", {NumberType::f64, {0, 4}, {}}}};

}  // namespace

TEST_CASE("archives of numpy.savez and savez_compressed are read") {
    const TemporaryFolder folder;
    const std::string path = folder.file("a.npz");
    write_file(path, kStored);
    const NpzFile stored(path);
    CHECK(stored.names() == std::vector<std::string>{"x", "y"});
    CHECK(stored.array("x").bytes == std::vector<std::uint8_t>{1, 2});
    CHECK(stored.array("y").shape == Shape{});
    CHECK(stored.array("y")[0] == 3.5);
    CHECK(file_error([&] { stored.array("z"); }) == path + ": no array \"z\" among 2");

    const std::string other = folder.file("b.npz");
    write_file(other, kDeflated);
    const NumberArray zeros = NpzFile(other).array("x");
    CHECK(zeros.shape == Shape{300});
    CHECK(zeros.bytes == std::vector<std::uint8_t>(300, 0));
}

TEST_CASE("arrays come back from an archive, whatever they are called") {
    const TemporaryFolder folder;
    const std::string path = folder.file("a.npz");
    write_npz(path, kArrays);
    const NpzFile file(path);
    CHECK(file.path() == path);
    REQUIRE(file.names().size() == 3);
    for (const NamedArray& named : kArrays) {
        CAPTURE(named.name);
        const NumberArray array = file.array(named.name);
        CHECK(array.type == named.array.type);
        CHECK(array.shape == named.array.shape);
        CHECK(array.bytes == named.array.bytes);
    }
    CHECK(file_error([&] { file.array("emty"); }) ==
          path + ": no array \"emty\" among 3; near names: \"empty\"");
    const std::string first = read_file(path);
    write_npz(path, kArrays);
    CHECK(read_file(path) == first);
    write_npz(path, {});
    CHECK(NpzFile(path).names().empty());
    CHECK(read_file(path) == "PK\x05\x06"s + std::string(18, '\0'));

    CHECK_THROWS_WITH(write_npz(path, {{"", {}}}), "npz: an array has no name");
    CHECK_THROWS_WITH(write_npz(path, {kArrays[0], kArrays[0]}),
                      "npz: two arrays are called \"x\"");
    CHECK_THROWS_WITH(write_npz(path, {{"\xFF", kArrays[0].array}}),
                      doctest::Contains("is not UTF-8, or too long"));
    CHECK(read_file(path).size() == 22);  // untouched by what failed
}

TEST_CASE("archives that are damaged, or lie about their entries, are refused") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("a.npz");
    const auto complaint = [&](const std::string& bytes) {
        std::remove(path.c_str());
        write_file(path, bytes);
        const std::string message = file_error([&] {
            const NpzFile file(path);
            for (const std::string& name : file.names()) file.array(name);
        });
        return message.substr(std::min(message.size(), path.size() + 2));
    };
    // The places of kDeflated: 0 the entry's header, 130 the directory, 181 the end.
    const auto changed = [](std::size_t at, const std::string& bytes) {
        return std::string(kDeflated).replace(at, bytes.size(), bytes);
    };
    REQUIRE(complaint(kDeflated) == "");
    CHECK(complaint("") ==
          "offset 0: not a zip file, or cut short: the record at its end is missing");
    CHECK(complaint(kDeflated + "x") ==
          "offset 0: not a zip file, or cut short: the record at its end is missing");
    CHECK(complaint("x" + kDeflated) ==
          "offset 182: the directory is at 130 and has 51 bytes, but must end here");
    CHECK(complaint(changed(191, "\xFF\xFF")) ==
          "offset 181: a zip64 file, of 4 GiB or more, is not supported");
    CHECK(complaint(changed(191, "\x02")) ==
          "offset 181: the directory is damaged: an entry is missing");
    CHECK(complaint(changed(191, "\0"s)) == "offset 130: the directory has more than 0 entries");
    CHECK(complaint(changed(138, "\x01")) == "offset 130: \"x.npy\" is encrypted");
    CHECK(complaint(changed(140, "\x0C")) ==
          "offset 130: \"x.npy\" is packed by method 12, must be stored or deflated");
    CHECK(complaint(changed(140, "\0"s)) ==
          "offset 130: \"x.npy\" is stored, but has 75 bytes of 428");
    CHECK(complaint(changed(150, "\xFF\xFF\xFF\xFF")) ==
          "offset 130: \"x.npy\" is a zip64 entry, of 4 GiB or more, which is not supported");
    CHECK(complaint(changed(150, "\x4C")) ==
          "offset 0: \"x.npy\" has 76 bytes, which are not all there");
    CHECK(complaint(changed(150, "\x4A")) == "\"x\": offset 74: the packed data are cut short");
    CHECK(complaint(changed(154, "\xAB"))
              .find("\"x\": a file of 75 bytes that unpacks to more than 427") == 0);
    CHECK(complaint(changed(154, "\0\0\0\xFF"s)) ==
          "\"x\": unpacks to 4278190080 bytes, at most 1073741824 are allowed");
    CHECK(complaint(changed(154, "\xAD")).find("\"x\": damaged: 428 bytes with the CRC-32 ") == 0);
    CHECK(complaint(changed(146, "\xD3")).find("must be 428 with 0e4114d3") != std::string::npos);
    CHECK(complaint(changed(158, "\xFF")) ==
          "offset 130: the directory is damaged: an entry exceeds it");
    CHECK(complaint(changed(172, "\x01")) ==
          "offset 1: \"x.npy\" does not begin here, where the directory has it");
    CHECK(complaint(changed(176, "y")) ==
          "offset 0: \"y.npy\" has another name here than in the directory");
    CHECK(complaint(changed(176, "\xFF")) == "offset 130: the name \"\\ufffd.npy\" is not UTF-8");
    CHECK(complaint(std::string(changed(176, "\n")).replace(30, 1, "\n")) == "");
    CHECK(complaint(std::string(changed(176, "x.txt")).replace(30, 5, "x.txt")) ==
          "entry \"x.txt\" is not an .npy file");

    // Two entries: the second's place in the directory is that of the first.
    std::string shared = kStored;
    const std::size_t second = shared.rfind("PK\x01\x02");
    shared.replace(second + 42, 4, std::string(4, '\0'));
    CHECK(complaint(shared) == "offset 0: \"y.npy\" has another name here than in the directory");
    std::string twice = shared;
    twice.replace(second + 46, 1, "x");
    CHECK(complaint(twice).find("two entries are called \"x.npy\"") != std::string::npos);

    // An entry hidden in the contents of another one, where the directory of a bomb would have many.
    const NamedArray y{"y", {NumberType::u8, {1}, {9}}};
    write_npz(path, {y});
    const std::string alone = read_file(path), local = alone.substr(0, alone.rfind("PK\x01\x02"));
    write_npz(path,
              {{"x", {NumberType::u8, {std::ssize(local)}, {local.begin(), local.end()}}}, y});
    std::string hidden = read_file(path);
    REQUIRE(complaint(hidden) == "");
    const std::size_t inner = hidden.find(local), at = hidden.rfind("PK\x01\x02") + 42;
    REQUIRE(inner < 256);
    hidden.replace(at, 4, std::string{static_cast<char>(inner), 0, 0, 0});
    CHECK(complaint(hidden) ==
          "offset " + std::to_string(inner + 35) + ": \"y.npy\" begins inside another entry");

    const int refused =
        refused_damage(kStored, [&](const std::string& bytes) { complaint(bytes); });
    CHECK(refused == 0);  // complaint() has caught them
    int read = 0;
    refused_damage(kStored, [&](const std::string& bytes) { read += complaint(bytes).empty(); });
    CHECK(read < 300);  // dates and attributes may be anything
}
