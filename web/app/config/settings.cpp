#include "web/app/config/settings.h"

#include <array>

namespace carillon {
namespace {

using enum SettingKind;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

const auto& setting_rows() {
  static const auto rows = std::to_array<Setting>({
      {"role", choice, &Config::role, "all", "What this process does: serve the web, execute runs and plan, or both.",
       0, 0, "all|web|worker"},
      {"home", text, &Config::home, "var",
       "Folder for everything the hub writes outside the database, and the embedded database."},
      {"listen", text, &Config::listen, "127.0.0.1", "Address to listen on; `0.0.0.0` or `::` for every interface."},
      {"port", integer, &Config::port, "8080", "TCP port; 0 picks a free one.", 0, 65535},
      {"database_url",
       text,
       &Config::database_url,
       "",
       "PostgreSQL to use (URL or key/value text). Unset: an embedded private one below `home`. `DATABASE_URL` works, "
       "too.",
       0,
       0,
       {},
       true},
      {"database_pool", integer, &Config::database_pool, "8", "Database connections for requests and background work.",
       2, 500},
      {"sample", boolean, &Config::sample, "false", "Load the sample tenant on the first start."},
      {"drain_timeout", duration, &Config::drain_timeout, "30s",
       "How long a stop waits for requests and running steps before they are handed back.", 0, kHour},
      {"log.format", choice, &Config::log_format, "auto",
       "`json` lines, `pretty` text, or `auto`: pretty on a terminal.", 0, 0, "auto|json|pretty"},
      {"log.level", choice, &Config::log_level, "info", "Least important level that is written.", 0, 0,
       "debug|info|warn|error"},
      {"jwt.keys",
       list,
       &Config::jwt_key_texts,
       "",
       "Keys for bearer tokens as `id:secret` (secret of 32 bytes or more); the first signs. Unset: one is made and "
       "kept below `home`.",
       0,
       0,
       {},
       true},
      {"jwt.keys_file", text, &Config::jwt_keys_file, "", "File with one `id:secret` a line, in place of `jwt.keys`."},
      {"secrets.key_file", text, &Config::secrets_key_file, "",
       "File with the keys that secrets are sealed with; several nodes share one. Unset: `secrets.keys` below `home`, made "
       "at the first start."},
      {"session.ttl", duration, &Config::session_ttl, "12h", "How long a sign-in lasts.", kMinute, 90 * 24 * kHour},
      {"http.max_body", bytes, &Config::http_max_body, "1MiB", "Largest request body.", 1024, 64 << 20},
      {"http.max_connections", integer, &Config::http_max_connections, "2000", "Open client connections at once.", 1,
       100'000},
      {"http.request_timeout", duration, &Config::http_request_timeout, "30s", "Longest time one request may take.",
       kSecond, kHour},
      {"web.threads", integer, &Config::web_threads, "2", "Threads that serve connections.", 1, 64},
      {"worker.concurrency", integer, &Config::worker_concurrency, "1000", "Runs this process executes at once.", 1,
       10'000},
      {"worker.lease", duration, &Config::worker_lease, "30s",
       "A run of a node that died is taken over after this time.", 5 * kSecond, kHour},
      {"run.default_timeout", duration, &Config::run_default_timeout, "5m",
       "Timeout of a run whose workflow and schedule name none.", kSecond, 30 * 24 * kHour},
      {"planner.grace", duration, &Config::planner_grace, "10m", "How late a due time may be handled and still fire.",
       kMinute, 24 * kHour},
      {"planner.batch", integer, &Config::planner_batch, "1000", "Due registrations claimed at once.", 1, 10'000},
      {"planner.tenants_per_transaction", integer, &Config::planner_tenants_per_transaction, "0",
       "Tenants whose due registrations share one transaction; 0 is any number, 1 is for a distributed database.", 0, 1000},
      {"retention.deleted_schedules_days", integer, &Config::retention_deleted_schedules, "30",
       "How long a deleted schedule can be brought back; then it is gone, its runs and fires stay.", 1, 3650},
      {"retention.jobs_days", integer, &Config::retention_jobs, "30",
       "How long a bulk job is kept after its end, and can be undone.", 1, 3650},
      {"retention.alerts_days", integer, &Config::retention_alerts, "90",
       "How long alerts are kept, acknowledged or not.", 1, 3650},
      {"retention.verdicts_days", integer, &Config::retention_verdicts, "90",
       "How long is kept what a publish has answered for each schedule; that of the latest version always is.", 1, 3650},
      {"outbound.allow_private", list, &Config::outbound_allow_private, "false",
       "Whether workflows may call private addresses: `true`, `false`, or a list of ranges and hosts (`10.1.0.0/16`, "
       "`erp.local`)."},
      {"outbound.timeout", duration, &Config::outbound_timeout, "30s",
       "Longest time of one outbound call that sets none.", kSecond, kHour},
  });
  return rows;
}

std::string upper_snake(std::string_view key) {
  std::string out;
  for (const char c : key) out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
std::size_t slip_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::span<const Setting> all_settings() {
  return setting_rows();
}

const Setting* find_setting(std::string_view key) {
  for (const Setting& setting : all_settings())
    if (setting.key == key) return &setting;
  return nullptr;
}

std::string environment_name(const Setting& setting) {
  return "CARILLON_" + upper_snake(setting.key);
}

std::string flag_name(const Setting& setting) {
  std::string out = "--";
  for (const char c : setting.key) out += c == '.' || c == '_' ? '-' : c;
  return out;
}

std::string closest(std::string_view text, std::span<const std::string> candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(text.size() / 3, 2) + 1;
  for (const std::string& candidate : candidates) {
    const bool cut_off = text.size() >= 4 && candidate.ends_with(text);
    const std::size_t distance = cut_off ? 1 : slip_distance(text, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view text, std::span<const std::string> candidates) {
  const std::string best = closest(text, candidates);
  return best.empty() ? "" : "Did you mean " + best + "?";
}

}  // namespace carillon
