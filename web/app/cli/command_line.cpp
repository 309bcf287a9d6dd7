#include "web/app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "web/app/config/settings.h"

namespace carillon {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 wrong configuration, 4 database not usable.\n"
    "Settings: flags over CARILLON_… environment over carillon.toml over defaults; `carillon config` shows those in "
    "force.";

/// The parser of one command line: CLI11's tree of commands, filling one Invocation.
class Parser {
 public:
  explicit Parser(const CommandTable& commands) : commands_(commands) {
    app_.footer(kFooter);
    app_.set_help_flag("-h,--help", "Print this help and exit");
    app_.allow_extras();
    add("serve", "Run the hub", [this](CLI::App& c) { add_settings(c); });
    add("migrate", "Bring the database up to date", [this](CLI::App& c) {
      add_settings(c);
      c.add_flag("--plan", invocation_.plan, "Only say what would be done");
    });
    add("token", "Make a bearer token", [this](CLI::App& c) {
      add_settings(c);
      c.add_option("--tenant", invocation_.tenant, "Slug of the tenant")->required();
      c.add_option("--actor", invocation_.actor, "Email of the actor")->required();
      c.add_option("--ttl", invocation_.ttl, "How long it is valid")->default_str("12h");
    });
    add("tenant create", "Make a tenant with its first admin", [this](CLI::App& c) {
      add_settings(c);
      c.add_option("slug", invocation_.tenant, "Lower-case letters, digits and hyphens")->required();
      c.add_option("--email", invocation_.actor, "Email of the admin; the password is printed once")->required();
      c.add_option("--name", invocation_.name, "Name for people (default: the slug)");
      add_zone(c);
    });
    add("maintenance start", "Let nothing fire for a time", [this](CLI::App& c) {
      add_settings(c);
      c.add_option("--reason", invocation_.reason, "Why, for people")->required();
      c.add_option("--until", invocation_.until, "Instant at which it ends by itself (ISO 8601; default: when you end it)");
      add_maintained(c);
    });
    add("maintenance end", "End maintenance; the missed policies decide on what came due", [this](CLI::App& c) {
      add_settings(c);
      c.add_option("id", invocation_.id, "Which one (default: all that goes on)");
      add_maintained(c);
    });
    add("maintenance list", "Show maintenance, newest first", [this](CLI::App& c) {
      add_settings(c);
      add_maintained(c);
    });
    add("clock release", "After a jump of the database's clock: it is right, go on catching up", [this](CLI::App& c) { add_settings(c); });
    add("config", "Show the settings in force and where each comes from", [this](CLI::App& c) {
      add_settings(c);
      c.add_flag("--table", invocation_.table, "Print every setting as a Markdown table");
    });
    add("cron next", "Next times of cron expressions: JSON lines in, JSON lines out", [this](CLI::App& c) {
      c.add_option("expression", invocation_.expression, "Five fields or a macro (default: lines {expr, tz, after, count} from standard input)");
      add_zone(c);
      c.add_option("--from", invocation_.from, "Start after this instant (ISO 8601; default: now)");
      c.add_option("--count", invocation_.count, "How many")->check(CLI::Range(1, 1000));
    });
    add("cron explain", "Say a cron expression in words, with its next times", [this](CLI::App& c) {
      c.add_option("expression", invocation_.expression, "Five fields or a macro")->required();
      add_zone(c);
      c.add_option("--locale", invocation_.locale, "en, de or ja")->check(CLI::IsMember({"en", "de", "ja"}));
    });
    add("schema validate", "Check JSON or YAML against a JSON Schema: two files, or JSON lines in, JSON lines out", [this](CLI::App& c) {
      auto* schema = c.add_option("--schema", invocation_.schema_file, "The schema (default: lines {schema, instance} from standard input)");
      auto* instance = c.add_option("--instance", invocation_.instance_file, "The file to check; exit code 0 valid, 1 invalid, 2 not checkable");
      schema->needs(instance);
      instance->needs(schema);
    });
    add("secrets put", "Keep a secret, or give it another value, from standard input", [this](CLI::App& c) {
      add_settings(c);
      c.add_option("name", invocation_.name, "What payloads call it: {\"$secret\": NAME}")->required();
      add_keeper(c);
    });
    add("secrets list", "Show names of secrets and who refers to them", [this](CLI::App& c) {
      add_settings(c);
      add_keeper(c);
    });
    add("secrets delete", "Delete a secret that nothing refers to", [this](CLI::App& c) {
      add_settings(c);
      c.add_option("name", invocation_.name, "Which one")->required();
      c.add_flag("--force", invocation_.force, "Even if payloads refer to it: their runs will fail");
      add_keeper(c);
    });
    add("secrets rotate", "Seal all secrets of all tenants under a new key", [this](CLI::App& c) { add_settings(c); });
    add("import inline-triggers", "Make schedules of the inline triggers of a database of the old shape", [this](CLI::App& c) {
      add_settings(c);
      c.add_flag("--dry-run", invocation_.dry_run, "Try everything, report it, and change nothing");
      c.add_flag("--json", invocation_.json, "The report as JSON");
      c.add_flag("--back", invocation_.back, "Take the imported schedules back, as long as no workflow has several");
      c.add_option("--from", invocation_.from, "The old database's connection string (default: the hub's own)");
      c.add_option("--schema", invocation_.old_schema, "The schema its tables are in")->default_str("legacy");
      c.add_option("--email", invocation_.actor, "Email of the admin of tenants that the hub does not know yet (default: one made up)");
    });
    add("version", "Print the version", [](CLI::App&) {});
  }

