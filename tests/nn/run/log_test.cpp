// SPDX-License-Identifier: MIT
// log.csv: what was measured is kept, what will be trained again is dropped.
#include "nn/run/log.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "nn/files/atomic_file.h"
#include "tensor/error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

LogRow log_row(Index step) {
    LogRow r;
    r.step = step;
    r.loss = 2.5;
    return r;
}

const std::string kHead =
    "step,loss,val,lr,gradient_norm,update_ratio,tokens_per_second,elapsed,accuracy\n";

}  // namespace

TEST_CASE("log.csv: what was not measured is an empty field") {
    LogRow r = log_row(3);
    r.lr = 1e-5;
    CHECK(log_csv({r}) == kHead + "3,2.5,,1e-05,,,,,\n");
}

TEST_CASE("log.csv: a resumed run keeps rows up to its step and drops later ones") {
    const TemporaryFolder folder;
    {
        RunLog log(folder.path(), 0);
        for (Index step = 1; step <= 5; ++step) log.append(log_row(step));
        CHECK(read_file(folder.file("log.csv")) == log_csv(log.rows()));  // already on the disk
    }
    RunLog log(folder.path(), 3);
    REQUIRE(log.rows().size() == 3);
    CHECK(log.rows()[2].loss == 2.5);
    CHECK(std::isnan(log.rows()[2].val));
    log.append(log_row(4));
    CHECK(read_file(folder.file("log.csv")) ==
          log_csv({log_row(1), log_row(2), log_row(3), log_row(4)}));
    CHECK(RunLog(folder.path(), 0).rows().empty());
}

TEST_CASE("log.csv: a last line that was cut off is dropped, a strange one is named") {
    const TemporaryFolder folder;
    write_file(folder.file("log.csv"), kHead + "1,2.5,,,,,,\n2,2.");
    CHECK(RunLog(folder.path(), 9).rows().size() == 1);
    write_file(folder.file("log.csv"), kHead + "1,2.5,,,,,,\n2,two,,,,,,\n");
    CHECK_THROWS_WITH_AS(read_log(folder.file("log.csv"), 9), doctest::Contains("line 3"),
                         FileError);
}

TEST_CASE("log.csv: a damaged one is set aside and begun again with the evaluations") {
    const TemporaryFolder folder;
    const std::string path = folder.file("log.csv");
    Checksum record;
    {
        RunLog log(folder.path(), 0);
        for (Index step = 1; step <= 4; ++step) log.append(log_row(step));
        record = *log.record();
        log.append(log_row(5));  // after the checkpoint
    }
    const std::string whole = read_file(path);
    CHECK(record == checksum_of(log_csv({log_row(1), log_row(2), log_row(3), log_row(4)})));
    CHECK(read_log(path, 9, &record).size() == 4);
    CHECK(read_log(path, 9).size() == 5);
    CHECK(RunLog(folder.path(), 9, &record).repaired().empty());

    const std::vector<Snapshot> snapshots = {
        {.step = 0, .val = NAN}, {.step = 2, .val = 1.5}, {.step = 4, .val = 1}};
    std::string flipped = whole;
    ++flipped[flipped.find("2.5")];  // still a row
    for (const std::string& damaged : {flipped, whole.substr(0, whole.size() / 2), std::string()}) {
        CAPTURE(damaged);
        write_file(path, damaged);
        const RunLog log(folder.path(), 3, &record, snapshots);
        CHECK(log.repaired() == path + ": its first 131 bytes are not those that were written; " +
                                    "set aside as " + path + ".damaged; begun again with the " +
                                    "evaluations in run.json");
        REQUIRE(log.rows().size() == 1);
        CHECK(log.rows()[0].step == 2);
        CHECK(log.rows()[0].val == 1.5);
        CHECK(read_file(path + ".damaged") == damaged);
        CHECK(read_file(path) == log_csv(log.rows()));
    }
    std::filesystem::remove(path);
    CHECK(RunLog(folder.path(), 3, &record, snapshots).repaired() ==
          path + ": cannot read: no such file or folder; begun again with the evaluations in " +
              "run.json");
}

TEST_CASE("log.csv: a file of version 0.1, without accuracy, is continued") {
    const TemporaryFolder folder;
    write_file(folder.file("log.csv"),
               "step,loss,val,lr,gradient_norm,update_ratio,tokens_per_second,elapsed\n"
               "1,2.5,2.25,,,,,0.5\n");
    const RunLog log(folder.path(), 9);
    REQUIRE(log.rows().size() == 1);
    CHECK(log.rows()[0].val == 2.25);
    CHECK(log.rows()[0].elapsed == 0.5);
    CHECK(std::isnan(log.rows()[0].accuracy));
    CHECK(read_file(folder.file("log.csv")) == kHead + "1,2.5,2.25,,,,,0.5,\n");
}

TEST_CASE("log.csv: each state is a row, and so is the last evaluation") {
    const TemporaryFolder folder;
    RunLog log(folder.path(), 0);
    RunState s;
    s.step = 1, s.last_loss = 2, s.loss = 3, s.lr = 0.5, s.gradient_norm = 4;
    s.update_ratio = 0.25, s.val = 9, s.rate = 100, s.elapsed = 1.5;
    log.stepped(s);
    s.step = 2, s.val_is_new = s.ratio_is_new = true, s.accuracy = 0.75;
    log.stepped(s);
    log.ended(s, false);
    log.ended(s, true);
    CHECK(read_file(folder.file("log.csv")) == kHead +
                                                   "1,2,,0.5,4,,100,1.5,\n"
                                                   "2,2,9,0.5,4,0.25,100,1.5,0.75\n"
                                                   "2,,9,,,,,1.5,0.75\n");
}

TEST_CASE("log.csv: after 10,000 steps every 100th is kept, and every evaluated one") {
    const TemporaryFolder folder;
    RunLog log(folder.path(), 0);
    log.append(log_row(10'000));
    log.append(log_row(10'001));
    LogRow evaluated = log_row(10'002);
    evaluated.val = 2;
    log.append(evaluated);
    log.append(log_row(10'100));
    REQUIRE(log.rows().size() == 3);
    CHECK(log.rows()[1].step == 10'002);
    CHECK(log.rows()[2].step == 10'100);
}
