// SPDX-License-Identifier: MIT
#include "nn/run/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>

#include "nn/files/atomic_file.h"
#include "nn/run/run_files.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr Index kEveryStep = 10'000, kThen = 100;
constexpr std::string_view kHead =
    "step,loss,val,lr,gradient_norm,update_ratio,tokens_per_second,elapsed,accuracy\n";

std::string field(double value) {
    return std::isfinite(value) ? fmt::format(",{:.6g}", value) : ",";
}

std::string line(const LogRow& row) {
    return std::to_string(row.step) + field(row.loss) + field(row.val) + field(row.lr) +
           field(row.gradient_norm) + field(row.update_ratio) + field(row.per_second) +
           field(row.elapsed) + field(row.accuracy) + "\n";
}

template <class T>
bool parse(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

// Without the line break. False if it is not a row.
bool read_row(std::string_view text, LogRow& row) {
    double* const fields[] = {&row.loss,         &row.val,        &row.lr,      &row.gradient_norm,
                              &row.update_ratio, &row.per_second, &row.elapsed, &row.accuracy};
    std::size_t comma = text.find(',');
    if (comma == text.npos || !parse(text.substr(0, comma), row.step)) return false;
    for (double* value : fields) {
        if (comma == text.npos) return value == &row.accuracy;  // version 0.1 had none
        text.remove_prefix(comma + 1);
        comma = text.find(',');
        const std::string_view cell = text.substr(0, comma);
        if (!cell.empty() && !parse(cell, *value)) return false;
    }
    return comma == text.npos;
}

}  // namespace

std::string log_csv(const std::vector<LogRow>& rows) {
    std::string out(kHead);
    for (const LogRow& row : rows) out += line(row);
    return out;
}

std::vector<LogRow> read_log(const std::string& path, Index steps_done, const Checksum* record) {
    std::string text = read_file(path);
    if (record) {
        text.resize(std::min<std::size_t>(text.size(), record->bytes));
        if (checksum_of(text) != *record)
            throw FileError(path, fmt::format("its first {} bytes are not those that were written",
                                              record->bytes));
    }
    std::vector<LogRow> rows;
    std::size_t begin = 0;
    for (Index number = 1;; ++number) {
        const std::size_t end = text.find('\n', begin);
        if (end == text.npos) return rows;
        LogRow row;
        if (number > 1 && !read_row({text.data() + begin, end - begin}, row))
            throw FileError(path, fmt::format("line {} is not a row of a training log", number));
        if (number > 1 && row.step <= steps_done) rows.push_back(row);
        begin = end + 1;
    }
}

RunLog::RunLog(const std::string& folder, Index steps_done, const Checksum* record,
               const std::vector<Snapshot>& snapshots)
    : path_(folder + "/log.csv") {
    const bool there = std::filesystem::exists(path_);
    if (steps_done > 0 && (there || record)) {
        try {
            rows_ = read_log(path_, steps_done, record);
        } catch (const FileError& error) {
            repaired_ = error.what();
            if (there) repaired_ += "; set aside as " + set_aside(path_);
            repaired_ += "; begun again with the evaluations in run.json";
            for (const Snapshot& s : snapshots)
                if (s.step <= steps_done && std::isfinite(s.val))
                    rows_.push_back({.step = s.step, .val = s.val});
        }
    }
    const std::string text = log_csv(rows_);
    write_file(path_, text);
    file_ = std::make_unique<AppendFile>(path_);
    checksum_ = checksum_of(text);
}

void RunLog::stepped(const RunState& s) {
    LogRow row{.step = s.step, .loss = s.last_loss, .lr = s.lr, .gradient_norm = s.gradient_norm};
    if (s.val_is_new) row.val = s.val, row.accuracy = s.accuracy;
    if (s.ratio_is_new) row.update_ratio = s.update_ratio;
    row.per_second = s.rate;
    row.elapsed = s.elapsed;
    append(row);
}

void RunLog::ended(const RunState& s, bool finished) {
    if (!finished || !s.val_is_new) return;
    // As in the rows before; run.json has that of all held-out data.
    const double val = s.snapshots.empty() ? s.val : s.snapshots.back().val;
    append({.step = s.step, .val = val, .elapsed = s.elapsed, .accuracy = s.accuracy});
}

const Checksum* RunLog::record() {
    try {
        if (checksum_) file_->sync();
    } catch (const FileError&) {  // the next row that cannot be written says so
        checksum_.reset();
    }
    return checksum_ ? &*checksum_ : nullptr;
}

void RunLog::append(const LogRow& row) {
    if (row.step > kEveryStep && row.step % kThen != 0 && !std::isfinite(row.val)) return;
    rows_.push_back(row);
    const std::string text = line(row);
    try {
        file_->write(text);
    } catch (...) {
        checksum_.reset();  // part of the row may be there
        throw;
    }
    if (checksum_) checksum_->add(text.data(), text.size());
}

}  // namespace gradus
