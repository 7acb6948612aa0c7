// SPDX-License-Identifier: MIT
// Text of any kind: decoding, in one piece and in several, widths, wrapping, printing.
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"
#include "nn/text/near_names.h"
#include "nn/text/utf8.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader utf8_reader(
    "utf8",
    [](std::string_view text) {
        const std::u32string decoded = utf8_decode(text);
        const std::string encoded = utf8_encode(decoded);
        fuzz::check(static_cast<Index>(decoded.size()) == utf8_count(text), "utf8_count");
        fuzz::check((utf8_valid_prefix(text) == text.size()) <= (encoded == text), "utf8_encode");
        Utf8Stream stream;
        std::string whole;
        for (std::size_t at = 0, n = 1; at < text.size(); at += n, n = n % 5 + 1)
            whole += stream.feed(text.substr(at, n));
        fuzz::check(whole + stream.finish() == encoded, "Utf8Stream");
        const std::string shown = printable(text);
        fuzz::check(utf8_valid_prefix(shown) == shown.size(), "printable");
        for (const char c : shown)
            fuzz::check(c == '\n' || c == '\t' || (c & 0xE0) != 0, "control");
        fuzz::check(display_width(fit_width(text, 7)) <= 7, "fit_width");
        wrapped(text, 3, 20);
        shell_word(text), in_quotes(text), text_position(text, text.size() / 2);
        near_names(text, {"steps", "batch", "width"}, 2);
    },
    {"Größe 成语 🙂 e\xCC\x81\n", "\x1b]0;x\x07\xC2\x9B\xE2\x80\xAE",
     "\xF4\x8F\xBF\xBF\xED\x9F\xBF"});
