#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "web/app/config/settings.h"

namespace carillon {
namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

/// A file with the text, gone at the end.
class TempFile {
 public:
  explicit TempFile(const std::string& text) {
    std::string pattern = (fs::temp_directory_path() / "carillon-config-XXXXXX").string();
    const int fd = ::mkstemp(pattern.data());
    EXPECT_GE(fd, 0);
    ::close(fd);
    path_ = pattern;
    std::ofstream(path_) << text;
  }
  ~TempFile() { fs::remove(path_); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

ConfigInput from_file(const TempFile& file) {
  return {.file = file.path(), .environment = {}, .flags = {}};
}
ConfigInput from_environment(std::vector<std::pair<std::string, std::string>> variables) {
  return {.file = {}, .environment = std::move(variables), .flags = {}};
}
ConfigInput from_flags(std::vector<ConfigFlag> flags) {
  return {.file = {}, .environment = {}, .flags = std::move(flags)};
}

/// The one problem there has to be.
Error only_problem(const ConfigInput& input) {
  const auto loaded = load_config(input);
  EXPECT_FALSE(loaded.has_value());
  if (loaded) return {};
  EXPECT_THAT(loaded.error(), SizeIs(1)) << describe_problems(loaded.error());
  return loaded.error().front();
}

}  // namespace

TEST(Config, DefaultsOfTheWholeTableAreValid) {
  const auto loaded = load_config({});
  ASSERT_TRUE(loaded.has_value()) << describe_problems(loaded.error());
  EXPECT_EQ(loaded->config.port, 8080);
  EXPECT_EQ(loaded->config.database_pool, 8);
  EXPECT_EQ(loaded->config.planner_grace, std::chrono::minutes(10));
  EXPECT_EQ(loaded->config.run_default_timeout, std::chrono::minutes(5));
  EXPECT_EQ(loaded->config.retention_deleted_schedules, 30);
  EXPECT_EQ(loaded->config.retention_jobs, 30);
  EXPECT_EQ(loaded->config.retention_alerts, 90);
  EXPECT_EQ(loaded->config.retention_verdicts, 90);
  EXPECT_EQ(loaded->config.http_max_body, 1 << 20);
  EXPECT_FALSE(loaded->config.all_private_allowed());
  EXPECT_THAT(loaded->sources, SizeIs(all_settings().size()));
}

TEST(Config, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const TempFile file("port = 1\ndatabase_pool = 11\n[planner]\nbatch = 21\n");
  ConfigInput input = from_file(file);
  input.environment = {{"CARILLON_PORT", "2"}, {"CARILLON_DATABASE_POOL", "12"}, {"PATH", "/bin"}};
  input.flags = {{"port", "3"}};
  const auto loaded = load_config(input);
  ASSERT_TRUE(loaded.has_value()) << describe_problems(loaded.error());
  EXPECT_EQ(loaded->config.port, 3);
  EXPECT_EQ(loaded->config.database_pool, 12);
  EXPECT_EQ(loaded->config.planner_batch, 21);
  EXPECT_EQ(loaded->sources.at("port"), "--port");
  EXPECT_EQ(loaded->sources.at("database_pool"), "CARILLON_DATABASE_POOL");
  EXPECT_EQ(loaded->sources.at("planner.batch"), file.path().string() + ":4");
  EXPECT_EQ(loaded->sources.at("listen"), "default");
}

TEST(Config, EveryProblemIsReportedAtOnce) {
  const TempFile file("prot = 1\n[planner]\ngrace = \"30s\"\nbatch = 2026-01-01\n");
  ConfigInput input = from_file(file);
  input.environment = {{"CARILLON_PLANER_BATCH", "5"}, {"CARILLON_DATABASE_POOL", "many"}};
  input.flags = {{"log.level", "inof"}};
  const auto loaded = load_config(input);
  ASSERT_FALSE(loaded.has_value());
  const std::string text = describe_problems(loaded.error());
  EXPECT_THAT(loaded.error(), SizeIs(6)) << text;
  EXPECT_THAT(text, HasSubstr("prot (from " + file.path().string() + ":1) is no setting"));
  EXPECT_THAT(text, HasSubstr("Did you mean port?"));
  EXPECT_THAT(text, HasSubstr("planner.grace is 30s (from " + file.path().string() + ":3)"));
  EXPECT_THAT(text, HasSubstr("planner.batch (from " + file.path().string() + ":4) is a table or date"));
  EXPECT_THAT(text, HasSubstr("Did you mean CARILLON_PLANNER_BATCH?"));
  EXPECT_THAT(text, HasSubstr("database_pool is many (from CARILLON_DATABASE_POOL)"));
  EXPECT_THAT(text, HasSubstr("Did you mean info?"));
}

TEST(Config, EveryProblemNamesSettingAndRemedy) {
  for (const Setting& setting : all_settings()) {
    if (setting.kind == SettingKind::text || setting.kind == SettingKind::list) continue;
    const Error error = only_problem(from_flags({{std::string(setting.key), "?"}}));
    EXPECT_EQ(error.field, setting.key);
    EXPECT_EQ(error.value, "?") << setting.key;
    EXPECT_NE(error.remedy, "") << setting.key;
    EXPECT_THAT(error.message, HasSubstr(flag_name(setting)));
  }
}

TEST(Config, LimitsOfTheTableHold) {
  for (const Setting& setting : all_settings()) {
    if (setting.kind != SettingKind::integer) continue;
    const std::string key(setting.key);
    EXPECT_TRUE(load_config(from_flags({{key, std::to_string(setting.least)}})).has_value()) << key;
    EXPECT_TRUE(load_config(from_flags({{key, std::to_string(setting.most)}})).has_value()) << key;
    EXPECT_EQ(only_problem(from_flags({{key, std::to_string(setting.least - 1)}})).reason, "CONFIG_RANGE") << key;
    EXPECT_EQ(only_problem(from_flags({{key, std::to_string(setting.most + 1)}})).reason, "CONFIG_RANGE") << key;
  }
}

TEST(Config, DurationsComeWithUnitsOrAsIso) {
  using namespace std::chrono_literals;
  EXPECT_EQ(parse_setting_duration("5m"), Duration(5min));
  EXPECT_EQ(parse_setting_duration("30s"), Duration(30s));
  EXPECT_EQ(parse_setting_duration("1h30m"), Duration(90min));
  EXPECT_EQ(parse_setting_duration("250ms"), Duration(250ms));
  EXPECT_EQ(parse_setting_duration("2d"), Duration(48h));
  EXPECT_EQ(parse_setting_duration("PT1M30S"), Duration(90s));
  EXPECT_EQ(parse_setting_duration("0"), Duration(0s));
  for (const char* bad : {"", "5", "m", "5x", "-5m", "5 m", "1.5h", "99999999999999d", "P1Y"})
    EXPECT_EQ(parse_setting_duration(bad), std::nullopt) << bad;
}

TEST(Config, SizesComeWithUnits) {
  EXPECT_EQ(parse_setting_bytes("4096"), 4096);
  EXPECT_EQ(parse_setting_bytes("512KiB"), 512 * 1024);
  EXPECT_EQ(parse_setting_bytes("10MB"), 10'000'000);
  for (const char* bad : {"", "MiB", "1TB", "1.5MiB", "99999999999GiB"})
    EXPECT_EQ(parse_setting_bytes(bad), std::nullopt) << bad;
}

TEST(Config, ABrokenFileIsNamedWithLineAndColumn) {
  const TempFile file("port = 1\nlisten = here\n");
  const Error error = only_problem(from_file(file));
  EXPECT_EQ(error.reason, "CONFIG_FORMAT");
  EXPECT_THAT(error.message, HasSubstr(file.path().string() + ":2:"));
  EXPECT_EQ(only_problem({.file = "no/such/file.toml", .environment = {}, .flags = {}}).reason, "CONFIG_FILE");
}

TEST(Config, JwtKeysAreCheckedAndNeverShown) {
  const std::string good = std::string("new:") + std::string(32, 's');
  const std::string old = std::string("old:") + std::string(40, 't');
  const auto loaded = load_config(from_environment({{"CARILLON_JWT_KEYS", good + ", " + old}}));
  ASSERT_TRUE(loaded.has_value()) << describe_problems(loaded.error());
  ASSERT_THAT(loaded->config.jwt_keys, SizeIs(2));
  EXPECT_EQ(loaded->config.jwt_keys[0].id, "new");
  EXPECT_EQ(loaded->config.jwt_keys[1].secret, std::string(40, 't'));
  EXPECT_THAT(describe_config(*loaded), ::testing::Not(HasSubstr("ssss")));

  for (const std::string& bad :
       {std::string("nothing"), std::string("short:abc"), good + "," + good, ":" + std::string(32, 's')}) {
    const Error error = only_problem(from_environment({{"CARILLON_JWT_KEYS", bad}}));
    EXPECT_EQ(error.field, "jwt.keys") << bad;
    EXPECT_THAT(describe_problems({error}), ::testing::Not(HasSubstr("ssss")));
  }
}

TEST(Config, JwtKeysMayComeFromAFileInstead) {
  const TempFile file("# rotated yearly\nmain:" + std::string(32, 'x') + "\n\nbad:short\n");
  const Error error = only_problem(from_flags({{"jwt.keys_file", file.path().string()}}));
  EXPECT_THAT(error.message, HasSubstr(file.path().string() + ":4"));
  const auto both =
      load_config(from_flags({{"jwt.keys_file", file.path().string()}, {"jwt.keys", "a:" + std::string(32, 'x')}}));
  ASSERT_FALSE(both.has_value());
  EXPECT_EQ(both.error()[0].reason, "CONFIG_CONFLICT");
}

TEST(Config, OutboundTakesASwitchOrRanges) {
  const TempFile file("[outbound]\nallow_private = [\"10.1.0.0/16\", \"fd00::/8\", \"erp.local\"]\n");
  const auto ranges = load_config(from_file(file));
  ASSERT_TRUE(ranges.has_value()) << describe_problems(ranges.error());
  EXPECT_THAT(ranges->config.outbound_allow_private, SizeIs(3));
  const TempFile all("[outbound]\nallow_private = true\n");
  EXPECT_TRUE(load_config(from_file(all))->config.all_private_allowed());
  for (const char* bad : {"10.1.0.0/33", "10.1/16", "http://erp", "true,10.0.0.0/8"})
    EXPECT_EQ(only_problem(from_flags({{"outbound.allow_private", bad}})).field, "outbound.allow_private") << bad;
}

TEST(Config, DatabaseUrlIsReadUnderItsUsualName) {
  const auto usual = load_config(from_environment({{"DATABASE_URL", "postgresql://db/one"}}));
  EXPECT_EQ(usual->config.database_url, "postgresql://db/one");
  const auto ours =
      load_config(from_environment({{"CARILLON_DATABASE_URL", "host=b"}, {"DATABASE_URL", "postgresql://db/one"}}));
  EXPECT_EQ(ours->config.database_url, "host=b");
  const Error error = only_problem(from_environment({{"DATABASE_URL", "secret@somewhere"}}));
  EXPECT_EQ(error.field, "database_url");
  EXPECT_THAT(error.message, ::testing::Not(HasSubstr("secret")));
}

TEST(Config, ListenIsAnAddress) {
  for (const char* good : {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost"})
    EXPECT_TRUE(load_config(from_flags({{"listen", good}})).has_value()) << good;
  for (const char* bad : {"", "0.0.0.0:8080", "everywhere", "1.2.3"})
    EXPECT_EQ(only_problem(from_flags({{"listen", bad}})).field, "listen") << bad;
}

TEST(Config, NamesOfClientsAreNotSettings) {
  EXPECT_TRUE(
      load_config(from_environment({{"CARILLON_URL", "http://x"}, {"CARILLON_TOKEN", "t"}, {"CARILLON_CONFIG", "f"}}))
          .has_value());
}

TEST(Config, DocumentationHasEverySetting) {
  const std::string table = config_table_markdown();
  for (const Setting& setting : all_settings()) {
    EXPECT_THAT(table, HasSubstr("`" + std::string(setting.key) + "`"));
    EXPECT_THAT(table, HasSubstr("`" + environment_name(setting) + "`"));
    EXPECT_NE(setting.meaning.back(), ' ');
  }
}

TEST(Config, TheReadmeShowsTheTableAsItIs) {
  std::ifstream in(CARILLON_SOURCE_DIR "/README.md");
  const std::string readme(std::istreambuf_iterator<char>(in), {});
  EXPECT_THAT(readme, HasSubstr(config_table_markdown()))
      << "put the output of `carillon config --table` into README.md";
}

TEST(Config, SuggestionsAreOnlyMadeForSlips) {
  const std::vector<std::string> words = {"port", "planner.batch", "home"};
  EXPECT_EQ(closest("prot", words), "port");
  EXPECT_EQ(closest("planer.batch", words), "planner.batch");
  EXPECT_EQ(closest("batch", words), "planner.batch");
  EXPECT_EQ(closest("kubernetes", words), "");
}

}  // namespace carillon
