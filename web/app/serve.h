#pragma once
#include "web/app/cli/command_line.h"

namespace carillon {

/// `carillon serve`: the hub until SIGINT or SIGTERM.
int serve(const Invocation& invocation, std::ostream& out, std::ostream& err);
/// `carillon migrate [--plan]`.
int migrate(const Invocation& invocation, std::ostream& out, std::ostream& err);
/// `carillon token --tenant SLUG --actor EMAIL`: a bearer token on standard output.
int token(const Invocation& invocation, std::ostream& out, std::ostream& err);

/// `carillon tenant create SLUG --email …`: a tenant with its first admin, whose password is printed once.
int tenant_create(const Invocation& invocation, std::ostream& out, std::ostream& err);

}  // namespace carillon
