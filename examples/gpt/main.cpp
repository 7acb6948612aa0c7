// SPDX-License-Identifier: MIT
// The program behind ./gradus gpt, chat, sample, look and compare: trains a GPT of this library, lets
// you talk to it, shows what it does inside, and compares runs.
#include "examples/gpt/commands.h"

int main(int argc, char** argv) {
    return gradus::gpt_program(argc, argv);
}
