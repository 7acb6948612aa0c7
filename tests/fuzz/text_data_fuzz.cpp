// SPDX-License-Identifier: MIT
// A file to learn from: as text, after a first byte of 'b' as bytes, or after 'm' with merges.
#include "nn/data/text_data.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader text_data_reader(
    "text_data",
    [](std::string_view text) {
        using Kind = Tokenizer::Kind;
        const char first = text.empty() ? ' ' : text[0];
        const Kind kind = first == 'b' ? Kind::bytes : first == 'm' ? Kind::bpe : Kind::characters;
        TextData data(fuzz::file("text", text), {kind, 9}, 1);
        data.prompt(), data.describe();
        data.require_context(3);
        data.bigram_baseline();
        for (const Batch& batch : data.validation(true, 4, 3))
            fuzz::check(batch.inputs.count() % 3 == 0, "a window");
        data.batch(7, 2, 3);
    },
    {std::string(100, 'a') + "bc", "\xEF\xBB\xBF成语接龙，成语接龙，成语接龙，成语接龙",
     "b\xFF\x01", "mia and the mill: mia can't", "\xFF\xFE"});
