// SPDX-License-Identifier: MIT
// The program behind ./gradus gpt, chat, sample and look: trains a GPT of this library, lets you
// talk to it, and shows what it does inside.
#include "examples/gpt/commands.h"

int main(int argc, char** argv) {
    return gradus::gpt_program(argc, argv);
}
