// SPDX-License-Identifier: MIT
// GPT-2's tokenizer file, and text through what it says; and BPE trained on arbitrary bytes.
#include "nn/files/tokenizers/merges.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader merges_reader(
    "merges",
    [](std::string_view bytes) {
        const Bpe learnt =
            Bpe::train(bytes, 20, bytes.size() % 2 ? Bpe::Split::gpt2 : Bpe::Split::none);
        fuzz::check(learnt.decode(learnt.encode(bytes)) == bytes, "decode");
        const Bpe bpe = load_merges(fuzz::file("merges.txt", bytes));
        fuzz::check(bpe.decode(bpe.encode(bytes)) == bytes, "decode");
    },
    {"#version: 0.2\nh e\n\xC4\xA0 t\n\xC4\xA0t he\n", "the cat, 猫"});
