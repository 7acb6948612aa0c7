// SPDX-License-Identifier: MIT
#include "nn/files/datasets/csv.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "nn/files/datasets/text_file.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

using Visit = std::function<void(const std::vector<std::string>&, Index)>;

// Takes the text byte by byte: separators, quotation marks and line breaks are ASCII, and no byte of
// a longer character is.
class CsvParser {
 public:
    CsvParser(const std::string& path, char separator, const Visit& visit)
        : path_(path), separator_(separator), visit_(visit) {}

    void feed(std::string_view piece) {
        for (const char c : piece) {
            if (after_return_ && c != '\n') refuse("a carriage return without a line feed");
            after_return_ = false;
            if (++row_bytes_ > kMostCsvRow)
                throw FileError(path_, fmt::format("line {}: a row of more than {} bytes (a "
                                                   "quotation mark that is not closed?)",
                                                   row_line_, kMostCsvRow));
            take(c);
            if (!utf8_continues(c)) ++column_;
            if (c == '\n') ++line_, column_ = 1;
        }
    }

    void finish() {
        if (after_return_) refuse("a carriage return without a line feed");
        if (state_ == State::quoted) {
            line_ = quote_line_, column_ = quote_column_;
            refuse("a quoted field that does not end");
        }
        if (!fields_.empty() || !field_.empty() || state_ != State::begin) end_row();
    }

 private:
    enum class State { begin, plain, quoted, closed };  // closed: after a quotation mark in quotes

    [[noreturn]] void refuse(const std::string& what) const {
        throw FileError(path_, fmt::format("line {}, column {}: {}", line_, column_, what));
    }

    void take(char c) {
        if (state_ == State::quoted) {
            if (c == '"')
                state_ = State::closed;
            else
                field_ += c;
        } else if (c == '"') {
            if (state_ == State::plain)
                refuse("a quotation mark inside a field that does not begin with one");
            if (state_ == State::closed)
                field_ += '"';
            else
                quote_line_ = line_, quote_column_ = column_;
            state_ = State::quoted;
        } else if (c == separator_) {
            end_field();
        } else if (c == '\n') {
            end_row();
        } else if (c == '\r') {
            after_return_ = true;
        } else if (state_ == State::closed) {
            refuse("text after a quoted field (a quotation mark inside one is doubled)");
        } else {
            state_ = State::plain;
            field_ += c;
        }
    }

    void end_field() {
        fields_.push_back(std::move(field_));
        field_.clear();
        state_ = State::begin;
    }

    void end_row() {
        end_field();
        if (columns_ == 0) columns_ = fields_.size();
        if (fields_.size() != columns_)
            throw FileError(path_,
                            fmt::format("line {}: {} fields, but the first row has {}{}", row_line_,
                                        fields_.size(), columns_,
                                        fields_.size() > columns_ && separator_ == ','
                                            ? " (a comma inside a field? quote the field, or give "
                                              "another separator)"
                                            : ""));
        visit_(fields_, row_line_);
        fields_.clear();
        row_line_ = line_ + 1, row_bytes_ = 0;
    }

    const std::string& path_;
    char separator_;
    const Visit& visit_;
    State state_ = State::begin;
    bool after_return_ = false;
    std::string field_;
    std::vector<std::string> fields_;
    std::size_t columns_ = 0;  // of the first row; 0: not read yet
    std::size_t row_bytes_ = 0;
    Index line_ = 1, column_ = 1, row_line_ = 1, quote_line_ = 1, quote_column_ = 1;
};

// Asks for memory before it is taken, in steps that double.
class MemoryCheck {
 public:
    explicit MemoryCheck(const std::string& path) : path_(path) {}
    void take(std::size_t bytes) {
        used_ += bytes;
        if (used_ <= checked_) return;
        checked_ = std::max(2 * used_, kFirst);
        const auto more = static_cast<double>(checked_ - used_);
        require_memory(more,
                       fmt::format("{}: after {} the table takes {} more", path_,
                                   bytes_text(static_cast<double>(used_)), bytes_text(more)),
                       "read a part of it");
    }

 private:
    static constexpr std::size_t kFirst = std::size_t{64} << 20;
    const std::string& path_;
    std::size_t used_ = 0, checked_ = 0;
};

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// `where`: line and field.
double number_of(const std::string& field, const std::function<std::string()>& where,
                 const std::string& path) {
    const auto refuse = [&](const char* why) {
        throw FileError(path, fmt::format("{}: {} {}", where(), in_quotes(field), why));
    };
    const std::string_view text = without_blanks(field);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) refuse("is too large or too small for a number");
    if (error != std::errc() || end != text.data() + text.size()) {
        if (text.find_first_not_of("+-0123456789.,") == text.npos && text.find(',') != text.npos)
            refuse("is not a number: write 1.5 with a point, not a comma");
        refuse(text.empty() ? "is empty: every field must be a number" : "is not a number");
    }
    if (!std::isfinite(value)) refuse("is not finite: every field must be a number");
    return value;
}

}  // namespace

void visit_csv(const std::string& path, char separator, const Visit& visit) {
    require(separator != '"' && separator != '\n' && separator != '\r' && separator > 0,
            "csv: the separator must be an ASCII character that is neither a quotation mark nor a "
            "line break");
    TextFile file(path, TextFile::Kind::utf8);
    CsvParser parser(path, separator, visit);
    for (std::string_view piece; !(piece = file.next()).empty();) parser.feed(piece);
    parser.finish();
}

CsvTable read_csv(const std::string& path, const CsvOptions& options) {
    CsvTable table;
    MemoryCheck memory(path);
    bool header = options.header == CsvOptions::Header::first_row;
    visit_csv(path, options.separator, [&](const std::vector<std::string>& fields, Index) {
        if (std::exchange(header, false)) {
            table.header = fields;
            return;
        }
        std::size_t bytes = 2 * sizeof(fields);  // the vector of rows may be twice as large
        for (const std::string& field : fields) bytes += sizeof field + field.size();
        memory.take(bytes);
        table.rows.push_back(fields);
    });
    return table;
}

NumberTable read_csv_numbers(const std::string& path, const CsvOptions& options) {
    NumberTable table;
    MemoryCheck memory(path);
    bool header = options.header == CsvOptions::Header::first_row;
    visit_csv(path, options.separator, [&](const std::vector<std::string>& fields, Index line) {
        table.columns = std::ssize(fields);
        if (std::exchange(header, false)) {
            table.header = fields;
            return;
        }
        memory.take(2 * sizeof(double) * fields.size());
        for (std::size_t i = 0; i < fields.size(); ++i)
            table.values.push_back(number_of(
                fields[i],
                [&] {
                    const std::string name =
                        table.header.empty() ? "" : " (" + in_quotes(table.header[i]) + ")";
                    return fmt::format("line {}, field {}{}", line, i + 1, name);
                },
                path));
    });
    return table;
}

}  // namespace gradus
