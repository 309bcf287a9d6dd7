#include "web/app/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace carillon {
using ::testing::HasSubstr;

namespace {

/// Every command there is, with a handler that remembers what it was called with.
class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    for (const char* name :
         {"serve", "migrate", "token", "tenant create", "config", "cron next", "cron explain", "schema validate", "import inline-triggers", "version"})
      commands_[name] = [this](const Invocation& invocation, std::ostream&, std::ostream&) {
        calls_.push_back(invocation);
        return ExitCode::ok;
      };
  }
  int run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    calls_.clear();
    return run_command_line(arguments, commands_, out_, err_);
  }
  /// The value of a setting's flag; "(none)" without one.
  std::string flag(const std::string& key) const {
    for (const ConfigFlag& flag : calls_.at(0).settings)
      if (flag.key == key) return flag.text;
    return "(none)";
  }
  CommandTable commands_;
  std::vector<Invocation> calls_;
  std::ostringstream out_, err_;
};

}  // namespace

TEST_F(CommandLine, WithoutArgumentsHelps) {
  EXPECT_EQ(run({}), ExitCode::ok);
  for (const char* word : {"serve", "migrate", "token", "cron", "schema", "version", "Exit codes"})
    EXPECT_THAT(out_.str(), HasSubstr(word));
  EXPECT_EQ(run({"--help"}), ExitCode::ok);
  EXPECT_THAT(out_.str(), HasSubstr("serve"));
  EXPECT_TRUE(calls_.empty());
}

TEST_F(CommandLine, CommandsGetTheirArguments) {
  ASSERT_EQ(run({"migrate", "--plan"}), 0);
  EXPECT_EQ(calls_.at(0).command, "migrate");
  EXPECT_TRUE(calls_.at(0).plan);
  ASSERT_EQ(run({"cron", "next", "0 9 * * 1-5", "--zone", "Europe/Berlin", "--count", "3"}), 0) << err_.str();
  EXPECT_EQ(calls_.at(0).command, "cron next");
  EXPECT_EQ(calls_.at(0).expression, "0 9 * * 1-5");
  EXPECT_EQ(calls_.at(0).zone, "Europe/Berlin");
  EXPECT_EQ(calls_.at(0).count, 3);
  ASSERT_EQ(run({"cron", "next"}), 0) << "lines on standard input";
  EXPECT_EQ(calls_.at(0).expression, "");
  ASSERT_EQ(run({"cron", "explain", "@daily", "--tz", "UTC", "--locale", "de"}), 0) << err_.str();
  EXPECT_EQ(calls_.at(0).locale, "de");
  ASSERT_EQ(run({"schema", "validate", "--schema", "a.json", "--instance", "b.json"}), 0) << err_.str();
  EXPECT_EQ(calls_.at(0).instance_file, "b.json");
  ASSERT_EQ(run({"token", "--tenant", "acme", "--actor=ada"}), 0);
  EXPECT_EQ(calls_.at(0).tenant, "acme");
  EXPECT_EQ(calls_.at(0).actor, "ada");
  EXPECT_EQ(calls_.at(0).ttl, "12h");
  ASSERT_EQ(run({"tenant", "create", "shop", "--email", "ada@shop.example", "--zone", "Europe/Berlin"}), 0) << err_.str();
  EXPECT_EQ(calls_.at(0).tenant, "shop");
  EXPECT_EQ(calls_.at(0).actor, "ada@shop.example");
  EXPECT_EQ(run({"tenant", "create", "shop"}), ExitCode::usage) << "who signs in?";
  ASSERT_EQ(run({"import", "inline-triggers"}), 0) << err_.str();
  EXPECT_EQ(calls_.at(0).old_schema, "legacy");
  EXPECT_FALSE(calls_.at(0).dry_run || calls_.at(0).back || calls_.at(0).json);
  ASSERT_EQ(run({"import", "inline-triggers", "--dry-run", "--json", "--back", "--from", "dbname=old", "--schema", "flows", "--email", "a@b.example"}), 0);
  EXPECT_TRUE(calls_.at(0).dry_run && calls_.at(0).back && calls_.at(0).json);
  EXPECT_EQ(calls_.at(0).from, "dbname=old");
  EXPECT_EQ(calls_.at(0).old_schema, "flows");
  EXPECT_EQ(calls_.at(0).actor, "a@b.example");
  ASSERT_EQ(run({"--version"}), 0);
  EXPECT_EQ(calls_.at(0).command, "version");
}

TEST_F(CommandLine, SettingsAreFlags) {
  ASSERT_EQ(run({"serve", "--port", "9090", "--planner-batch=5", "--sample", "--config", "hub.toml"}), 0) << err_.str();
  EXPECT_EQ(flag("port"), "9090");
  EXPECT_EQ(flag("planner.batch"), "5");
  EXPECT_EQ(flag("sample"), "true");
  EXPECT_EQ(flag("listen"), "(none)");
  EXPECT_EQ(calls_.at(0).config_file, "hub.toml");
  ASSERT_EQ(run({"serve", "--no-sample"}), 0) << err_.str();
  EXPECT_EQ(flag("sample"), "false");
  ASSERT_EQ(run({"serve", "--sample=false"}), 0) << err_.str();
  EXPECT_EQ(flag("sample"), "false");
}

TEST_F(CommandLine, SlipsAreAnsweredWithASuggestion) {
  EXPECT_EQ(run({"srve"}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean serve?"));
  EXPECT_EQ(run({"serve", "--prot", "1"}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean --port?"));
  EXPECT_EQ(run({"migrate", "--plna"}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean --plan?"));
  EXPECT_EQ(run({"cron", "nxt"}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean next?"));
  EXPECT_EQ(run({"version", "now"}), ExitCode::usage);
  EXPECT_EQ(run({"cron"}), ExitCode::usage);
  EXPECT_EQ(run({"cron", "explain"}), ExitCode::usage);
  EXPECT_EQ(run({"token", "--tenant", "acme"}), ExitCode::usage) << "whose token?";
  EXPECT_EQ(run({"schema", "validate", "--schema", "a.json"}), ExitCode::usage);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(CommandLine, CommandsWithoutHandlerAreNotOffered) {
  commands_.erase("token");
  EXPECT_EQ(run({"token"}), ExitCode::usage);
  EXPECT_EQ(run({}), ExitCode::ok);
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("token")));
}

TEST_F(CommandLine, ExceptionsOfAHandlerAreAFailure) {
  commands_["version"] = [](const Invocation&, std::ostream&, std::ostream&) -> int {
    throw std::runtime_error("disk is full");
  };
  EXPECT_EQ(run({"version"}), ExitCode::failed);
  EXPECT_THAT(err_.str(), HasSubstr("disk is full"));
}

TEST_F(CommandLine, AWrongConfigurationIsShownWhole) {
  Invocation invocation;
  invocation.settings = {{"port", "x"}, {"role", "x"}};
  EXPECT_EQ(show_config(invocation, out_, err_), ExitCode::configuration);
  EXPECT_THAT(err_.str(), HasSubstr("port is x"));
  EXPECT_THAT(err_.str(), HasSubstr("role is x"));
}

}  // namespace carillon
