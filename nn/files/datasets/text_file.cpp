// SPDX-License-Identifier: MIT
#include "nn/files/datasets/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "nn/files/gzip.h"
#include "nn/files/system_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

// Which encoding other than UTF-8 the first bytes show, by a byte order mark or by the zeros among
// Latin letters; empty: none.
std::string_view other_encoding(std::string_view text) {
    const auto begins = [&](std::string_view magic) {
        return text.substr(0, magic.size()) == magic;
    };
    if (begins({"\xFF\xFE\0\0", 4}) || begins({"\0\0\xFE\xFF", 4})) return "UTF-32";
    if (begins("\xFF\xFE") || begins("\xFE\xFF")) return "UTF-16";
    std::string zeros;  // which of the first four bytes are zero: "0101"
    for (const char c : text.substr(0, 4)) zeros += c == '\0' ? '0' : '1';
    if (zeros == "1000" || zeros == "0001") return "UTF-32";
    if (zeros == "1010" || zeros == "0101") return "UTF-16";
    return "";
}

}  // namespace

struct TextFile::Packed {
    explicit Packed(const std::string& path) : file(path) {}
    void rewind() { inflater.emplace(file.bytes(0, file.size()), file.path()); }

    MappedFile file;
    std::optional<Inflater> inflater;
};

TextFile::TextFile(const std::string& path, Kind kind) : path_(path), kind_(kind) {
    require_name(path, "read");
    const auto refuse = [&](const std::string& reason) {
        if (file_ >= 0) ::close(file_);
        throw FileError(path, reason);
    };
    file_ = open_file(path, O_RDONLY | O_NONBLOCK);  // otherwise a pipe without a writer blocks
    struct stat status {};
    if (file_ < 0 || ::fstat(file_, &status) != 0) refuse("cannot read: " + system_reason(errno));
    if (S_ISDIR(status.st_mode)) refuse("cannot read: " + system_reason(EISDIR));
    if (!S_ISREG(status.st_mode))
        refuse("not a file but a device or a pipe, which need not end (save its output to a file)");
    size_ = static_cast<std::uint64_t>(status.st_size);
    if (size_ == 0) refuse("the file is empty");
#ifdef SEEK_HOLE
    const off_t hole = ::lseek(file_, 0, SEEK_HOLE);
    if (hole >= 0 && hole < status.st_size)
        refuse(
            fmt::format("a sparse file: from offset {} there is nothing in it (a copy made with "
                        "cp --sparse=never would contain zeros)",
                        hole));
#endif
    char first[2] = {};
    if (::pread(file_, first, sizeof first, 0) == sizeof first && is_gzip({first, sizeof first})) {
        ::close(file_);
        file_ = -1;
        packed_ = std::make_unique<Packed>(path);
    }
    rewind();
}

TextFile::~TextFile() {
    if (file_ >= 0) ::close(file_);
}

void TextFile::rewind() {
    if (packed_)
        packed_->rewind();
    else
        ::lseek(file_, 0, SEEK_SET);
    buffer_.clear();
    given_ = 0, read_ = 0, offset_ = 0, begin_ = {1, 1}, ended_ = false;
}

TextPosition TextFile::position(std::size_t offset) const {
    const TextPosition at = text_position(buffer_, offset);
    return {begin_.line + at.line - 1, at.column + (at.line == 1 ? begin_.column - 1 : 0)};
}

std::size_t TextFile::read(char* to, std::size_t bytes) {
    if (packed_) {
        const std::size_t n = packed_->inflater->read(to, bytes);
        ended_ = n < bytes;
        read_ = packed_->inflater->used();
        return n;
    }
    ssize_t n = -1;
    do n = ::read(file_, to, std::min<std::uint64_t>(bytes, size_ - read_));
    while (n < 0 && errno == EINTR);
    if (n < 0) throw FileError(path_, "cannot read: " + system_reason(errno));
    read_ += static_cast<std::uint64_t>(n);
    ended_ = n == 0 || read_ == size_;  // 0: it has become shorter
    return static_cast<std::size_t>(n);
}

void TextFile::refill() {
    std::size_t used = buffer_.size();
    const std::uint64_t left = packed_ ? kPiece : size_ - read_;  // at most; small files are many
    buffer_.resize(std::max<std::uint64_t>(used, std::min<std::uint64_t>(used + left, kPiece)));
    while (used < buffer_.size() && !ended_)
        used += read(buffer_.data() + used, buffer_.size() - used);
    buffer_.resize(used);
}

std::string_view TextFile::next() {
    if (kind_ == Kind::utf8) begin_ = position(given_);
    offset_ += given_;
    buffer_.erase(0, given_);
    refill();
    if (offset_ == 0 && buffer_.empty()) throw FileError(path_, "there is nothing in the file");
    given_ = buffer_.size();
    if (kind_ == Kind::bytes) return buffer_;
    if (offset_ == 0) check_beginning();
    check_characters();
    const std::size_t mark = offset_ == 0 && buffer_.rfind("\xEF\xBB\xBF", 0) == 0 ? 3 : 0;
    if (mark == buffer_.size() && mark > 0)
        throw FileError(path_, "the file is empty but for a byte order mark");
    return std::string_view(buffer_).substr(mark, given_ - mark);
}

void TextFile::check_beginning() const {
    const auto begins = [&](std::string_view magic) {
        return buffer_.compare(0, magic.size(), magic) == 0;
    };
    if (begins("\x1F\x8B"))
        throw FileError(path_, "compressed by gzip twice (unpack it with gunzip)");
    if (begins("PK\x03\x04"))
        throw FileError(path_, "a zip archive, not text (unpack it with unzip)");
    if (const std::string_view other = other_encoding(buffer_); !other.empty())
        throw FileError(path_,
                        fmt::format("text in {0}, not UTF-8 (convert it with iconv -f {0} -t "
                                    "UTF-8)",
                                    other));
}

// Leaves a character that the end of the piece has cut in two for the next piece.
void TextFile::check_characters() {
    const std::string_view text = buffer_;
    const std::size_t zero = text.find('\0');
    if (zero != text.npos)
        throw FileError(
            path_, fmt::format("a binary file, not text: byte 0x00 at offset {} (the tokenizer "
                               "bytes takes any file)",
                               offset_ + zero));
    const std::size_t bad = utf8_valid_prefix(text);
    if (bad == text.size()) return;
    given_ = bad;
    if (!ended_ && utf8_step(text.substr(bad)).cut_short) return;
    throw FileError(path_, utf8_complaint(text[bad], offset_ + bad, position(bad)) +
                               " (convert it with iconv -t UTF-8)");
}

std::string read_text_file(const std::string& path, std::uint64_t most) {
    TextFile file(path, TextFile::Kind::utf8);
    std::string text;
    for (std::string_view piece = file.next(); !piece.empty(); piece = file.next()) {
        if (file.packed() && piece.size() > most - text.size())
            throw FileError(path, fmt::format("a text that unpacks to more than {} bytes (unpack "
                                              "it with gunzip, and take a part of it)",
                                              most));
        text += piece;
    }
    return text;
}

}  // namespace gradus
