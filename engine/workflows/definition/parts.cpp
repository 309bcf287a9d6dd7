#include <algorithm>

#include "engine/workflows/definition/reader.h"

namespace carillon {
namespace {

constexpr std::int64_t kLongestDuration = 366LL * 86'400 * 1'000'000;

std::string_view json_kind(const Json& v) {
  if (v.is_object()) return "an object";
  if (v.is_array()) return "a list";
  if (v.is_string()) return "a text";
  if (v.is_boolean()) return "a boolean";
  return v.is_null() ? "null" : "a number";
}

std::size_t word_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const bool same =
          std::tolower(static_cast<unsigned char>(a[i - 1])) == std::tolower(static_cast<unsigned char>(b[j - 1]));
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (same ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string join_words(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::string_view w : words) out += (out.empty() ? "" : ", ") + std::string(w);
  return out;
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(word.size() / 2, 1) + 1;
  for (std::string_view c : candidates) {
    const std::size_t d = word_distance(word.substr(0, 60), c);
    if (d < best_distance) best_distance = d, best = c;
  }
  return best;
}

void DefinitionReader::problem(const std::string& pointer, std::string code, std::string message, std::string remedy) {
  const SourcePlace place = places_.find(pointer);
  Problem p{pointer, place.line, place.column, std::move(code), std::move(message), std::move(remedy)};
  if (problems.size() < 200 && std::ranges::find(problems, p) == problems.end()) problems.push_back(std::move(p));
}

void DefinitionReader::wrong_type(const Json& v, const std::string& pointer, std::string_view expected) {
  std::string remedy = "Write " + std::string(expected) + ".";
  if (expected == "a text" && v.is_primitive() && !v.is_null()) remedy = "Put it in quotes: \"" + v.dump() + "\".";
  problem(pointer, "WRONG_TYPE", "this must be " + std::string(expected) + ", not " + std::string(json_kind(v)),
          remedy);
}

bool DefinitionReader::object(const Json& v, const std::string& pointer, Names known, Unsupported unsupported,
                              Names required) {
  if (!v.is_object()) {
    wrong_type(v, pointer, "an object");
    return false;
  }
  for (const auto& [key, item] : v.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const std::string at = pointer_append(pointer, key);
    auto later = std::ranges::find(unsupported, key, &UnsupportedField::name);
    if (later != unsupported.end()) {
      problem(at, "UNSUPPORTED_FIELD", "\"" + key + "\" is not available yet", std::string(later->remedy));
      continue;
    }
    std::string nearest = nearest_word(key, known);
    problem(at, "UNKNOWN_FIELD", "\"" + shorten(key) + "\" is not a field here",
            nearest.empty() ? "Fields here are: " + join_words(known) + "." : "Did you mean \"" + nearest + "\"?");
  }
  for (std::string_view name : required)
    if (!v.contains(name))
      problem(pointer, "MISSING_FIELD", "\"" + std::string(name) + "\" is missing",
              "Add \"" + std::string(name) + "\".");
  return true;
}

const Json* DefinitionReader::member(const Json& v, std::string_view name) const {
  if (!v.is_object()) return nullptr;
  auto found = v.find(name);
  return found == v.end() ? nullptr : &*found;
}

std::string DefinitionReader::text(const Json& v, const std::string& pointer, std::string_view name,
                                   std::size_t max_length) {
  const Json* item = member(v, name);
  if (item == nullptr) return {};
  const std::string at = pointer_append(pointer, name);
  if (!item->is_string()) {
    wrong_type(*item, at, "a text");
    return {};
  }
  const auto& s = item->get_ref<const std::string&>();
  if (s.size() > max_length)
    problem(at, "BAD_VALUE",
            "the text has " + std::to_string(s.size()) + " bytes; at most " + std::to_string(max_length) + " are taken",
            "Shorten it.");
  return s;
}

dsl::ExpressionIndex DefinitionReader::expression(std::string_view jq, const std::string& pointer) {
  expressions.push_back({pointer, std::string(jq), names_});
  return expressions.size() - 1;
}

std::optional<dsl::ExpressionIndex> DefinitionReader::condition(const Json& parent, const std::string& pointer,
                                                                std::string_view name) {
  const Json* v = member(parent, name);
  if (v == nullptr) return std::nullopt;
  const std::string at = pointer_append(pointer, name);
  if (!v->is_string()) {
    wrong_type(*v, at, "a text with an expression");
    return std::nullopt;
  }
  const auto& s = v->get_ref<const std::string&>();
  return expression(marked_expression(s).value_or(s), at);
}

void DefinitionReader::fill(dsl::Template& out, const Json& v, const std::string& pointer,
                            const std::string& relative) {
  if (v.is_object()) {
    for (const auto& [key, item] : v.items())
      fill(out, item, pointer_append(pointer, key), pointer_append(relative, key));
  } else if (v.is_array()) {
    for (std::size_t i = 0; i < v.size(); ++i)
      fill(out, v[i], pointer + "/" + std::to_string(i), relative + "/" + std::to_string(i));
  } else if (v.is_string()) {
    const auto& s = v.get_ref<const std::string&>();
    if (auto jq = marked_expression(s)) {
      out.slots.push_back({Json::json_pointer(relative), expression(*jq, pointer)});
    } else if (s.find("${") != std::string::npos) {
      problem(pointer, "PARTIAL_EXPRESSION", "an expression in the middle of a text is not evaluated: " + shorten(s),
              "Make the whole text one expression, such as ${ \"Hello \\(.name)\" }.");
    }
  }
}

dsl::Template DefinitionReader::value(const Json& v, const std::string& pointer) {
  dsl::Template out{v, {}};
  fill(out, v, pointer, "");
  return out;
}

dsl::Template DefinitionReader::transformation(const Json& v, const std::string& pointer) {
  if (v.is_string()) {
    const auto& s = v.get_ref<const std::string&>();
    return {nullptr, {{Json::json_pointer(), expression(marked_expression(s).value_or(s), pointer)}}};
  }
  if (!v.is_object()) wrong_type(v, pointer, "an expression or an object");
  return value(v, pointer);
}

std::optional<Duration> DefinitionReader::duration_parts(const Json& v, const std::string& pointer) {
  if (!object(v, pointer, {"days", "hours", "minutes", "seconds", "milliseconds"})) return std::nullopt;
  if (v.empty()) {
    problem(pointer, "BAD_DURATION", "the duration has no parts", "Write for example {\"seconds\": 30} or \"PT30S\".");
    return std::nullopt;
  }
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"days", 86'400'000'000},
                                                                  {"hours", 3'600'000'000},
                                                                  {"minutes", 60'000'000},
                                                                  {"seconds", 1'000'000},
                                                                  {"milliseconds", 1'000}};
  std::int64_t total = 0;
  for (const auto& [name, unit] : kUnits) {
    const Json* part = member(v, name);
    if (part == nullptr) continue;
    const bool whole = part->is_number_unsigned() || (part->is_number_integer() && part->get<std::int64_t>() >= 0);
    if (!whole || part->get<std::uint64_t>() > static_cast<std::uint64_t>(kLongestDuration / unit)) {
      problem(pointer_append(pointer, name), "BAD_DURATION",
              part->dump() + " " + std::string(name) + " is not a whole number from 0 to " +
                  std::to_string(kLongestDuration / unit),
              "Write a whole number; 366 days are the most.");
      return std::nullopt;
    }
    total += part->get<std::int64_t>() * unit;
  }
  return Duration{total};
}

dsl::DurationSpec DefinitionReader::duration(const Json& v, const std::string& pointer) {
  std::optional<Duration> fixed;
  if (v.is_string()) {
    const auto& s = v.get_ref<const std::string&>();
    if (auto jq = marked_expression(s)) return {Duration{0}, expression(*jq, pointer)};
    fixed = parse_duration(s);
    if (!fixed) {
      problem(pointer, "BAD_DURATION", "\"" + shorten(s) + "\" is not an ISO 8601 duration of fixed length",
              "Write for example \"PT30S\", \"PT5M\" or \"P1DT2H\"; months and years have no fixed length.");
      return {};
    }
  } else if (v.is_object()) {
    fixed = duration_parts(v, pointer);
    if (!fixed) return {};
  } else {
    wrong_type(v, pointer, "a duration, such as \"PT30S\" or {\"seconds\": 30}");
    return {};
  }
  if (fixed->count() > kLongestDuration)
    problem(pointer, "BAD_DURATION", "the duration is longer than 366 days", "Shorten it.");
  return {*fixed, std::nullopt};
}

const Json* DefinitionReader::reference(std::string_view kind, const std::string& name, const std::string& pointer) {
  const Json* use = member(document_, "use");
  const Json* all = use == nullptr ? nullptr : member(*use, kind);
  if (all != nullptr && all->is_object()) {
    if (auto found = all->find(name); found != all->end()) return &*found;
  }
  std::vector<std::string_view> known;
  if (all != nullptr && all->is_object())
    for (const auto& [key, item] : all->items()) known.push_back(key);
  const std::string nearest = nearest_word(name, known);
  problem(pointer, "UNKNOWN_REFERENCE", "there is no \"" + shorten(name) + "\" in use." + std::string(kind),
          nearest.empty() ? "Define it under use." + std::string(kind) + "." : "Did you mean \"" + nearest + "\"?");
  return nullptr;
}

std::optional<dsl::DurationSpec> DefinitionReader::timeout(const Json& parent, const std::string& pointer) {
  const Json* v = member(parent, "timeout");
  if (v == nullptr) return std::nullopt;
  std::string at = pointer_append(pointer, "timeout");
  if (v->is_string()) {
    const std::string name = v->get<std::string>();
    v = reference("timeouts", name, at);
    if (v == nullptr) return std::nullopt;
    at = pointer_append("/use/timeouts", name);
  }
  if (!object(*v, at, {"after"}, {}, {"after"})) return std::nullopt;
  const Json* after = member(*v, "after");
  if (after == nullptr) return std::nullopt;
  const std::size_t before = problems.size();
  dsl::DurationSpec spec = duration(*after, at + "/after");
  if (problems.size() == before && !spec.expression && spec.fixed.count() == 0)
    problem(at + "/after", "BAD_DURATION", "a timeout of zero ends everything at once", "Give it some time.");
  return spec;
}

}  // namespace carillon
