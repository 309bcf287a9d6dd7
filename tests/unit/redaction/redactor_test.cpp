// What is shown of hidden values, and what an edit of it means.
#include "engine/redaction/redactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace carillon;

namespace {

std::shared_ptr<const schema::Schema> compiled(const char* text) {
  auto made = schema::Schema::compile(Json::parse(text));
  if (!made) throw std::runtime_error(made.error().message);
  return *made;
}

std::shared_ptr<const KeyPatterns> named(const std::vector<std::string>& patterns) {
  auto made = KeyPatterns::parse(patterns);
  if (!made) throw std::runtime_error(made.error().message);
  return *made;
}

Json placeholder(const std::string& at, const std::string& type = "string") { return {{"$redacted", {{"at", at}, {"type", type}}}}; }

const auto kUsers = compiled(R"({"properties":{"pw":{"writeOnly":true},"note":{},"users":{"items":{"properties":{"pin":{"x-redact":true}}}}}})");
const Redactor kByMarks(kUsers, nullptr);
const Json kStored = Json::parse(R"({"pw":"hunter22","note":"hi","users":[{"n":"a","pin":"1111"},{"n":"b","pin":"2222"}]})");

std::string refusal(const Result<Json>& result) { return result ? "" : result.error().reason + " " + result.error().field; }

Result<Json> restored(const Json& edited, const Json* stored = &kStored) { return restore_hidden(edited, stored, kByMarks, kByMarks, "/payload"); }

}  // namespace

TEST(RedactorShows, APlaceholderThatNamesPlaceAndType) {
  const Json shown = kByMarks.shown(kStored);
  EXPECT_EQ(shown["pw"], placeholder("/pw"));
  EXPECT_EQ(shown["note"], "hi");
  EXPECT_EQ(shown["users"][1], Json({{"n", "b"}, {"pin", placeholder("/users/1/pin")}}));
  EXPECT_EQ(kByMarks.shown({{"pw", 5}})["pw"], placeholder("/pw", "number"));
  EXPECT_EQ(kByMarks.shown({{"pw", nullptr}})["pw"], placeholder("/pw", "null"));
  EXPECT_EQ(kByMarks.shown({{"pw", {{"a", 1}}}})["pw"], placeholder("/pw", "object"));
}

TEST(RedactorShows, EverythingWhereNothingIsMarked) {
  const Redactor idle(compiled(R"({"properties":{"pw":{}}})"), nullptr);
  EXPECT_TRUE(idle.idle());
  EXPECT_EQ(idle.shown(kStored), kStored);
  EXPECT_TRUE(idle.mask_of(kStored).empty());
}

TEST(RedactorShows, ReferencesToSecretsAsTheyAre) {
  const Json payload{{"pw", {{"$secret", "db"}}}};
  EXPECT_EQ(kByMarks.shown(payload), payload);
}

TEST(RedactorByName, HidesWhatMatchesAnywhere) {
  const Redactor redactor(nullptr, named({"*password*", "api?key", "PIN"}));
  EXPECT_THAT(redactor.places(Json::parse(R"({"Password":1,"a":[{"my_password_2":{"password":1}},{"apikey":1,"api_key":2}],"pin":3,"pins":4})")),
              testing::UnorderedElementsAre("/Password", "/a/0/my_password_2", "/a/1/api_key", "/pin"));
  EXPECT_FALSE(KeyPatterns::parse({"*"}));
  EXPECT_FALSE(KeyPatterns::parse({""}));
  EXPECT_EQ(KeyPatterns::parse({"ok", std::string(200, 'x')}).error().field, "/patterns/1");
}

