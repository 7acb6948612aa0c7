// SPDX-License-Identifier: MIT
// The receipt of a run on a learner's parts: lines of plain text, each of which ends with a checksum
// of itself and of all lines before it:
//
//     gradus receipt 1 #8f0e6c1d9a55b2e7
//     loss 1 3.761245 0x1.e16e8cp+1 #22b07f6e1c9d0a34
//
// A changed, lost or moved line breaks the chain from there on. That shows accidents and careless
// changes, not forgery: whoever knows how can compute new checksums. The proof is to repeat the run
// (--replay).
#pragma once

#include <string>
#include <vector>

namespace gradus::lessons {

std::string chained(const std::vector<std::string>& lines);

// The lines without their checksums. Throws FileError, naming `path` and the first line that does not
// fit the ones before it.
std::vector<std::string> unchained(const std::string& text, const std::string& path);

// What follows `word` in each line that begins with it.
std::vector<std::string> about(const std::vector<std::string>& lines, const std::string& word);

}  // namespace gradus::lessons
