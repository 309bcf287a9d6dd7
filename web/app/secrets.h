#pragma once
#include "web/app/cli/command_line.h"

namespace carillon {

/// `carillon secrets put|list|delete|rotate`. A value is read from standard input, up to a last line break.
int secrets_put(const Invocation& invocation, std::ostream& out, std::ostream& err);
int secrets_list(const Invocation& invocation, std::ostream& out, std::ostream& err);
int secrets_delete(const Invocation& invocation, std::ostream& out, std::ostream& err);
int secrets_rotate(const Invocation& invocation, std::ostream& out, std::ostream& err);

}  // namespace carillon
