#include "web/app/serve.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <iostream>

#include "engine/base/clock.h"
#include "web/app/config/settings.h"
#include "web/app/hub/import.h"
#include "web/app/hub/operator.h"
#include "web/app/hub/sample.h"
#include "web/app/log/log.h"

namespace carillon {
namespace {

std::unique_ptr<Logger> logger_of(const Config& config, const Clock& clock) {
  LogOptions options;
  options.format = log_format_of(config.log_format);
  options.level = log_level_of(config.log_level);
  return make_logger(options, clock);
}

std::filesystem::path database_note(const Config& config) { return std::filesystem::path(config.home) / "database.url"; }

/// Writes a file only its owner may read, whole or not at all.
void write_private(const std::filesystem::path& path, const std::string& text) {
  const auto fresh = path.string() + ".new";
  const mode_t old = umask(0077);
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << text;
  }
  umask(old);
  std::error_code ignored;
  std::filesystem::rename(fresh, path, ignored);
}

/// Prints the error; the exit code.
int report_error(const Error& error, std::ostream& err) {
  err << "carillon: " << error.message << (error.remedy.empty() ? "" : " " + error.remedy) << "\n";
  return error.code == ErrorCode::unavailable ? ExitCode::unavailable : ExitCode::failed;
}

std::string address_of(const Config& config, std::uint16_t port) {
  const bool everywhere = config.listen == "0.0.0.0" || config.listen == "::";
  const std::string host = everywhere ? "localhost" : config.listen.find(':') != std::string::npos ? "[" + config.listen + "]" : config.listen;
  return "http://" + host + ":" + std::to_string(port);
}

/// The configured database, or the embedded one of a hub that runs with this home; "" (said on `err`) without either.
std::string database_of(const Config& config, std::ostream& err) {
  std::string url = config.database_url;
  if (url.empty()) {
    std::ifstream note(database_note(config));
    std::getline(note, url);
  }
  if (url.empty()) err << "carillon: no hub has run with home " << config.home << " yet. Start it, or set database_url.\n";
  return url;
}

/// What a person needs to begin, and var/dev.env for scripts.
Status announce(Hub& hub, const Config& config, std::ostream& out) {
  const std::string url = address_of(config, hub.port());
  out << "\n  Carillon is ready at " << url << "\n";
  CARILLON_TRY(bool sample, hub.tenant_exists(kSampleSlug));
  if (sample) {
    CARILLON_TRY(auto token, hub.issue_token(kSampleSlug, kSampleEmail, std::chrono::hours(24 * 30)));
    write_private(std::filesystem::path(config.home) / "dev.env", "CARILLON_URL=" + url + "\nCARILLON_TOKEN=" + token + "\n");
    out << "  Sign in as " << kSampleEmail << " with the password " << kSamplePassword << "\n";
    out << "  For scripts: . " << (std::filesystem::path(config.home) / "dev.env").string() << "\n";
  }
  else out << "  No tenant yet? carillon tenant create SLUG --email YOU\n";
  out << "  Ctrl-C stops it.\n" << std::endl;
  return ok();
}

}  // namespace

int serve(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  auto loaded = load_invocation_config(invocation, err);
  if (!loaded) return ExitCode::configuration;
  const Config& config = loaded->config;
  // Blocked before any thread starts, so that only this one takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  auto clock = make_system_clock();
  auto log = logger_of(config, *clock);
  std::error_code made;
  std::filesystem::create_directories(config.home, made);
  if (made) return report_error({ErrorCode::internal, "HOME", "The folder " + config.home + " cannot be made: " + made.message() + ".", "home", config.home, "Choose another home.", {}}, err);
  HubOptions options;
  options.config = config;
  options.progress = [&log](const std::string& phase) { log->info(phase); };
  Hub hub(std::move(options), *log);
  if (Status started = hub.start(); !started) return report_error(started.error(), err);
  write_private(database_note(config), hub.owner_url());
  if (config.sample) {
    log->info("loading the sample tenant");
    if (Status sample = load_sample(hub, *clock); !sample) return report_error(sample.error(), err);
  }
  if (Status said = announce(hub, config, out); !said) return report_error(said.error(), err);
  int received = 0;
  sigwait(&signals, &received);
  log->info("stopping", {{"signal", received == SIGINT ? "SIGINT" : "SIGTERM"}});
  // A second signal ends at once; the database recovers from that by itself.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  hub.stop();
  log->info("stopped");
  return ExitCode::ok;
}

int migrate(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  auto loaded = load_invocation_config(invocation, err);
  if (!loaded) return ExitCode::configuration;
  const Config& config = loaded->config;
  if (config.database_url.empty()) {
    err << "carillon: migrate needs database_url (or DATABASE_URL); the embedded database is migrated by serve.\n";
    return ExitCode::configuration;
  }
  auto clock = make_system_clock();
  auto log = logger_of(config, *clock);
  auto changed = migrate_database(config.database_url, invocation.plan, *log, [&](const std::string& line) { out << line << "\n"; });
  if (!changed) return report_error(changed.error(), err);
  out << *changed << (invocation.plan ? " to apply\n" : " applied\n");
  return ExitCode::ok;
}

