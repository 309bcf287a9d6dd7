#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "web/app/config/config.h"

namespace carillon {

/// What a command ends with. Also printed by `carillon --help`.
struct ExitCode {
  static constexpr int ok = 0;
  static constexpr int failed = 1;         ///< the command could not do what was asked
  static constexpr int usage = 2;          ///< the command line is wrong
  static constexpr int configuration = 3;  ///< a setting is wrong
  static constexpr int unavailable = 4;    ///< the database cannot be reached or used
};

/// A command line, understood. Only the members of the named command are set.
struct Invocation {
  std::string
      command;  ///< "serve", "migrate", "token", "tenant create", "maintenance start", "… end", "… list", "clock release", "config", "cron next", "cron explain", "schema validate", "secrets put", "… list", "… delete", "… rotate", "import inline-triggers", "version"
  std::optional<std::filesystem::path> config_file;  ///< --config
  std::vector<ConfigFlag> settings;                  ///< flags of settings (serve, migrate, token, config)
  bool force = false;                                ///< secrets delete --force
  bool plan = false;                                 ///< migrate --plan: say what would be done
  bool table = false;                                ///< config --table: Markdown for the README
  std::string tenant;                                ///< the tenant's slug: token --tenant, tenant create SLUG, maintenance --tenant ("" is the hub)
  std::string actor;                                 ///< the actor's email: token --actor, tenant create --email, import --email
  std::string name;                                  ///< tenant create --name; "" is the slug; secrets put NAME, secrets delete NAME
  std::string reason;                                ///< maintenance start --reason
  std::string until;                                 ///< maintenance start --until, ISO 8601 instant; "" is open-ended
  std::string id;                                    ///< maintenance end ID; "" ends all that goes on
  std::string ttl = "12h";                           ///< token --ttl
  std::string expression;                            ///< cron …: five fields; "" of cron next: lines on standard input
  std::string zone;                                  ///< cron … --zone, "" is UTC
  std::string locale = "en";                         ///< cron explain --locale
  std::int64_t count = 5;                            ///< cron next --count
  std::string schema_file, instance_file;            ///< schema validate; "": lines on standard input
  bool dry_run = false, back = false, json = false;  ///< import inline-triggers
  std::string from;                                  ///< cron next --from, ISO 8601 instant, "" is now; import --from, a database, "" is the hub's
  std::string old_schema = "legacy";                 ///< import inline-triggers --schema
};

/// Runs one command and gives its exit code. Prints to the two streams.
using CommandHandler = std::function<int(const Invocation&, std::ostream& out, std::ostream& err)>;
/// Command → handler. Commands without a handler are not offered.
using CommandTable = std::map<std::string, CommandHandler>;

/// Parses the arguments (without the program's name) and calls the handler. No arguments: help. Unknown commands and
/// flags: "did you mean" and ExitCode::usage. An exception out of a handler is printed and ends with ExitCode::failed.
int run_command_line(const std::vector<std::string>& arguments, const CommandTable& commands, std::ostream& out,
                     std::ostream& err);

/// The configuration an invocation asks for (flags, environment, file); prints every problem and gives nothing if there
/// are any: then exit with ExitCode::configuration.
std::optional<LoadedConfig> load_invocation_config(const Invocation& invocation, std::ostream& err);

/// `carillon config [--table]`.
int show_config(const Invocation& invocation, std::ostream& out, std::ostream& err);

}  // namespace carillon