  int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
    std::reverse(arguments.begin(), arguments.end());
    try {
      app_.parse(arguments);
    } catch (const CLI::ParseError& e) {
      if (e.get_exit_code() == 0) return app_.exit(e, out, err), ExitCode::ok;
      err << "carillon: " << e.what() << "\nTry carillon --help.\n";
      return ExitCode::usage;
    }
    const auto* command = chosen();
    const std::vector<std::string> rest = command != nullptr ? command->app->remaining() : app_.remaining(true);
    if (!rest.empty()) return unknown(rest.front(), command, err);
    if (command == nullptr) return help(out, err);
    invocation_.command = command->name;
    return commands_.at(command->name)(invocation_, out, err);
  }

 private:
  struct Command {
    std::string name;
    CLI::App* app;
  };

  template <class Fill>
  void add(const std::string& name, const std::string& meaning, Fill fill) {
    if (!commands_.contains(name)) return;
    const auto blank = name.find(' ');
    CLI::App* parent = &app_;
    if (blank != std::string::npos) {
      const std::string group = name.substr(0, blank);
      CLI::App*& made = groups_[group];
      if (made == nullptr)
        made = app_.add_subcommand(group, group_meaning(group))->allow_extras();
      parent = made;
    }
    CLI::App* app = parent->add_subcommand(blank == std::string::npos ? name : name.substr(blank + 1), meaning);
    app->allow_extras();
    app->footer(kFooter);
    fill(*app);
    added_.push_back({name, app});
  }

  void add_settings(CLI::App& command) {
    command.add_option("--config", invocation_.config_file, "Configuration file (TOML)")->group("Settings");
    for (const Setting& setting : all_settings()) {
      const std::string key(setting.key);
      const auto take = [this, key](const CLI::results_t& texts) {
        invocation_.settings.push_back({key, texts.back()});
        return true;
      };
      const std::string fallback = setting.fallback.empty() ? "" : " [" + std::string(setting.fallback) + "]";
      auto* option =
          command.add_option(flag_name(setting), take, std::string(setting.meaning) + fallback)->group("Settings");
      option->type_name(setting.kind == SettingKind::boolean ? "" : "VALUE")->take_last();
      if (setting.kind == SettingKind::boolean) {
        option->expected(0, 1)->default_str("true");
        command.add_flag_callback("--no-" + key, [this, key] { invocation_.settings.push_back({key, "false"}); })
            ->group("");
      }
    }
  }

