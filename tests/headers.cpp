// SPDX-License-Identifier: MIT
// Empty: CMakeLists.txt attaches the precompiled headers of all test files to this one.
