// SPDX-License-Identifier: MIT
#include "nn/files/checksum.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <vector>

#include "nn/files/system_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

static_assert(std::endian::native == std::endian::little, "add() takes eight bytes as one number");

// The polynomial of ECMA-182, lowest bit first: ECMA-182 (1992), annex B; xz, "The .xz File Format"
// 1.2.1, section 6.
constexpr std::uint64_t kPolynomial = 0xC96C5795D7870F42;

// table[k][b]: what the byte b contributes once k more bytes have followed it, so that eight bytes
// take eight independent look-ups ("slicing by 8", Kounavis, Berry 2005).
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;
constexpr Tables make_tables() {
    Tables table{};
    for (std::uint64_t b = 0; b < 256; ++b) {
        std::uint64_t c = b;
        for (int bit = 0; bit < 8; ++bit) c = c & 1 ? c >> 1 ^ kPolynomial : c >> 1;
        table[0][b] = c;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t b = 0; b < 256; ++b)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
    return table;
}
constexpr Tables kTables = make_tables();

}  // namespace

void Checksum::add(const void* data, std::size_t count) {
    bytes += count;
    std::uint64_t c = ~crc;
    const auto* next = static_cast<const unsigned char*>(data);
    for (; count >= 8; count -= 8, next += 8) {
        std::uint64_t word;
        std::memcpy(&word, next, 8);
        word ^= c;
        c = 0;
        for (std::size_t k = 0; k < 8; ++k) c ^= kTables[7 - k][word >> 8 * k & 255];
    }
    for (; count > 0; --count, ++next) c = c >> 8 ^ kTables[0][(c ^ *next) & 255];
    crc = ~c;
}

std::string Checksum::text() const {
    return fmt::format("{:016x}", crc);
}

Checksum checksum_of(const std::string& text) {
    Checksum sum;
    sum.add(text.data(), text.size());
    return sum;
}

Checksum checksum_of_file(const std::string& path) {
    require_name(path, "read");
    const int file = open_file(path, O_RDONLY);
    Checksum sum;
    std::vector<char> piece(std::size_t{1} << 20);
    ssize_t n = file < 0 ? -1 : 1;
    while (n > 0) {
        n = ::read(file, piece.data(), piece.size());
        if (n < 0 && errno == EINTR)
            n = 1;  // again; nothing was read
        else if (n > 0)
            sum.add(piece.data(), static_cast<std::size_t>(n));
    }
    const int error = errno;
    if (file >= 0) ::close(file);
    if (n < 0) throw FileError(path, "cannot read: " + system_reason(error));
    return sum;
}

}  // namespace gradus
