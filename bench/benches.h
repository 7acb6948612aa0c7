// SPDX-License-Identifier: MIT
// The suites. Each adds its benchmarks to the list; main() runs those requested.
#pragma once

namespace gradus {

void add_matmul_benches();
void add_op_benches();
void add_layer_benches();
void add_step_benches();
void add_decode_benches();
void add_tokenizer_benches();

}  // namespace gradus
