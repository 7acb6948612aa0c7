// SPDX-License-Identifier: MIT
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <set>

#include "nn/files/datasets/zip_parts.h"
#include "nn/files/gzip.h"
#include "nn/files/tensor_name.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// The signatures and sizes of the records that a zip file consists of (APPNOTE.TXT 4.3.7, 4.3.12,
// 4.3.16).
constexpr std::uint64_t kLocal = 0x04034B50, kCentral = 0x02014B50, kEnd = 0x06054B50;
constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22;
constexpr std::uint64_t kMost16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kEncrypted = 1, kUtf8 = 1 << 11;  // flags
constexpr std::uint64_t kStored = 0, kDeflated = 8;       // methods
constexpr std::uint64_t kVersion = 20;                    // of the format: 2.0, with deflate
constexpr std::uint64_t kFirstDay = 0x21;                 // 1 January 1980, the first date there is

std::uint32_t crc_of(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint64_t number_at(std::string_view file, std::size_t at, int bytes) {  // little-endian
    std::uint64_t value = 0;
    for (int i = bytes; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(file[at + static_cast<std::size_t>(i)]);
    return value;
}

void put(std::string& to, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) to += static_cast<char>(value >> 8 * i);
}

class ZipReader {
 public:
    ZipReader(std::string_view file, const std::string& path) : file_(file), path_(path) {}

    std::vector<ZipEntry> entries() {
        const std::size_t end = find_end();
        const std::uint64_t count = number_at(file_, end + 10, 2),
                            size = number_at(file_, end + 12, 4);
        directory_ = number_at(file_, end + 16, 4);
        if (count == kMost16 || directory_ == kMost32)
            refuse(end, "a zip64 file, of 4 GiB or more, is not supported");
        if (directory_ + size != end)
            refuse(end, fmt::format("the directory is at {} and has {} bytes, but must end here",
                                    directory_, size));
        std::vector<ZipEntry> list;
        std::set<std::string> names;
        std::size_t at = directory_;
        for (std::uint64_t i = 0; i < count; ++i) {
            list.push_back(entry(at, end));
            if (!names.insert(list.back().name).second)
                refuse(at, "two entries are called " + quoted_name(list.back().name));
        }
        if (at != end) refuse(at, fmt::format("the directory has more than {} entries", count));
        check_overlap(list);
        return list;
    }

 private:
    [[noreturn]] void refuse(std::size_t offset, const std::string& what) const {
        throw FileError(path_, fmt::format("offset {}: {}", offset, what));
    }

    // Where the last record begins, whose comment reaches the end of the file.
    std::size_t find_end() const {
        for (std::size_t back = kEndBytes; back <= file_.size() && back <= kEndBytes + kMost16;
             ++back) {
            const std::size_t at = file_.size() - back;
            if (number_at(file_, at, 4) == kEnd && number_at(file_, at + 20, 2) == back - kEndBytes)
                return at;
        }
        refuse(0, "not a zip file, or cut short: the record at its end is missing");
    }

    // The directory's entry at `at`, which is moved to the next one.
    ZipEntry entry(std::size_t& at, std::size_t end) const {
        if (end - at < kCentralBytes || number_at(file_, at, 4) != kCentral)
            refuse(at, "the directory is damaged: an entry is missing");
        const auto field = [&](std::size_t offset, int bytes) {
            return number_at(file_, at + offset, bytes);
        };
        const std::uint64_t flags = field(8, 2), method = field(10, 2), local = field(42, 4);
        const std::size_t name = field(28, 2),
                          all = kCentralBytes + name + field(30, 2) + field(32, 2);
        if (all > end - at) refuse(at, "the directory is damaged: an entry exceeds it");
        ZipEntry entry;
        entry.name = file_.substr(at + kCentralBytes, name);
        entry.deflated = method == kDeflated;
        entry.crc = static_cast<std::uint32_t>(field(16, 4));
        entry.packed = field(20, 4), entry.unpacked = field(24, 4);
        const std::string quoted = quoted_name(entry.name);
        if (utf8_valid_prefix(entry.name) < name)
            refuse(at, "the name " + quoted + " is not UTF-8");
        if (flags & kEncrypted) refuse(at, quoted + " is encrypted");
        if (method != kStored && method != kDeflated)
            refuse(at, fmt::format("{} is packed by method {}, must be stored or deflated", quoted,
                                   method));
        if (entry.packed == kMost32 || entry.unpacked == kMost32 || local == kMost32)
            refuse(at, quoted + " is a zip64 entry, of 4 GiB or more, which is not supported");
        if (!entry.deflated && entry.packed != entry.unpacked)
            refuse(at, fmt::format("{} is stored, but has {} bytes of {}", quoted, entry.packed,
                                   entry.unpacked));
        entry.begin = contents_of(local, entry, quoted);
        at += all;
        return entry;
    }

    // The entry's own header repeats its name; its contents follow.
    std::uint64_t contents_of(std::uint64_t local, const ZipEntry& entry,
                              const std::string& quoted) const {
        if (local > directory_ || directory_ - local < kLocalBytes ||
            number_at(file_, local, 4) != kLocal)
            refuse(local, quoted + " does not begin here, where the directory has it");
        const std::uint64_t name = number_at(file_, local + 26, 2);
        const std::uint64_t begin = local + kLocalBytes + name + number_at(file_, local + 28, 2);
        if (begin > directory_ || entry.packed > directory_ - begin)
            refuse(local,
                   fmt::format("{} has {} bytes, which are not all there", quoted, entry.packed));
        if (file_.substr(local + kLocalBytes, name) != entry.name)
            refuse(local, quoted + " has another name here than in the directory");
        return begin;
    }

    // Entries that share their bytes can unpack to a thousand times what a zip file should.
    void check_overlap(std::vector<ZipEntry> list) const {
        std::sort(list.begin(), list.end(),
                  [](const ZipEntry& a, const ZipEntry& b) { return a.begin < b.begin; });
        for (std::size_t i = 1; i < list.size(); ++i)
            if (list[i].begin - list[i - 1].begin < list[i - 1].packed + kLocalBytes)
                refuse(list[i].begin, quoted_name(list[i].name) + " begins inside another entry");
    }

    std::string_view file_;
    const std::string& path_;
    std::uint64_t directory_ = 0;
};

}  // namespace

