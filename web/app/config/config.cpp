#include "web/app/config/config.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <fstream>

#include "engine/base/json.h"
#include "web/app/config/settings.h"
#include "web/app/config/toml_file.h"

namespace carillon {
namespace {

constexpr std::string_view kPrefix = "CARILLON_";
/// Shorter secrets could be guessed; RFC 7518 section 3.2 asks for the size of the hash, 256 bits for HS256.
constexpr std::size_t kShortestSecret = 32;

/// Names with our prefix that are not settings: written by the hub for clients, or read before there are settings.
constexpr std::string_view kOtherNames[] = {"CARILLON_CONFIG", "CARILLON_URL", "CARILLON_TOKEN"};

/// Collects settings by rising precedence, and everything wrong with them.
class Merge {
 public:
  Merge() {
    for (const Setting& setting : all_settings()) put(setting, std::string(setting.fallback), "default");
  }

  void file(const std::filesystem::path& path) {
    auto raws = read_toml_file(path);
    if (!raws) return problem(std::move(raws).error());
    for (RawSetting& raw : *raws) {
      const Setting* setting = find_setting(raw.key);
      if (setting == nullptr) {
        unknown(raw.key, raw.source, keys([](const Setting& s) { return std::string(s.key); }));
      } else if (raw.is_table_or_date || (raw.is_list && setting->kind != SettingKind::list)) {
        problem(setting_error(
            "CONFIG_TYPE", raw.key, "",
            raw.key + " (from " + raw.source + ") is a " + (raw.is_list ? "list" : "table or date"),
            "Set one value, like " + std::string(setting->fallback.empty() ? "\"text\"" : setting->fallback) + "."));
      } else if (raw.is_list) {
        put_list(*setting, std::move(raw.items), raw.source);
      } else {
        put(*setting, raw.items.front(), raw.source);
      }
    }
  }

  void environment(const std::vector<std::pair<std::string, std::string>>& variables) {
    for (const auto& [name, value] : variables)
      if (name == "DATABASE_URL") put(*find_setting("database_url"), value, name);
    const auto names = keys([](const Setting& s) { return environment_name(s); });
    for (const auto& [name, value] : variables) {
      if (!name.starts_with(kPrefix) ||
          std::find(std::begin(kOtherNames), std::end(kOtherNames), name) != std::end(kOtherNames))
        continue;
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end())
        unknown(name, "the environment", names);
      else
        put(all_settings()[static_cast<std::size_t>(found - names.begin())], value, name);
    }
  }

  void flags(const std::vector<ConfigFlag>& flags) {
    for (const ConfigFlag& flag : flags) {
      const Setting* setting = find_setting(flag.key);
      if (setting != nullptr)
        put(*setting, flag.text, flag_name(*setting));
      else
        unknown(flag.key, "the command line", keys([](const Setting& s) { return std::string(s.key); }));
    }
  }

  void problem(Error error) { problems_.push_back(std::move(error)); }
  const std::string& source(const std::string& key) { return loaded_.sources[key]; }
  Config& config() { return loaded_.config; }
  std::expected<LoadedConfig, std::vector<Error>> result() && {
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    return std::move(loaded_);
  }

 private:
  template <class Name>
  static std::vector<std::string> keys(Name name) {
    std::vector<std::string> out;
    for (const Setting& setting : all_settings()) out.push_back(name(setting));
    return out;
  }
  void unknown(const std::string& name, const std::string& source, const std::vector<std::string>& known) {
    const std::string hint = did_you_mean(name, known);
    problem(setting_error("CONFIG_UNKNOWN", name, "", name + " (from " + source + ") is no setting",
                          hint.empty() ? "`carillon config` lists all settings." : hint));
  }
  void put(const Setting& setting, const std::string& text, const std::string& source) {
    note(setting, source, assign_setting(setting, text, source, loaded_.config));
  }
  void put_list(const Setting& setting, std::vector<std::string> items, const std::string& source) {
    note(setting, source, assign_list(setting, std::move(items), source, loaded_.config));
  }
  void note(const Setting& setting, const std::string& source, Status status) {
    loaded_.sources[std::string(setting.key)] = source;
    if (!status) problem(std::move(status).error());
  }