  static std::string group_meaning(const std::string& group) {
    if (group == "cron") return "Cron expressions";
    if (group == "tenant") return "Tenants";
    if (group == "clock") return "The database's clock";
    if (group == "secrets") return "Secrets of a tenant";
    if (group == "import") return "What other hubs left";
    return group == "maintenance" ? "Maintenance of the hub or of one tenant" : "JSON Schemas";
  }

  void add_maintained(CLI::App& command) {
    command.add_option("--tenant", invocation_.tenant, "Slug of the tenant (default: the whole hub)");
  }

  void add_keeper(CLI::App& command) { command.add_option("--tenant", invocation_.tenant, "Slug of the tenant")->required(); }

  void add_zone(CLI::App& command) {
    command.add_option("--zone,--tz", invocation_.zone, "IANA time zone (default: UTC)");
  }

  const Command* chosen() const {
    for (const Command& command : added_)
      if (command.app->parsed()) return &command;
    return nullptr;
  }

  static std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> out;
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    return out;
  }

  int unknown(const std::string& text, const Command* command, std::ostream& err) const {
    const bool flag = text.starts_with('-');
    const std::string name = text.substr(0, text.find('='));
    std::vector<std::string> known;
    if (flag)
      known = flags_of(command != nullptr ? *command->app : app_);
    else if (command == nullptr)
      for (const Command& each : added_) known.push_back(group_word(each.name));
    const std::string hint = did_you_mean(name, known);
    err << "carillon: "
        << (flag                 ? "unknown option "
            : command == nullptr ? "unknown command "
                                 : "unexpected argument ")
        << name << ". "
        << (hint.empty() ? "Try carillon " + (command == nullptr ? std::string() : command->name + " ") + "--help."
                         : hint)
        << "\n";
    return ExitCode::usage;
  }

  /// The word to compare an unknown one with: of "cron next" the first, unless "cron" was given.
  std::string group_word(const std::string& name) const {
    const auto blank = name.find(' ');
    if (blank == std::string::npos) return name;
    return groups_.at(name.substr(0, blank))->parsed() ? name.substr(blank + 1) : name.substr(0, blank);
  }

  int help(std::ostream& out, std::ostream& err) {
    for (CLI::App* group : app_.get_subcommands()) {
      err << group->help("carillon");
      return ExitCode::usage;
    }
    out << app_.help();
    return ExitCode::ok;
  }

  const CommandTable& commands_;
  Invocation invocation_;
  CLI::App app_{"Carillon: schedules that start workflow runs", "carillon"};
  std::map<std::string, CLI::App*> groups_;
  std::vector<Command> added_;
};

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const CommandTable& commands, std::ostream& out,
                     std::ostream& err) {
  try {
    // What everybody types first.
    if (arguments == std::vector<std::string>{"--version"}) return Parser(commands).run({"version"}, out, err);
    return Parser(commands).run(arguments, out, err);
  } catch (const std::exception& e) {
    err << "carillon: " << e.what() << "\n";
    return ExitCode::failed;
  }
}

std::optional<LoadedConfig> load_invocation_config(const Invocation& invocation, std::ostream& err) {
  ConfigInput input{.file = invocation.config_file, .environment = process_environment(), .flags = invocation.settings};
  if (!input.file) input.file = default_config_file(input.environment);
  auto loaded = load_config(input);
  if (loaded) return std::move(*loaded);
  err << "carillon: the configuration is not usable:\n" << describe_problems(loaded.error());
  return std::nullopt;
}

int show_config(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  if (invocation.table) {
    out << config_table_markdown();
    return ExitCode::ok;
  }
  const auto loaded = load_invocation_config(invocation, err);
  if (!loaded) return ExitCode::configuration;
  out << describe_config(*loaded);
  return ExitCode::ok;
}

}  // namespace carillon
