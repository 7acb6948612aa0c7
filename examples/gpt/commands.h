// SPDX-License-Identifier: MIT
// The four things this program does. Each returns the exit code.
#pragma once

#include "examples/gpt/options.h"
#include "nn/run/run_folder.h"

namespace gradus {

int train_command(const GptOptions& options);
int chat_command(const TextOptions& options);
int sample_command(const TextOptions& options);
int look_command(const TextOptions& options);

// The conversation itself, with a model that is already there.
int chat(const RunInfo& info, const Gpt& model, const TextOptions& options);

// True from the first Ctrl-C on (the second one ends the program at once).
void watch_for_interrupt();
bool interrupted();
void forget_interrupt();

}  // namespace gradus