int with_database(const Invocation& invocation, std::ostream& err, const DatabaseErrand& errand) {
  const auto loaded = load_invocation_config(invocation, err);
  if (!loaded) return ExitCode::configuration;
  const std::string url = database_of(loaded->config, err);
  if (url.empty()) return ExitCode::unavailable;
  const auto clock = make_system_clock();
  const auto log = logger_of(loaded->config, *clock);
  const Status done = errand(loaded->config, url, *log);
  return done ? ExitCode::ok : report_error(done.error(), err);
}

int token(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  const auto ttl = parse_setting_duration(invocation.ttl);
  if (!ttl || *ttl <= Duration{0}) {
    err << "carillon: --ttl " << invocation.ttl << " is no length of time. Write it like 12h or 30d.\n";
    return ExitCode::usage;
  }
  return with_database(invocation, err, [&](const Config& config, const std::string& url, Logger& log) -> Status {
    CARILLON_TRY(const auto made, issue_token(config, url, invocation.tenant, invocation.actor, *ttl, log));
    out << made << "\n";
    return ok();
  });
}

int tenant_create(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  const std::string name = invocation.name.empty() ? invocation.tenant : invocation.name;
  const std::string zone = invocation.zone.empty() ? "UTC" : invocation.zone;
  return with_database(invocation, err, [&](const Config&, const std::string& url, Logger& log) -> Status {
    CARILLON_TRY(const auto password, create_tenant(url, {invocation.tenant, name, zone, invocation.actor, ""}, log));
    out << "Tenant " << invocation.tenant << " is made. Sign in as " << invocation.actor << " with the password " << password << " (shown once).\n";
    return ok();
  });
}

namespace {

using schedules::MaintenanceEntry;

std::string said(const MaintenanceEntry& entry) {
  std::string out = entry.id.to_string() + "  since " + format_instant(entry.stretch.since);
  if (entry.stretch.ended_at) out += "  ended " + format_instant(*entry.stretch.ended_at);
  else if (entry.stretch.until) out += "  until " + format_instant(*entry.stretch.until);
  else out += "  open-ended";
  return out + "  " + entry.stretch.actor + ": " + entry.stretch.reason + "\n";
}

/// Does an errand that answers maintenance, and prints it.
template <class Errand>
int on_maintenance(const Invocation& invocation, std::ostream& out, std::ostream& err, Errand&& errand) {
  return with_database(invocation, err, [&](const Config&, const std::string& url, Logger& log) -> Status {
    CARILLON_TRY(const std::vector<MaintenanceEntry> entries, errand(url, log));
    for (const auto& entry : entries) out << said(entry);
    if (entries.empty()) out << "No maintenance.\n";
    return ok();
  });
}

}  // namespace

int maintenance_start(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  std::optional<Instant> until;
  if (!invocation.until.empty() && !(until = parse_instant(invocation.until))) {
    err << "carillon: --until " << invocation.until << " is no instant. Write it like 2031-03-28T00:00:00Z.\n";
    return ExitCode::usage;
  }
  return on_maintenance(invocation, out, err, [&](const std::string& url, Logger& log) -> Result<std::vector<MaintenanceEntry>> {
    CARILLON_TRY(auto entry, start_maintenance(url, invocation.tenant, invocation.reason, until, log));
    return std::vector{std::move(entry)};
  });
}

int maintenance_end(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  std::optional<Uuid> id;
  if (!invocation.id.empty() && !(id = Uuid::parse(invocation.id))) {
    err << "carillon: " << invocation.id << " is no id. `carillon maintenance list` shows them.\n";
    return ExitCode::usage;
  }
  return on_maintenance(invocation, out, err,
                        [&](const std::string& url, Logger& log) { return end_maintenance(url, invocation.tenant, id, log); });
}

int maintenance_list(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  return on_maintenance(invocation, out, err, [&](const std::string& url, Logger& log) { return list_maintenance(url, invocation.tenant, log); });
}

int clock_release(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  return with_database(invocation, err, [&](const Config&, const std::string& url, Logger& log) -> Status {
    CARILLON_TRY(const auto nodes, release_clock(url, log));
    out << nodes << (nodes == 1 ? " node is" : " nodes are") << " told that the time is right. See carillon_catch_up_held in /metrics.\n";
    return ok();
  });
}

int import_inline_triggers(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  bool refused = false;
  const int code = with_database(invocation, err, [&](const Config&, const std::string& url, Logger& log) -> Status {
    CARILLON_TRY(const auto imported,
                 import_legacy(url, {invocation.from, invocation.old_schema, invocation.actor, invocation.dry_run, invocation.back}, log));
    if (invocation.json) out << imported.document.dump(2) << "\n";
    else out << imported.text;
    refused = imported.failed;
    return ok();
  });
  return refused ? static_cast<int>(ExitCode::failed) : code;
}

}  // namespace carillon
