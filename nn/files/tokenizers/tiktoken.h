// SPDX-License-Identifier: MIT
// The rank files of tiktoken (OpenAI's library; load.py and tiktoken_ext/openai_public.py there): a
// line "base64-of-the-token's-bytes rank" for each token. The rank is its id, and says how soon it is
// made: of any two neighbours that together are a token, those with the lowest rank merge first. What
// the file does not say, how text is split and which tokens are special, goes with its name.
#pragma once

#include <string>

#include "nn/tokenizers/bpe.h"

namespace gradus {

// The names are r50k_base (GPT-2), p50k_base and cl100k_base (GPT-4); by default, the file's own up to
// the dot. Throws FileError, naming the line, for a name that is not known and for anything else than
// such a file.
Bpe load_tiktoken(const std::string& path, std::string name = "");

}  // namespace gradus
