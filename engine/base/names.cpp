#include "engine/base/names.h"

#include <algorithm>

#include "engine/base/json.h"

namespace carillon {

Status check_name(const std::string& name) {
  if (name.find_first_not_of(" \t\r\n") == std::string::npos)
    return Error{ErrorCode::invalid, "NAME_BLANK", "The name is blank.", "/name", name, "Give it a name.", {}};
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(name, control))
    return Error{ErrorCode::invalid, "NAME_HAS_CONTROLS", "The name holds a line break, a tab or another control character.", "/name", shorten(name),
                 "Write it in one line.", {}};
  if (name.starts_with(' ') || name.ends_with(' '))
    return Error{ErrorCode::invalid, "NAME_HAS_OUTER_BLANKS", "The name begins or ends with a blank, so that it looks like another one.", "/name",
                 shorten(name), "Leave the blank out.", {}};
  return ok();
}

}  // namespace carillon
