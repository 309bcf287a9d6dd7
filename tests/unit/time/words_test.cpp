#include <gtest/gtest.h>

#include <sstream>

#include "engine/base/json.h"
#include "engine/time/cron_cli.h"
#include "engine/time/describe.h"
#include "engine/time/preview.h"
#include "tests/unit/time/support.h"

using namespace carillon;

namespace {

std::string said(const char* expression, Locale locale) { return describe(Cron{expression, "Europe/Berlin"}, locale); }

Preview preview_of(const char* expression, const char* zone, const char* after, std::size_t n) {
  Recurrence r = compile(Cron{expression, zone}, {}, test_zones()).value();
  return preview(r, test_zone(zone), at(after), n, Locale::en);
}

std::string flags_of(const PreviewEntry& entry) {
  std::string out;
  for (PreviewFlag flag : entry.flags) out += std::string(preview_flag_name(flag)) + ";";
  return out;
}

}  // namespace

TEST(Describe, SaysCronInThreeLanguages) {
  struct Sentence {
    const char *expression, *en, *de, *ja;
  };
  for (const Sentence& s : {
           Sentence{"0 9 * * 1-5", "At 09:00 on weekdays", "Um 09:00 montags bis freitags", "平日の09:00"},
           Sentence{"*/15 * * * *", "Every 15 minutes", "Alle 15 Minuten", "15分ごと"},
           Sentence{"* * * * *", "Every minute", "Jede Minute", "毎分"},
           Sentence{"5 * * * *", "At minute 5 past every hour", "In Minute 5 jeder Stunde", "毎時5分"},
           Sentence{"@hourly", "Every hour on the hour", "Jede volle Stunde", "毎時0分"},
           Sentence{"@daily", "At 00:00 every day", "Um 00:00 jeden Tag", "毎日00:00"},
           Sentence{"0 0 1 1 *", "At 00:00 on 1 January", "Um 00:00 am 1. Januar", "毎年1月1日の00:00"},
           Sentence{"30 8,17 * * 1,4", "At 08:30 and 17:30 on Mondays and Thursdays", "Um 08:30 und 17:30 montags und donnerstags",
                    "毎週月曜日と毎週木曜日の08:30と17:30"},
           Sentence{"0 18 LW * *", "At 18:00 on the last weekday of the month", "Um 18:00 am letzten Werktag (Mo–Fr) des Monats",
                    "毎月最終平日の18:00"},
           Sentence{"0 6 1,15 * *", "At 06:00 on the 1st and the 15th of the month", "Um 06:00 am 1. und am 15. des Monats",
                    "毎月1日と15日の06:00"},
           Sentence{"0 12 13 * 5", "At 12:00 on the 13th of the month or on Fridays", "Um 12:00 am 13. des Monats oder freitags",
                    "毎月13日または毎週金曜日の12:00"},
           Sentence{"0 7 * * 2#2", "At 07:00 on the second Tuesday of the month", "Um 07:00 am zweiten Dienstag des Monats",
                    "毎月第2火曜日の07:00"},
           Sentence{"0 7 * * 5L", "At 07:00 on the last Friday of the month", "Um 07:00 am letzten Freitag des Monats",
                    "毎月最終金曜日の07:00"},
           Sentence{"*/10 9-17 * * 1-5", "Every 10 minutes from 09:00 to 17:50 on weekdays",
                    "Alle 10 Minuten von 09:00 bis 17:50 montags bis freitags", "平日の09:00から17:50まで10分ごと"},
           Sentence{"0 */6 * 1,6-8 *", "At 00:00, 06:00, 12:00 and 18:00 every day in January and June to August",
                    "Um 00:00, 06:00, 12:00 und 18:00 jeden Tag im Januar und von Juni bis August",
                    "1月と6月から8月の毎日00:00、06:00、12:00と18:00"},
           Sentence{"0 */2 * * *", "Every 2 hours, from 00:00", "Alle 2 Stunden ab 00:00", "00:00から2時間ごとの0分"},
           Sentence{"0 0 */2 * 1", "At 00:00 on Mondays, but only on every 2nd day of the month from the 1st",
                    "Um 00:00 montags, aber nur an jedem 2. Tag des Monats ab dem 1.", "毎週月曜日のうち毎月1日から2日ごとの00:00"},
           Sentence{"0 0 15 * 0-6", "At 00:00 every day", "Um 00:00 jeden Tag", "毎日00:00"},
           Sentence{"0 0 15W * *", "At 00:00 on the weekday nearest to the 15th of the month",
                    "Um 00:00 am Werktag (Mo–Fr) nächst dem 15. des Monats", "毎月15日に最も近い平日の00:00"},
       }) {
    EXPECT_EQ(said(s.expression, Locale::en), std::string(s.en) + ", Europe/Berlin") << s.expression;
    EXPECT_EQ(said(s.expression, Locale::de), std::string(s.de) + ", Europe/Berlin") << s.expression;
    EXPECT_EQ(said(s.expression, Locale::ja), std::string(s.ja) + "(Europe/Berlin)") << s.expression;
  }
}

