// SPDX-License-Identifier: MIT
// The normal forms of arbitrary bytes.
#include "nn/text/normalise.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader normalise_reader(
    "normalise",
    [](std::string_view bytes) {
        for (const NormalForm form :
             {NormalForm::nfd, NormalForm::nfc, NormalForm::nfkd, NormalForm::nfkc}) {
            const std::string once = normalise(bytes, form);
            fuzz::check(normalise(once, form) == once, "normalising twice");
        }
        fuzz::check(normalise(normalise(bytes, NormalForm::nfd), NormalForm::nfc) ==
                        normalise(bytes, NormalForm::nfc),
                    "nfc of nfd");
        lowercase(bytes);
        strip_marks(bytes, Marks::all);
    },
    {"e\u0301\u0323 \u1112\u1161\u11AB \xFF", "ﬁ Ａ ㎒ \u212B 한"});
