#include <iostream>

#include "engine/base/clock.h"
#include "engine/base/json.h"
#include "engine/schema/validate_cli.h"
#include "engine/time/cron_cli.h"
#include "web/app/cli/command_line.h"
#include "web/app/cli/schema_files.h"
#include "web/app/secrets.h"
#include "web/app/serve.h"
#include "web/app/version.h"

namespace {

using namespace carillon;

int told(const Status& status, std::ostream& err) {
  if (status) return ExitCode::ok;
  const Error& e = status.error();
  err << "carillon: " << e.field << " \"" << e.value << "\": " << e.message << " " << e.remedy << "\n";
  return ExitCode::failed;
}

int next_times(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  const ZoneDatabase zones;
  if (invocation.expression.empty()) {
    cron_next_lines(std::cin, out, zones);
    return ExitCode::ok;
  }
  return told(cron_next(invocation.expression, invocation.zone.empty() ? "UTC" : invocation.zone, invocation.from, invocation.count,
                        make_system_clock()->now(), zones, out), err);
}

int explain(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  const ZoneDatabase zones;
  Status said = cron_explain(invocation.expression, invocation.zone.empty() ? "UTC" : invocation.zone, locale_of(invocation.locale),
                             make_system_clock()->now(), zones, out);
  if (!said) said.error().field = said.error().field == "/zone" ? "--zone" : "expression";
  return told(said, err);
}

int validate(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  if (invocation.schema_file.empty()) {
    std::ios::sync_with_stdio(false);
    return schema::schema_validate_lines(std::cin, out);
  }
  return schema_validate_files(invocation.schema_file, invocation.instance_file, out, err);
}

}  // namespace

int main(int argc, char** argv) {
  const CommandTable commands = {
      {"serve", serve},
      {"migrate", migrate},
      {"token", token},
      {"tenant create", tenant_create},
      {"maintenance start", maintenance_start},
      {"maintenance end", maintenance_end},
      {"maintenance list", maintenance_list},
      {"clock release", clock_release},
      {"config", show_config},
      {"cron next", next_times},
      {"cron explain", explain},
      {"schema validate", validate},
      {"secrets put", secrets_put},
      {"secrets list", secrets_list},
      {"secrets delete", secrets_delete},
      {"secrets rotate", secrets_rotate},
      {"import inline-triggers", import_inline_triggers},
      {"version",
       [](const Invocation&, std::ostream& out, std::ostream&) {
         out << "carillon " << kVersion << "\n";
         return ExitCode::ok;
       }},
  };
  return run_command_line({argv + 1, argv + argc}, commands, std::cout, std::cerr);
}