TEST(RedactorByName, MatchesInNoMoreThanQuadraticTime) {
  const auto patterns = named({"*a*a*a*a*a*a*a*a*a*a*a*a*b"});
  EXPECT_FALSE(patterns->matches(std::string(20'000, 'a')));
  EXPECT_TRUE(patterns->matches(std::string(20'000, 'a') + "B"));
}

TEST(RestoreHidden, UnchangedPlaceholdersAreTheStoredValues) {
  const auto same = restored(kByMarks.shown(kStored));
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(*same, kStored);
  Json edited = kByMarks.shown(kStored);
  edited["note"] = "changed";
  edited["pw"] = "a new one";
  EXPECT_EQ((*restored(edited))["pw"], "a new one");
  EXPECT_EQ((*restored(edited))["users"], kStored["users"]);
}

TEST(RestoreHidden, AMovedPlaceholderTakesItsValueAlong) {
  Json edited = kByMarks.shown(kStored);
  edited["users"].erase(0);
  const auto moved = restored(edited);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ((*moved)["users"], Json::parse(R"([{"n":"b","pin":"2222"}])"));
}

TEST(RestoreHidden, RefusesWhatStandsForNothingOrWouldBeShown) {
  EXPECT_EQ(refusal(restored({{"pw", placeholder("/pw")}}, nullptr)), "PLACEHOLDER_UNKNOWN /payload/pw");
  EXPECT_EQ(refusal(restored({{"pw", placeholder("/note")}})), "PLACEHOLDER_UNKNOWN /payload/pw");
  EXPECT_EQ(refusal(restored({{"pw", placeholder("/nowhere")}})), "PLACEHOLDER_UNKNOWN /payload/pw");
  EXPECT_EQ(refusal(restored({{"note", placeholder("/pw")}})), "PLACEHOLDER_SHOWN /payload/note");
  EXPECT_EQ(refusal(restored({{"note", {{"deep", placeholder("/pw")}}}})), "PLACEHOLDER_SHOWN /payload/note/deep");
  EXPECT_EQ(refusal(restored(placeholder("/pw"))), "PLACEHOLDER_SHOWN /payload");
  for (const char* bad : {R"({"$redacted":1})", R"({"$redacted":{"at":"/pw"}})", R"({"$redacted":{"at":"/pw","type":"string"},"more":1})",
                          R"({"$redacted":{"at":1,"type":"string"}})"})
    EXPECT_EQ(refusal(restored({{"pw", Json::parse(bad)}})), "PLACEHOLDER_MALFORMED /payload/pw") << bad;
}

TEST(RestoreHidden, RefusesToShowWhatANewVersionNoLongerHides) {
  const Redactor none;
  EXPECT_EQ(refusal(restore_hidden(kByMarks.shown(kStored), &kStored, kByMarks, none, "/payload")), "PLACEHOLDER_SHOWN /payload/pw");
}

TEST(RedactorChanges, SayThatAHiddenValueChangedAndNotHow) {
  Json after = kStored;
  after["pw"] = "another one";
  after["note"] = "hunter22 was it";
  const Json changes = Json::array({{{"path", "/payload/note"}, {"before", "hi"}, {"after", "hunter22 was it"}},
                                    {{"path", "/payload/pw"}, {"before", "hunter22"}, {"after", "another one"}},
                                    {{"path", "/name"}, {"before", "A"}, {"after", "B"}}});
  const Json shown = kByMarks.shown_changes(changes, kStored, after, "path", "/payload");
  EXPECT_EQ(shown[0]["after"], "[redacted] was it");
  EXPECT_EQ(shown[1], Json({{"path", "/payload/pw"}, {"before", placeholder("/pw")}, {"after", placeholder("/pw")}}));
  EXPECT_EQ(shown[2], changes[2]);
}

TEST(RedactorChanges, DoNotNameWhatLiesInsideAHiddenValue) {
  const Json before{{"pw", {{"user1", "x"}, {"user2", "y"}}}}, after{{"pw", {{"user1", "z"}}}};
  const Json changes = Json::array({{{"pointer", "/pw/user1"}, {"kind", "changed"}, {"before", "x"}, {"after", "z"}},
                                    {{"pointer", "/pw/user2"}, {"kind", "removed"}, {"before", "y"}}});
  const Json shown = kByMarks.shown_changes(changes, before, after, "pointer", "");
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0]["pointer"], "/pw");
  EXPECT_EQ(shown[0]["kind"], "changed");
  EXPECT_EQ(dump_json(shown).find("user"), std::string::npos);
}

TEST(WithoutHidden, KeepsViolationsOfHiddenValuesButNotWhatIsInThem) {
  const auto schema = compiled(R"({"properties":{"pw":{"writeOnly":true,"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer"}}}}})");
  const Json payload = Json::parse(R"({"pw":{"hunter22":1,"n":"sesame99"}})");
  const auto all = without_hidden(*schema->validate(payload), *schema, payload);
  ASSERT_EQ(all.size(), 2u);
  for (const auto& v : all) {
    EXPECT_EQ(v.instance, "/pw");
    EXPECT_EQ(v.params_json, "{}");
    EXPECT_THAT(v.message, testing::Not(testing::AnyOf(testing::HasSubstr("hunter22"), testing::HasSubstr("sesame99"))));
  }
}

namespace {

struct MaskCase {
  const char* what;
  const char* text;
  const char* masked;
};
void PrintTo(const MaskCase& c, std::ostream* out) { *out << c.what; }

const MaskCase kMaskCases[] = {
    {"alone", "hunter22", "[redacted]"},
    {"within", "pw=hunter22;", "pw=[redacted];"},
    {"twice", "hunter22hunter22", "[redacted][redacted]"},
    {"not there", "hunter2 hunt", "hunter2 hunt"},
    {"cut off by dots", "string (\"hunter...) cannot", "string (\"[redacted]...) cannot"},
    {"cut off by an ellipsis", "hunte… is", "[redacted]… is"},
    {"percent-encoded", "q=a%20%22b%22", "q=[redacted]"},
    {"escaped for JSON", R"({"x":"a \"b\""})", R"({"x":"[redacted]"})"},
    {"in base64", "x aHVudGVyMjI= y", "x [redacted] y"},
    {"in base64 behind other text", "Basic dXNlcjpodW50ZXIyMg==", "Basic dXNlcjp[redacted]g=="},
    {"escaped twice", R"({"x":"{\"y\":\"a \\\"b\\\"\"}"})", R"({"x":"{\"y\":\"[redacted]\"}"})"},
    {"escaped for HTML", "<b>a &quot;b&quot;</b>", "<b>[redacted]</b>"},
    {"as a form", "q=a+%22b%22", "q=[redacted]"},
    {"a number", "id 123456.", "id [redacted]."},
    {"a number in a longer one", "id 1234567", "id 1234567"},
    {"too short to look for", "abc 12", "abc 12"},
    {"longest first", "hunter22-long", "[redacted]"},
};
class Mask : public testing::TestWithParam<MaskCase> {};

}  // namespace

TEST_P(Mask, FindsValuesAgain) {
  ValueMask mask;
  mask.add(Json::parse(R"(["hunter22", "abc", 12, 123456, {"deep": "a \"b\""}, true, null, {"$secret": "name-of-it"}, "hunter22-long"])"));
  EXPECT_EQ(mask.text(GetParam().text), GetParam().masked);
}
INSTANTIATE_TEST_SUITE_P(Texts, Mask, testing::ValuesIn(kMaskCases));

TEST(MaskOfManyValues, TakesTimeOfTheTextNotOfTheValues) {
  Json values = Json::array();
  for (int n = 0; n < 5'000; ++n) values.push_back("value-" + std::to_string(n * 7919));
  ValueMask mask;
  mask.add(values);
  std::string text;
  for (int n = 0; n < 5'000; ++n) text += "x value-" + std::to_string(n * 7919) + "; ";
  const std::string masked = mask.text(text);
  EXPECT_EQ(masked.find("value-"), std::string::npos);
  EXPECT_TRUE(masked.starts_with("x [redacted]; x [redacted]; "));
}

TEST(MaskOfJson, ReplacesEqualValuesAndMasksNames) {
  ValueMask mask;
  mask.add(Json::parse(R"(["hunter22", 123456])"));
  const Json out = mask.json(Json::parse(R"({"a":"hunter22","b":[123456,"x hunter22"],"hunter22":1,"c":12345})"));
  EXPECT_EQ(out["a"], Json::parse(R"({"$redacted":{"type":"string"}})"));
  EXPECT_EQ(out["b"][0], Json::parse(R"({"$redacted":{"type":"number"}})"));
  EXPECT_EQ(out["b"][1], "x [redacted]");
  EXPECT_EQ(out["[redacted]"], 1);
  EXPECT_EQ(out["c"], 12345);
}
