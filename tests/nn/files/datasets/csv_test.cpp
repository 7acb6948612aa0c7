// SPDX-License-Identifier: MIT
#include "nn/files/datasets/csv.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "nn/files/gzip.h"
#include "tests/nn/files/damage.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

using Rows = std::vector<std::vector<std::string>>;
constexpr auto kNoHeader = CsvOptions::Header::none;

struct Csv {
    TemporaryFolder folder{memory_folder()};
    std::string path = folder.file("table.csv");

    Rows rows(const std::string& text, char separator = ',') {
        write_file(path, text);
        return read_csv(path, {kNoHeader, separator}).rows;
    }
    std::string complaint(const std::string& text, char separator = ',') {
        write_file(path, text);
        return without_path(file_error([&] { read_csv(path, {kNoHeader, separator}); }));
    }
    std::string number_complaint(const std::string& text, const CsvOptions& options) {
        write_file(path, text);
        return without_path(file_error([&] { read_csv_numbers(path, options); }));
    }
    std::string without_path(const std::string& message) const {
        return message.substr(std::min(message.size(), path.size() + 2));
    }
};

}  // namespace

TEST_CASE("fields, quotation marks and line endings are read as RFC 4180 has them") {
    Csv csv;
    CHECK(csv.rows("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n") ==
          Rows{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(csv.rows("aaa,bbb\nzzz,yyy") == Rows{{"aaa", "bbb"}, {"zzz", "yyy"}});
    CHECK(csv.rows("\"aaa\",\"b\r\nbb\",\"c,c\"\r\nzzz,,\"\"\r\n") ==
          Rows{{"aaa", "b\r\nbb", "c,c"}, {"zzz", "", ""}});
    CHECK(csv.rows("\"b\"\"bb\",\"\"\"\"") == Rows{{"b\"bb", "\""}});
    CHECK(csv.rows("\xEF\xBB\xBF 猫 ;1,5\n", ';') == Rows{{" 猫 ", "1,5"}});
    CHECK(csv.rows("a\tb\n", '\t') == Rows{{"a", "b"}});
    CHECK(csv.rows("a,\n") == Rows{{"a", ""}});
    CHECK(csv.rows("a,") == Rows{{"a", ""}});
    CHECK(csv.rows("\"\"") == Rows{{""}});
    CHECK(csv.rows("a\n\nb\n") == Rows{{"a"}, {""}, {"b"}});
    CHECK(csv.rows(gzip("a,b\n")) == Rows{{"a", "b"}});

    write_file(csv.path, "name,age\nMia,7\n");
    const CsvTable table = read_csv(csv.path);
    CHECK(table.header == std::vector<std::string>{"name", "age"});
    CHECK(table.rows == Rows{{"Mia", "7"}});
}

TEST_CASE("a table longer than a piece of the file is read whole, with its lines") {
    Csv csv;
    std::string text;
    Index line = 1;
    for (int i = 0; i < 60'000; ++i) text += std::to_string(i) + ",\"two\nlines, 猫\",x\r\n";
    REQUIRE(text.size() > std::size_t{1} << 20);
    write_file(csv.path, text);
    Index rows = 0;
    visit_csv(csv.path, ',', [&](const std::vector<std::string>& fields, Index at) {
        if (at != line || fields.size() != 3 || fields[0] != std::to_string(rows) ||
            fields[1] != "two\nlines, 猫")
            FAIL_CHECK("row " << rows);
        line += 2, ++rows;
    });
    CHECK(rows == 60'000);
}

TEST_CASE("what is not CSV is refused with line and column (reads 1200 damaged files)") {
    Csv csv;
    CHECK(csv.complaint("") == "the file is empty");
    CHECK(csv.complaint("a,b\nc\n") == "line 2: 1 fields, but the first row has 2");
    CHECK(csv.complaint("a,\"b\n\n\"\nc,d,e\n") ==
          "line 4: 3 fields, but the first row has 2 (a comma inside a field? quote the field, or "
          "give another separator)");
    CHECK(csv.complaint("猫,b\"c\n") ==
          "line 1, column 4: a quotation mark inside a field that does not begin with one");
    CHECK(csv.complaint("a\n\"b\" \n") ==
          "line 2, column 4: text after a quoted field (a quotation mark inside one is doubled)");
    CHECK(csv.complaint("a,b\nc,\"d\n\n\n") ==
          "line 2, column 3: a quoted field that does not end");
    CHECK(csv.complaint("a\rb") == "line 1, column 3: a carriage return without a line feed");
    CHECK(csv.complaint("a\r") == "line 1, column 3: a carriage return without a line feed");
    CHECK(csv.complaint("a\n\"" + std::string(kMostCsvRow, 'x')) ==
          "line 2: a row of more than 16777216 bytes (a quotation mark that is not closed?)");
    CHECK_THROWS_WITH(read_csv(csv.path, {kNoHeader, '"'}),
                      doctest::Contains("csv: the separator"));
    int rows = 0;
    refused_damage("a,b,c\n\"d\",\"e\"\"e\",f\n1,2,3\n", [&](const std::string& text) {
        write_file(csv.path, text);
        visit_csv(csv.path, ',', [&](const std::vector<std::string>&, Index) { ++rows; });
    });
    CHECK(rows > 500);
}

TEST_CASE("a table of numbers takes numbers only") {
    Csv csv;
    write_file(csv.path, "x, y\n1, -1.5\n6e-4 ,\t.5\n");
    const NumberTable table = read_csv_numbers(csv.path);
    CHECK(table.header == std::vector<std::string>{"x", " y"});
    CHECK(table.columns == 2);
    CHECK(table.rows() == 2);
    CHECK(table.values == std::vector<double>{1, -1.5, 6e-4, 0.5});
    write_file(csv.path, "x,y\n");
    CHECK(read_csv_numbers(csv.path).rows() == 0);
    CHECK(NumberTable().rows() == 0);

    CHECK(csv.number_complaint("x;y\n1;2\n1;2,5\n", {.separator = ';'}) ==
          "line 3, field 2 (\"y\"): \"2,5\" is not a number: write 1.5 with a point, not a comma");
    CHECK(csv.number_complaint("x\n1,5\n", {}).find("line 2: 2 fields, but the first row has 1") ==
          0);
    CHECK(csv.number_complaint("1,\n", {kNoHeader}) ==
          "line 1, field 2: \"\" is empty: every field must be a number");
    for (const std::string word : {"x", "1x", "0x10", "1 2", "+1", "--1", "1.5.2"}) {
        CAPTURE(word);
        CHECK(csv.number_complaint(word + "\n", {kNoHeader}) ==
              "line 1, field 1: \"" + word + "\" is not a number");
    }
    for (const std::string word : {"nan", "inf", "-Infinity"})
        CHECK(csv.number_complaint(word + "\n", {kNoHeader}) ==
              "line 1, field 1: \"" + word + "\" is not finite: every field must be a number");
    CHECK(csv.number_complaint("1e999\n", {kNoHeader}) ==
          "line 1, field 1: \"1e999\" is too large or too small for a number");
    CHECK(csv.number_complaint("x\n\"\x1b[2J\n\"\n", {}) ==
          "line 2, field 1 (\"x\"): \"\\x1B[2J\\n\" is not a number");
}
