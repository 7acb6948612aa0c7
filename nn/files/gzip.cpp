// SPDX-License-Identifier: MIT
#include "nn/files/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "tensor/error.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

constexpr int kWindowBits = 15;  // the largest window: 32 KiB
constexpr int kGzipHeader = 16;  // zlib's code for gzip, added to the window's bits
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // zlib counts in 32 bits

uInt at_once(std::size_t bytes) {
    return static_cast<uInt>(std::min(bytes, kMostAtOnce));
}

Bytef* zlib_bytes(const char* data) {  // zlib does not write to its input
    return reinterpret_cast<Bytef*>(const_cast<char*>(data));
}

}  // namespace

bool is_gzip(std::string_view contents) {
    return contents.starts_with("\x1F\x8B");
}

struct Inflater::Stream {
    std::string_view packed;
    std::string name;
    Format format;
    std::size_t used = 0;  // of packed
    bool ended = false;    // at the end of a member
    z_stream zlib{};

    Stream(std::string_view p, const std::string& n, Format f) : packed(p), name(n), format(f) {
        const int bits = format == Format::gzip ? kWindowBits + kGzipHeader : -kWindowBits;
        if (inflateInit2(&zlib, bits) != Z_OK) throw std::bad_alloc();
    }
    ~Stream() { inflateEnd(&zlib); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    [[noreturn]] void refuse(const std::string& what) const {
        throw FileError(name, fmt::format("offset {}: {}", used, what));
    }

    // At the end of a member: whether another one follows.
    bool next_member() {
        if (used == packed.size()) return false;
        if (format != Format::gzip || !is_gzip(packed.substr(used)))
            refuse(fmt::format("{} bytes follow the end of the packed data", packed.size() - used));
        inflateReset(&zlib);
        return true;
    }

    // Unpacks up to `bytes`; none only at the end of a member or before more input.
    std::size_t step(char* to, std::size_t bytes) {
        zlib.next_in = zlib_bytes(packed.data() + used);
        zlib.avail_in = at_once(packed.size() - used);
        zlib.next_out = reinterpret_cast<Bytef*>(to);
        zlib.avail_out = at_once(bytes);
        const uInt in = zlib.avail_in, out = zlib.avail_out;
        const int code = inflate(&zlib, Z_NO_FLUSH);
        used += in - zlib.avail_in;
        const std::size_t written = out - zlib.avail_out;
        if (code == Z_MEM_ERROR) throw std::bad_alloc();
        if (code == Z_STREAM_END)
            ended = true;
        else if (code == Z_BUF_ERROR)
            refuse("the packed data are cut short");
        else if (code != Z_OK)
            refuse(fmt::format("the packed data are damaged: {}", zlib.msg ? zlib.msg : "inflate"));
        return written;
    }
};

Inflater::Inflater(std::string_view packed, const std::string& name, Format format)
    : stream_(std::make_unique<Stream>(packed, name, format)) {}
std::size_t Inflater::used() const {
    return stream_->used;
}

Inflater::~Inflater() = default;

std::size_t Inflater::read(char* to, std::size_t bytes) {
    std::size_t got = 0;
    while (got < bytes) {
        if (stream_->ended && !stream_->next_member()) break;
        stream_->ended = false;
        got += stream_->step(to + got, bytes - got);
    }
    return got;
}

std::string Inflater::rest(std::uint64_t most) {
    constexpr std::size_t kFirst = std::size_t{1} << 16;
    const std::string& name = stream_->name;
    std::string contents;
    std::size_t used = 0;
    for (;;) {
        if (used == contents.size()) {
            if (used == most) break;
            const std::uint64_t next = std::min<std::uint64_t>(std::max(kFirst, 2 * used), most);
            const auto needed = static_cast<double>(next);
            if (used > 0)
                require_memory(needed,
                               fmt::format("{}: to unpack it takes {}", name, bytes_text(needed)),
                               "unpack it with gunzip, and take a part of it");
            contents.resize(next);
        }
        const std::size_t n = read(contents.data() + used, contents.size() - used);
        used += n;
        if (used < contents.size()) break;
    }
    char more;
    if (used == most && read(&more, 1) > 0)
        throw FileError(name, fmt::format("a file of {} bytes that unpacks to more than {} (unpack "
                                          "it with gunzip, and take a part of it)",
                                          stream_->packed.size(), most));
    contents.resize(used);
    return contents;
}

std::string gunzip(std::string_view packed, const std::string& name, std::uint64_t most) {
    return Inflater(packed, name).rest(most);
}

std::string gzip(std::string_view contents) {
    z_stream zlib{};
    constexpr int kUsualMemory = 8;
    if (deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBits + kGzipHeader,
                     kUsualMemory, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&zlib, &deflateEnd);
    std::string packed;
    std::string piece(std::size_t{1} << 16, '\0');
    for (int code = Z_OK; code != Z_STREAM_END;) {
        if (zlib.avail_in == 0) {
            zlib.next_in = zlib_bytes(contents.data());
            zlib.avail_in = at_once(contents.size());
            contents.remove_prefix(zlib.avail_in);
        }
        zlib.next_out = reinterpret_cast<Bytef*>(piece.data());
        zlib.avail_out = static_cast<uInt>(piece.size());
        code = deflate(&zlib, contents.empty() ? Z_FINISH : Z_NO_FLUSH);
        packed.append(piece, 0, piece.size() - zlib.avail_out);
    }
    return packed;
}

UnpackedFile::UnpackedFile(const std::string& path, std::uint64_t most)
    : file_(path), packed_(is_gzip(file_.bytes(0, file_.size()))) {
    if (packed_) unpacked_ = gunzip(file_.bytes(0, file_.size()), path, most);
}

std::string_view UnpackedFile::bytes() const {
    return packed_ ? std::string_view(unpacked_) : file_.bytes(0, file_.size());
}

}  // namespace gradus
