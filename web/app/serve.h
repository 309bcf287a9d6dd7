#pragma once
#include "engine/base/clock.h"
#include "engine/base/log.h"
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
/// `carillon maintenance start|end|list`: of one tenant or of the whole hub, beside running hubs.
int maintenance_start(const Invocation& invocation, std::ostream& out, std::ostream& err);
int maintenance_end(const Invocation& invocation, std::ostream& out, std::ostream& err);
int maintenance_list(const Invocation& invocation, std::ostream& out, std::ostream& err);
/// `carillon import inline-triggers`: moves a database of the old shape over, or back.
int clock_release(const Invocation& invocation, std::ostream& out, std::ostream& err);
int import_inline_triggers(const Invocation& invocation, std::ostream& out, std::ostream& err);

/// What commands of other files need, too.
std::unique_ptr<Logger> logger_of(const Config& config, const Clock& clock);
/// Prints the error; the exit code.
int report_error(const Error& error, std::ostream& err);
/// The configured database, or the embedded one of a hub that runs with this home; "" (said on `err`) without either.
std::string database_of(const Config& config, std::ostream& err);

}  // namespace carillon
