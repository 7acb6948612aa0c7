// SPDX-License-Identifier: MIT
// The program behind ./gradus gpt, chat, sample, look, compare, tokenize, logits and export: trains a GPT
// of this library, talks with it and with published models, shows what they do inside, compares runs,
// and writes models for other software.
#include "examples/gpt/commands.h"

int main(int argc, char** argv) {
    return gradus::gpt_program(argc, argv);
}
