// SPDX-License-Identifier: MIT
// A CSV file, as text and as numbers.
#include "nn/files/datasets/csv.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader csv_reader(
    "csv",
    [](std::string_view bytes) {
        const std::string path = fuzz::file("table.csv", bytes);
        const CsvTable table = read_csv(path);
        for (const auto& row : table.rows)
            fuzz::check(row.size() == table.header.size(), "a row's fields");
        const NumberTable numbers =
            read_csv_numbers(path, {CsvOptions::Header::none, bytes.size() % 2 ? ';' : ','});
        fuzz::check(std::ssize(numbers.values) == numbers.rows() * numbers.columns, "the numbers");
    },
    {"x,y\r\n1,-2.5\r\n", "a,\"b\"\"c\n\",\nd,,\"\"", "1;2\n3e5; 4\n", "\xEF\xBB\xBF猫\n"});
