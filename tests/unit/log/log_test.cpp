#include "web/app/log/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <thread>

#include "engine/base/json.h"
#include "web/app/log/format.h"

namespace carillon {
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

constexpr Instant kNoon{1'795'262'400'012'345};

/// A pipe whose reading end the test holds.
struct LogPipe {
  int ends[2] = {-1, -1};
  LogPipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0); }
  ~LogPipe() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  /// Everything, after the writing end was closed.
  std::string rest() {
    ::close(ends[1]);
    ends[1] = -1;
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(got));
    return text;
  }
};

std::vector<std::string> lines_of_log(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST(LogFormat, JsonLineIsOneObjectWhateverIsInIt) {
  const std::string nasty = std::string("quote\" back\\slash\nnew\tline \x01 \xff bell\x07", 34);
  const std::string line =
      format_json_line(kNoon, LogLevel::warn, "odd \"event\"",
                       {{"text", nasty}, {"count", 3}, {"ratio", 0.5}, {"yes", true}, {"nan", std::nan("")}});
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  const Json parsed = parse_stored_json(line);
  EXPECT_EQ(parsed["level"], "warn");
  EXPECT_EQ(parsed["event"], "odd \"event\"");
  EXPECT_EQ(parsed["count"], 3);
  EXPECT_EQ(parsed["ratio"], 0.5);
  EXPECT_EQ(parsed["yes"], true);
  EXPECT_TRUE(parsed["nan"].is_null());
  EXPECT_THAT(parsed["text"].get<std::string>(), HasSubstr("back\\slash\nnew"));
  EXPECT_EQ(parsed["ts"], format_instant(Instant::from_seconds(kNoon.seconds())).substr(0, 19) + ".012Z");
}

TEST(LogFormat, PrettyLineCannotPaintTheTerminal) {
  const std::string line = format_pretty_line(kNoon, LogLevel::error, "bad", {{"text", "\033[2Jgone\r"}}, false);
  EXPECT_THAT(line, Not(HasSubstr("\033")));
  EXPECT_THAT(line, Not(HasSubstr("\r")));
  EXPECT_THAT(line, HasSubstr("gone"));
  EXPECT_THAT(format_pretty_line(kNoon, LogLevel::error, "bad", {}, true), HasSubstr("\033[31m"));
}

TEST(Log, WritesEverythingBeforeItEndsAndDropsWhatIsTooFine) {
  LogPipe pipe;
  ManualClock clock(kNoon);
  {
    const auto log =
        make_logger({.format = LogFormat::automatic, .level = LogLevel::info, .descriptor = pipe.ends[1]}, clock);
    log->debug("too fine");
    for (int i = 0; i < 100; ++i) log->info("line", {{"n", i}});
  }
  const auto lines = lines_of_log(pipe.rest());
  ASSERT_EQ(lines.size(), 100U);
  EXPECT_EQ(parse_stored_json(lines[99])["n"], 99) << "a pipe is no terminal: JSON";
}

TEST(Log, ManyThreadsNeverMixLines) {
  LogPipe pipe;
  ManualClock clock(kNoon);
  std::string text;
  std::thread reader;
  {
    const auto log =
        make_logger({.format = LogFormat::json, .level = LogLevel::info, .descriptor = pipe.ends[1]}, clock);
    std::vector<std::thread> writers;
    for (int w = 0; w < 4; ++w)
      writers.emplace_back([&log, w] {
        for (int i = 0; i < 200; ++i) log->info("from", {{"writer", w}, {"n", i}});
      });
    reader = std::thread([&] {
      char buffer[4096];
      while (lines_of_log(text).size() < 800) {
        const auto got = ::read(pipe.ends[0], buffer, sizeof buffer);
        if (got <= 0) return;
        text.append(buffer, static_cast<std::size_t>(got));
      }
    });
    for (auto& writer : writers) writer.join();
  }
  reader.join();
  const auto lines = lines_of_log(text);
  ASSERT_EQ(lines.size(), 800U);
  for (const auto& line : lines) EXPECT_TRUE(parse_json(line).has_value()) << line;
}

TEST(Log, AStuckReaderDoesNotStopTheWriter) {
  LogPipe pipe;
  ManualClock clock(kNoon);
  std::string text;
  std::thread reader;
  {
    const auto log =
        make_logger({.format = LogFormat::json, .level = LogLevel::info, .descriptor = pipe.ends[1]}, clock);
    // Far more than the pipe and the queue hold, and nobody reads: this returns all the same.
    const std::string padding(200, 'x');
    for (int i = 0; i < 20'000; ++i) log->info("flood", {{"n", i}, {"padding", padding}});
    reader = std::thread([&] {
      char buffer[65536];
      for (ssize_t got; (got = ::read(pipe.ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    });
  }
  ::close(pipe.ends[1]);
  pipe.ends[1] = -1;
  reader.join();
  const auto lines = lines_of_log(text);
  EXPECT_LT(lines.size(), 20'000U);
  EXPECT_THAT(text, HasSubstr("log lines dropped"));
  EXPECT_THAT(text, HasSubstr("\"n\":19999")) << "the newest lines are the ones to keep";
}

}  // namespace carillon