TEST(Describe, SaysTheOtherKinds) {
  const Instant t = at("2026-03-29T00:00:00Z");
  EXPECT_EQ(describe(Interval{std::chrono::minutes(90), t}, Locale::en), "Every 90 minutes, counted from 2026-03-29 00:00 UTC");
  EXPECT_EQ(describe(Interval{std::chrono::hours(24), t}, Locale::de), "Jeden Tag, gezählt ab 2026-03-29 00:00 UTC");
  EXPECT_EQ(describe(Interval{std::chrono::seconds(30), t}, Locale::ja), "30秒ごと(起点 2026-03-29 00:00 UTC)");
  EXPECT_EQ(describe(Once{t, "2026-03-29T01:00", "Europe/Berlin"}, Locale::en), "Once at 2026-03-29 01:00, Europe/Berlin");
  EXPECT_EQ(describe(Once{t, "2026-10-25T02:30", "Europe/Berlin", Fold::later}, Locale::en),
            "Once at 2026-10-25 02:30 (the second time it comes that day), Europe/Berlin");
  EXPECT_EQ(describe(Once{t, "2026-10-25T02:30", "Europe/Berlin", Fold::earlier}, Locale::de),
            "Einmal am 2026-10-25 02:30 (wenn es an diesem Tag zum ersten Mal kommt), Europe/Berlin");
  EXPECT_EQ(describe(Once{t, {}, {}}, Locale::de), "Einmal am 2026-03-29 00:00, UTC");
  EXPECT_EQ(describe(Manual{}, Locale::en), "Only by hand");
  EXPECT_EQ(describe(Cron{"61 * * * *", "UTC"}, Locale::en), "61 * * * *, UTC");
  EXPECT_EQ(locale_of("de-AT"), Locale::de);
  EXPECT_EQ(locale_of("den"), Locale::en);
}

