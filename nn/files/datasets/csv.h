// SPDX-License-Identifier: MIT
// CSV, tables as text (RFC 4180): a line per row, fields with a separator between them. A field in
// quotation marks may contain separators, line breaks and, doubled, quotation marks. The file is
// UTF-8 with or without a byte order mark, may be gzip, and its lines end in LF or CRLF. It is read
// in pieces; a row may have kMostCsvRow bytes, and a table may be as large as the memory that is
// there. Left out: comments, other quotes, and guesses: whether the first row is a header, and what
// separates fields, is for the caller to say.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "tensor/real.h"

namespace gradus {

// Of a row: more is a quotation mark that was never closed. Its fields take half a GB at most.
inline constexpr std::size_t kMostCsvRow = std::size_t{16} << 20;

struct CsvOptions {
    enum class Header { none, first_row };
    Header header = Header::first_row;
    char separator = ',';  // or ';' or '\t'
};

// Calls `visit` for each row, the first one included, with its fields and the line in which it
// begins. Throws FileError, naming line and column, for a quotation mark where none may be, and for
// a row that has not as many fields as the first; otherwise as TextFile does. An empty line is a row
// of one empty field.
void visit_csv(
    const std::string& path, char separator,
    const std::function<void(const std::vector<std::string>& fields, Index line)>& visit);

struct CsvTable {
    std::vector<std::string> header;  // empty for Header::none
    std::vector<std::vector<std::string>> rows;
};
// Throws as visit_csv() does, and std::invalid_argument if the table would not fit into memory.
CsvTable read_csv(const std::string& path, const CsvOptions& options = {});

struct NumberTable {
    std::vector<std::string> header;
    Index columns = 0;
    std::vector<double> values;  // row by row

    Index rows() const { return columns == 0 ? 0 : std::ssize(values) / columns; }
};
// The same for a table of numbers such as 1, -1.5 or 6e-4, with or without blanks around them. Every
// field must be finite: an empty one, nan and inf are refused with line and field, since a model
// would learn from them without a word. A decimal comma is refused, too.
NumberTable read_csv_numbers(const std::string& path, const CsvOptions& options = {});

}  // namespace gradus