std::vector<ZipEntry> zip_entries(std::string_view file, const std::string& path) {
    return ZipReader(file, path).entries();
}

std::string_view zip_contents(std::string_view file, const std::string& path, const ZipEntry& entry,
                              std::string& unpacked) {
    const std::string name = path + ": " + quoted_name(entry.name);
    std::string_view contents = file.substr(entry.begin, entry.packed);
    if (entry.deflated) {
        if (entry.unpacked > kMostUnpackedBytes)
            throw FileError(name, fmt::format("unpacks to {} bytes, at most {} are allowed",
                                              entry.unpacked, kMostUnpackedBytes));
        unpacked = Inflater(contents, name, Inflater::Format::deflate).rest(entry.unpacked);
        contents = unpacked;
    }
    if (contents.size() != entry.unpacked || crc_of(contents) != entry.crc)
        throw FileError(name,
                        fmt::format("damaged: {} bytes with the CRC-32 {:08x}, must be {} "
                                    "with {:08x}",
                                    contents.size(), crc_of(contents), entry.unpacked, entry.crc));
    return contents;
}

void ZipWriter::add(const std::string& name, std::string_view contents) {
    require(name.size() <= kMost16 && utf8_valid_prefix(name) == name.size(),
            "zip: the name {} is not UTF-8, or too long", quoted_name(name));
    require(entries_ < kMost16 - 1 && contents.size() < kMost32 &&
                offset_ + contents.size() + directory_.size() + 2 * name.size() + 1024 < kMost32,
            "zip: with {} of {} bytes the file would reach 4 GiB or {} entries (save the arrays as "
            ".npy or as safetensors)",
            quoted_name(name), contents.size(), kMost16);
    // What the entry's header and the directory both say.
    std::string both;
    put(both, kVersion, 2), put(both, kUtf8, 2), put(both, kStored, 2);
    put(both, 0, 2), put(both, kFirstDay, 2), put(both, crc_of(contents), 4);
    put(both, contents.size(), 4), put(both, contents.size(), 4), put(both, name.size(), 2);
    put(both, 0, 2);  // no extra field
    std::string local;
    put(local, kLocal, 4);
    local += both + name;
    put(directory_, kCentral, 4), put(directory_, kVersion, 2);
    directory_ += both;
    directory_.append(2 + 2 + 2 + 4, '\0');  // no comment, the first disk, no attributes
    put(directory_, offset_, 4);
    directory_ += name;
    file_.write(local);
    file_.write(contents);
    offset_ += local.size() + contents.size();
    ++entries_;
}

void ZipWriter::finish() {
    std::string end;
    put(end, kEnd, 4), put(end, 0, 2 + 2);  // a single disk
    put(end, entries_, 2), put(end, entries_, 2);
    put(end, directory_.size(), 4), put(end, offset_, 4);
    put(end, 0, 2);  // no comment
    file_.write(directory_ + end);
}

}  // namespace gradus
