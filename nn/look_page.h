// SPDX-License-Identifier: MIT
// A look inside a model as one page, see nn/plot/page.h.
#pragma once

#include <string>

#include "nn/files/run.h"
#include "nn/look_pictures.h"

namespace gradus {

// `name` is what the model is called, usually its folder. The reading must be of this model.
std::string look_html(const std::string& name, const RunInfo& run, const Gpt& model,
                      const Reading& reading);

}  // namespace gradus
