// SPDX-License-Identifier: MIT
#include "nn/terminal/printable.h"

#include <doctest/doctest.h>

#include "nn/text/utf8.h"
#include "tensor/random.h"
#include "tests/shell.h"

using namespace gradus;

TEST_CASE("control characters are written out, all other text stays as it is") {
    CHECK(printable("plain, tab\tand\nnewline") == "plain, tab\tand\nnewline");
    CHECK(printable("Größe 成语 🙂 e\xCC\x81") == "Größe 成语 🙂 e\xCC\x81");
    CHECK(printable("\x1b]0;owned\x07") == "\\u001b]0;owned\\u0007");
    CHECK(printable("over\rwritten\b\x7f") == "over\\u000dwritten\\u0008\\u007f");
    CHECK(printable(std::string_view("a\0b", 3)) == "a\\u0000b");
    CHECK(printable("\xC2\x9B"
                    "31m") == "\\u009b31m");     // U+009B is ESC [ in one character
    CHECK(printable("\xC2\xA0") == "\xC2\xA0");  // the first after U+009F
    CHECK(printable("\xE2\x80\xAE"
                    "fdp") == "\\u202efdp");
    CHECK(printable("\x9B"
                    "31m, \xFF, \xE4\xB8") == "\\x9b31m, \\xff, \\xe4\\xb8");
    CHECK(printable("") == "");
}

TEST_CASE("whatever bytes it is made from, printable text has no control but newline and tab") {
    Random random(1);
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (int i = 0; i < 60; ++i)
            text += random.below(3) ? static_cast<char>(random.below(256))
                                    : "\xC2\x1b\x9b\xE2\x80"[random.below(5)];
        const std::string shown = printable(text);
        CHECK(utf8_valid_prefix(shown) == shown.size());
        for (const char32_t c : utf8_decode(shown)) {
            const bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
            CHECK_FALSE(control);
        }
        CHECK(printable(shown) == shown);
    }
}

TEST_CASE("a shell reads back every word, whatever it contains") {
    CHECK(shell_word("runs/tales-quick_2.0+x") == "runs/tales-quick_2.0+x");
    CHECK(shell_word("my run") == "'my run'");
    CHECK(shell_word("it's") == "'it'\\''s'");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("a\x1b'b\n") == "$'a\\x1b\\'b\\x0a'");
    const bool bash = shell("command -v bash").code == 0;  // $'...' is not in every sh
    for (const std::string word :
         {"plain", "two words", "it's", "\"$HOME\" `id` \\ * ; | & ~ !x #", "-n", "成语", "a\\'b"})
        CHECK(shell("printf %s " + shell_word(word)).output == word);
    if (bash)
        for (const std::string word : {"esc\x1b[31m", "line\nbreak", "'\\\x7f\t", "\xFF\x9B"})
            CHECK(run_to_end({"bash", "-c", "printf %s " + shell_word(word)}).out == word);
}
