// SPDX-License-Identifier: MIT
// The closing page, and the challenges that receipts decide.
#include "lessons/mine/receipt.h"
#include "lessons/runner/challenges.h"
#include "tests/lessons/solved.h"

using namespace gradus;
using namespace gradus::lessons;

namespace {

const Words kMinute = {"gradus receipt 1",
                       "data tales, floor 0.126500",
                       "model 2 layers, 4 heads, width 48, 60000 parameters",
                       "held-out loss 3.700000 at step 0, after 0.2 s",
                       "held-out loss 0.130000 at step 100, after 59.9 s",
                       "held-out loss 0.126600 at step 200, after 60.1 s",
                       "checked stories=200 right=180",
                       "end"};
const Words kAdder = {"gradus receipt 1",
                      "data sums, floor 1.151293",
                      "model 1 layers, 1 heads, width 4, 368 parameters",
                      "held-out loss 1.160000 at step 9, after 3.0 s",
                      "checked sums=200 right=198",
                      "end"};

Words with(Words lines, const std::string& from, const std::string& to) {
    for (auto& line : lines)
        if (line.find(from) != std::string::npos) line = replaced(line, from, to);
    return lines;
}

}  // namespace

TEST_CASE("challenges: each takes what the receipt says, and nothing from a run of another kind") {
    const auto& [minute, adder, matmul] = [] {
        const auto& all = challenges();
        REQUIRE(all.size() == 3);
        return std::tie(all[0], all[1], all[2]);
    }();
    CHECK(*minute.score(kMinute) == doctest::Approx(0.0035));
    CHECK(!minute.score(with(kMinute, "data tales,", "data tales-zh,")));
    CHECK(!minute.score(with(kMinute, "floor 0.126500", "floor unknown")));
    CHECK(!minute.score(kAdder));
    CHECK(*minute.score(with(kMinute, "after 60.1 s", "after 60.0 s")) == doctest::Approx(0.0001));

    CHECK(*adder.score(kAdder) == 368);
    CHECK(!adder.score(with(kAdder, "right=198", "right=197")));
    CHECK(!adder.score(with(kAdder, "data sums,", "data my-sums.txt,")));
    CHECK(!adder.score(kMinute));

    Words speed = kMinute;
    speed.insert(speed.end() - 1,
                 "speed of matmul, 256 x 256, one thread: yours 2.500 GFLOP/s, peak 125.0");
    CHECK(*matmul.score(speed) == doctest::Approx(2));
    CHECK(!matmul.score(kMinute));

    CHECK(minute.beaten_by(minute.record / 2));
    CHECK(!minute.beaten_by(minute.record));
    CHECK(matmul.beaten_by(matmul.record + 1));
    CHECK(!matmul.beaten_by(matmul.record - 1));
    CHECK(judged(kAdder) == Words{"The smallest adder: 368 parameters. That beats ours, " +
                                  adder.shown(adder.record) + "!"});
    CHECK(
        judged(with(kAdder, "368 parameters", "99999 parameters")) ==
        Words{"The smallest adder: 99999 parameters. To beat: " + adder.shown(adder.record) + "."});
    CHECK(judged({"gradus receipt 1", "end"}).empty());
}

TEST_CASE("built: the learner's files as one program, with what is not theirs yet") {
    const Learner learner;
    const ProcessResult none = learner.run({"built"});
    CAPTURE(none.out);
    CHECK(none.code == 0);
    CHECK(none.out.find("Of the 24 lessons after 00 you have passed 0") != std::string::npos);
    CHECK(none.out.find("(lesson 16)") != std::string::npos);

    pass_all(learner, "23");
    const ProcessResult ran = learner.run({"built", "--out", learner.path("page.html")});
    CAPTURE(ran.out);
    CAPTURE(ran.err);
    REQUIRE(ran.code == 0);
    CHECK(ran.out.find("Of the 24 lessons after 00 you have passed 23") != std::string::npos);
    CHECK(ran.out.find("built in until then: 23.") != std::string::npos);
    CHECK(ran.out.find("16_attention.h") != std::string::npos);
    CHECK(ran.out.find("124,439,808") != std::string::npos);
    const std::string page = read_file(learner.path("page.html"));
    CHECK(page.find("inline void attention_scores(") != std::string::npos);
    CHECK(page.find("23_sampling.h") == std::string::npos);
    CHECK(page.find("<script") == std::string::npos);
    for (const Challenge& challenge : challenges())
        CHECK(page.find(challenge.number(challenge.record)) != std::string::npos);
    // The commands of the text are those of the challenges.
    std::string text = read_file(GRADUS_SOURCE_DIR "/lessons/BUILT.md");
    const std::string broken = " \\\n          ";  // a long command, in two lines
    for (std::size_t at; (at = text.find(broken)) != std::string::npos;)
        text.erase(at, broken.size());
    for (const Challenge& challenge : challenges())
        CHECK(text.find(challenge.command + "\n") != std::string::npos);
    CHECK(learner.run({"built", "--out", "/no/such/folder/page.html"}).code == 2);
}