  LoadedConfig loaded_;
  std::vector<Error> problems_;
};

bool is_address(const std::string& text) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool is_range_or_host(const std::string& text) {
  const auto slash = text.find('/');
  if (slash != std::string::npos) {
    const std::string address = text.substr(0, slash), bits = text.substr(slash + 1);
    const int most = address.find(':') == std::string::npos ? 32 : 128;
    return is_address(address) && !bits.empty() && bits.size() <= 3 &&
           bits.find_first_not_of("0123456789") == std::string::npos && std::stoi(bits) <= most;
  }
  if (is_address(text)) return true;
  return !text.empty() && text.size() <= 253 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*") ==
             std::string::npos;
}

void add_jwt_key(const std::string& text, const std::string& source, Merge& merge) {
  const auto refuse = [&](const std::string& what) {
    merge.problem(
        setting_error("CONFIG_FORMAT", "jwt.keys", "(hidden)", "A key of jwt.keys (from " + source + ") " + what,
                      "Write id:secret, with a secret of at least 32 bytes, e.g. from `openssl rand -hex 32`."));
  };
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0) return refuse("has no id");
  JwtKey key{text.substr(0, colon), text.substr(colon + 1)};
  if (key.secret.size() < kShortestSecret)
    return refuse("named " + shorten(key.id) + " has a secret that is too short");
  for (const JwtKey& other : merge.config().jwt_keys)
    if (other.id == key.id) return refuse("uses the id " + shorten(key.id) + " a second time");
  merge.config().jwt_keys.push_back(std::move(key));
}

void resolve_jwt_keys(Merge& merge) {
  Config& config = merge.config();
  for (const std::string& text : config.jwt_key_texts) add_jwt_key(text, merge.source("jwt.keys"), merge);
  if (config.jwt_keys_file.empty()) return;
  if (!config.jwt_key_texts.empty())
    return merge.problem(setting_error("CONFIG_CONFLICT", "jwt.keys_file", config.jwt_keys_file,
                                       "jwt.keys (from " + merge.source("jwt.keys") + ") and jwt.keys_file (from " +
                                           merge.source("jwt.keys_file") + ") are both set",
                                       "Remove one of them."));
  std::ifstream in(config.jwt_keys_file);
  if (!in)
    return merge.problem(setting_error("CONFIG_FILE", "jwt.keys_file", config.jwt_keys_file,
                                       "The file " + config.jwt_keys_file + " (jwt.keys_file, from " +
                                           merge.source("jwt.keys_file") + ") cannot be read",
                                       "Name a file that exists and may be read by the hub."));
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!line.empty() && line[0] != '#') add_jwt_key(line, config.jwt_keys_file + ":" + std::to_string(number), merge);
  }
}

void check_database_url(Merge& merge) {
  const std::string& url = merge.config().database_url;
  if (url.empty() || url.starts_with("postgres://") || url.starts_with("postgresql://") ||
      url.find('=') != std::string::npos)
    return;
  merge.problem(setting_error(
      "CONFIG_FORMAT", "database_url", "(hidden)",
      "database_url (from " + merge.source("database_url") + ") is neither a URL nor key/value text of PostgreSQL",
      "Write postgresql://user@host/database, or leave it out for the embedded database."));
}

void check_outbound(Merge& merge) {
  const auto& entries = merge.config().outbound_allow_private;
  for (const std::string& entry : entries) {
    const bool alone = entries.size() == 1 && (entry == "true" || entry == "false");
    if (alone || (is_range_or_host(entry) && entry != "true" && entry != "false")) continue;
    merge.problem(setting_error("CONFIG_FORMAT", "outbound.allow_private", shorten(entry),
                                "outbound.allow_private (from " + merge.source("outbound.allow_private") +
                                    ") has the entry " + shorten(entry) + ", which is neither a range nor a host",
                                "Write true, false, or a list like 10.1.0.0/16, fd00::/8, erp.local."));
  }
}

void check_listen(Merge& merge) {
  const std::string& listen = merge.config().listen;
  if (is_address(listen) || listen == "localhost") return;
  merge.problem(setting_error(
      "CONFIG_FORMAT", "listen", shorten(listen),
      "listen is " + shorten(listen) + " (from " + merge.source("listen") + "), which is no IP address",
      "Set 127.0.0.1, 0.0.0.0, ::1, :: or an address of this machine; the port is a setting of its own."));
}

}  // namespace

bool Config::all_private_allowed() const {
  return outbound_allow_private.size() == 1 && outbound_allow_private[0] == "true";
}

std::expected<LoadedConfig, std::vector<Error>> load_config(const ConfigInput& input) {
  Merge merge;
  if (input.file) merge.file(*input.file);
  merge.environment(input.environment);
  merge.flags(input.flags);
  check_listen(merge);
  check_database_url(merge);
  check_outbound(merge);
  resolve_jwt_keys(merge);
  if (merge.config().home.empty())
    merge.problem(setting_error("CONFIG_FORMAT", "home", "", "home (from " + merge.source("home") + ") is empty",
                                "Name a folder, like var."));
  return std::move(merge).result();
}

std::optional<std::filesystem::path> default_config_file(
    const std::vector<std::pair<std::string, std::string>>& environment) {
  for (const auto& [name, value] : environment)
    if (name == "CARILLON_CONFIG" && !value.empty()) return value;
  std::error_code none;
  if (std::filesystem::exists("carillon.toml", none)) return "carillon.toml";
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

}  // namespace carillon
