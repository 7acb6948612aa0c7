// SPDX-License-Identifier: MIT
// Holds nothing: CMakeLists.txt hangs the headers here that are read once for all test files.
