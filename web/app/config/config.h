#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/result.h"

namespace carillon {

/// One signing key of JSON Web Tokens.
struct JwtKey {
  std::string id;
  std::string secret;
};

/// Everything an operator can set, validated. What each member means is said once, in the table of settings.cpp, which
/// also holds the defaults: a Config comes out of load_config().
struct Config {
  std::string role;
  std::string home;
  std::string listen;
  std::int64_t port = 0;
  std::string database_url;  ///< "": the embedded database
  std::int64_t database_pool = 0;
  bool sample = false;
  Duration drain_timeout{};
  std::string log_format;
  std::string log_level;
  std::vector<std::string> jwt_key_texts;
  std::string jwt_keys_file;
  std::vector<JwtKey> jwt_keys;  ///< of both settings above; the first one signs, all of them verify
  std::string secrets_key_file;  ///< "": secrets.keys below `home`
  Duration session_ttl{};
  std::int64_t http_max_body = 0;
  std::int64_t http_max_connections = 0;
  Duration http_request_timeout{};
  std::int64_t web_threads = 0;
  std::int64_t worker_concurrency = 0;
  Duration worker_lease{};
  Duration run_default_timeout{};
  Duration planner_grace{};
  std::int64_t planner_batch = 0;
  std::int64_t planner_tenants_per_transaction = 0;
  std::int64_t retention_deleted_schedules = 0;  ///< this and the next three in days
  std::int64_t retention_jobs = 0;
  std::int64_t retention_alerts = 0;
  std::int64_t retention_verdicts = 0;
  std::vector<std::string> outbound_allow_private;
  Duration outbound_timeout{};

  /// Where the keys of secrets are.
  std::filesystem::path secret_keys() const { return secrets_key_file.empty() ? std::filesystem::path(home) / "secrets.keys" : std::filesystem::path(secrets_key_file); }
  /// Whether private addresses may be called: all ("true"), none ("false" or empty), or the ranges and hosts listed.
  bool all_private_allowed() const;
};

/// `--planner-batch 500` as {"planner.batch", "500"} (see setting_of_flag()).
struct ConfigFlag {
  std::string key;
  std::string text;
};

struct ConfigInput {
  std::optional<std::filesystem::path> file;                     ///< TOML; named explicitly, so it has to exist
  std::vector<std::pair<std::string, std::string>> environment;  ///< as the process has it
  std::vector<ConfigFlag> flags;
};

struct LoadedConfig {
  Config config;
  std::map<std::string, std::string> sources;  ///< setting → "default", "CARILLON_PORT", "carillon.toml:3", "--port"
};

/// Merges flag > environment > file > default and checks everything. Either a whole Config or every problem there is,
/// each with `field` (the setting), `value`, a message that names the source, and a remedy. Reasons: CONFIG_UNKNOWN,
/// CONFIG_TYPE, CONFIG_RANGE, CONFIG_CHOICE, CONFIG_FILE, CONFIG_FORMAT, CONFIG_CONFLICT.
std::expected<LoadedConfig, std::vector<Error>> load_config(const ConfigInput& input);

/// The file to read when --config names none: CARILLON_CONFIG, else carillon.toml in the working directory, if there.
std::optional<std::filesystem::path> default_config_file(
    const std::vector<std::pair<std::string, std::string>>& environment);

/// The environment of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

/// Markdown table of every setting, for the README.
std::string config_table_markdown();

/// The settings in force and where each comes from, one a line; secrets are hidden.
std::string describe_config(const LoadedConfig& loaded);

/// Problems as text for a terminal, one paragraph each.
std::string describe_problems(const std::vector<Error>& problems);

}  // namespace carillon
