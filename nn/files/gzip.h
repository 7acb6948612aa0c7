// SPDX-License-Identifier: MIT
// gzip files (RFC 1952; their contents are packed by deflate, RFC 1951), unpacked and packed by
// zlib. A byte can stand for a thousand, so what is unpacked into memory has a limit. Left out: the
// name and the time that a gzip file may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "nn/files/mapped_file.h"

namespace gradus {

// What a file may unpack to in memory, unless the caller sets another limit. The largest file of
// digits in use, EMNIST's 697,932 images of 28 x 28 pixels, has 547 MB.
inline constexpr std::uint64_t kMostUnpackedBytes = std::uint64_t{1} << 30;

bool is_gzip(std::string_view contents);  // begins with 1F 8B

// Unpacks in pieces, however much it is. The packed bytes must outlive the object; errors begin with
// `name`.
class Inflater {
 public:
    enum class Format { gzip, deflate };  // deflate: neither header nor checksum, as in zip files

    Inflater(std::string_view packed, const std::string& name, Format format = Format::gzip);
    ~Inflater();

    // Fills `to` with the next bytes, of all members of a gzip file in turn. Returns their number,
    // which is less than `bytes` only at the end. Throws FileError if the data are damaged (gzip:
    // also if a checksum or a length does not match), cut short, or followed by anything else.
    std::size_t read(char* to, std::size_t bytes);

    std::size_t used() const;  // of the packed bytes, so far

    // All that is left. Throws FileError before it takes more than `most` bytes, and
    // std::invalid_argument before it takes more memory than there is.
    std::string rest(std::uint64_t most);

 private:
    struct Stream;  // zlib's, whose header is not needed to use this one
    std::unique_ptr<Stream> stream_;
};

// All that a gzip file unpacks to. Throws as Inflater does.
std::string gunzip(std::string_view packed, const std::string& name,
                   std::uint64_t most = kMostUnpackedBytes);
// One member, the same for the same contents: without name and time.
std::string gzip(std::string_view contents);

// A file as it is, mapped, or what it unpacks to if it is gzip, which its first bytes tell and not
// its name. Throws as MappedFile and gunzip() do.
class UnpackedFile {
 public:
    explicit UnpackedFile(const std::string& path, std::uint64_t most = kMostUnpackedBytes);

    const std::string& path() const { return file_.path(); }
    std::string_view bytes() const;  // valid as long as this object

 private:
    MappedFile file_;
    bool packed_;
    std::string unpacked_;
};

}  // namespace gradus
