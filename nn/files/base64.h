// SPDX-License-Identifier: MIT
// Bytes written as letters, digits, + and / (RFC 4648, section 4), as tokenizers' files hold them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gradus {

// Nothing unless it is groups of four characters, the last of which may end in one or two "=".
std::optional<std::string> from_base64(std::string_view text);

}  // namespace gradus