TEST(Preview, MarksWhatTheClockChangeMoves) {
  Preview spring = preview_of("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
  ASSERT_EQ(spring.entries.size(), 2u);
  EXPECT_EQ(spring.entries[0].utc, at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(spring.entries[0].local, "2026-03-29T03:00+02:00");
  EXPECT_EQ(flags_of(spring.entries[0]), "gap;");
  EXPECT_EQ(spring.entries[0].note, "02:30 does not exist this day: fires at 03:00.");
  EXPECT_EQ(flags_of(spring.entries[1]), "");
  EXPECT_EQ(spring.next_clock_change->from, "2026-03-29T02:00+01:00");
  EXPECT_EQ(spring.next_clock_change->to, "2026-03-29T03:00+02:00");
  Preview once = preview_of("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
  EXPECT_EQ(flags_of(once.entries[0]), "fold_first;");
  EXPECT_EQ(once.entries[0].note, "02:30 comes twice this day: fires the first time only.");
  EXPECT_EQ(once.entries[1].local, "2026-10-26T02:30+01:00");
  Preview both = preview_of("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 4);
  EXPECT_EQ(flags_of(both.entries[1]) + flags_of(both.entries[2]), "fold_first;fold_second;");
  EXPECT_EQ(both.entries[3].local, "2026-10-25T02:30+01:00");
  EXPECT_FALSE(preview_of("0 0 * * *", "Asia/Tokyo", "2026-01-01T00:00:00Z", 1).next_clock_change);
}

TEST(CronCli, AnswersEveryLineAndNeverStops) {
  std::istringstream in(
      "{\"expr\":\"0 0 * * *\",\"tz\":\"Europe/Berlin\",\"after\":\"2026-01-01T00:00:00Z\",\"count\":2}\n"
      "not json\n"
      "\n"
      "{\"expr\":\"0 25 * * *\",\"tz\":\"UTC\",\"after\":\"2026-01-01T00:00:00Z\"}\n"
      "{\"expr\":\"0 0 30 2 *\",\"tz\":\"UTC\",\"after\":\"2026-01-01T00:00:00Z\",\"count\":5}\n"
      "{\"expr\":\"0 0 * * *\",\"tz\":\"Mars\",\"after\":\"2026-01-01T00:00:00Z\"}\n"
      "{\"expr\":\"0 0 * * *\",\"after\":\"yesterday\"}\n"
      "[1]\n"
      "{\"expr\":\"0 0 * * *\",\"after\":\"2026-01-01T00:00:00Z\"}");
  std::ostringstream out;
  cron_next_lines(in, out, test_zones());
  std::vector<Json> lines;
  std::istringstream answers(out.str());
  for (std::string line; std::getline(answers, line);) lines.push_back(Json::parse(line));
  ASSERT_EQ(lines.size(), 9u);
  EXPECT_EQ(lines[0]["next"], Json({"2026-01-01T23:00:00Z", "2026-01-02T23:00:00Z"}));
  const char* codes[] = {"json", "json", "range", "", "zone", "input", "input"};
  for (std::size_t i = 1; i <= 7; ++i) {
    if (i != 4) EXPECT_EQ(lines[i]["error"]["code"], codes[i - 1]) << lines[i];
  }
  EXPECT_EQ(lines[3]["error"]["position"], 2);
  EXPECT_EQ(lines[5]["error"]["field"], "tz");
  EXPECT_EQ(lines[5]["error"]["value"], "Mars");
  EXPECT_EQ(lines[6]["error"]["field"], "after");
  EXPECT_EQ(lines[6]["error"]["value"], "yesterday");
  EXPECT_EQ(lines[4]["next"], Json::array());
  EXPECT_EQ(lines[8]["next"], Json({"2026-01-02T00:00:00Z"}));
}

TEST(CronCli, NamesTheFlagThatIsWrong) {
  std::ostringstream out;
  const Instant now = at("2026-03-27T00:00:00Z");
  auto field_of = [&](const char* expression, const char* zone, const char* from) {
    const Status said = cron_next(expression, zone, from, 1, now, test_zones(), out);
    return said ? "" : said.error().field + "=" + said.error().value;
  };
  EXPECT_EQ(field_of("0 9 * * *", "UTC", "gestern"), "--from=gestern");
  EXPECT_EQ(field_of("0 9 * * *", "Mars", ""), "--zone=Mars");
  EXPECT_EQ(field_of("0 25 * * *", "UTC", ""), "expression=0 25 * * *");
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(field_of("0 9 * * *", "Europe/Berlin", ""), "");
  EXPECT_EQ(field_of("0 9 * * *", "UTC", "0001-01-01T00:00:00Z"), "");
  EXPECT_EQ(out.str(), "{\"next\":[\"2026-03-27T08:00:00Z\"]}\n{\"next\":[\"0001-01-01T09:00:00Z\"]}\n");
}

TEST(CronCli, ExplainsWithTenFiresAndMarks) {
  std::ostringstream out;
  ASSERT_TRUE(cron_explain("30 2 * * *", "Europe/Berlin", Locale::en, at("2026-03-27T00:00:00Z"), test_zones(), out));
  const std::string text = out.str();
  EXPECT_NE(text.find("At 02:30 every day, Europe/Berlin"), std::string::npos);
  EXPECT_NE(text.find("Fires in 2026: 365"), std::string::npos);
  EXPECT_NE(text.find("2026-03-29T03:00+02:00  (2026-03-29T01:00:00Z)  ! 02:30 does not exist"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '('), 10);
  EXPECT_EQ(cron_explain("30 2 * *", "UTC", Locale::de, at("2026-03-27T00:00:00Z"), test_zones(), out).error().field, "/cron");
}
