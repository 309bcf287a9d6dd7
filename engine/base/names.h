#pragma once
#include <string>

#include "engine/base/result.h"

namespace carillon {

/// A name that people give, at /name of a request: it can be read in one line and told from others. invalid NAME_BLANK,
/// NAME_HAS_CONTROLS, NAME_HAS_OUTER_BLANKS (field /name). Its length is the request's shape.
Status check_name(const std::string& name);

}  // namespace carillon
