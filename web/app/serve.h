#pragma once
#include <functional>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "web/app/cli/command_line.h"
#include "web/app/config/config.h"

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
/// `carillon clock release`: after a jump of the database's clock, it is right.
int clock_release(const Invocation& invocation, std::ostream& out, std::ostream& err);
/// `carillon import inline-triggers`: moves a database of the old shape over, or back.
int import_inline_triggers(const Invocation& invocation, std::ostream& out, std::ostream& err);

using DatabaseErrand = std::function<Status(const Config& config, const std::string& database_url, Logger& log)>;
/// Does an errand on the configured database, or on the embedded one of a hub that runs with this home. Says what is wrong
/// on `err`; the exit code.
int with_database(const Invocation& invocation, std::ostream& err, const DatabaseErrand& errand);

}  // namespace carillon
