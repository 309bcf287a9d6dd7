#include "engine/jobs/timing_json.h"

namespace carillon {
namespace {

struct IntervalUnit {
  const char* name;
  std::int64_t us;
};
constexpr IntervalUnit kIntervalUnits[] = {
    {"days", 86'400'000'000}, {"hours", 3'600'000'000}, {"minutes", 60'000'000}, {"seconds", 1'000'000}};

Instant required_instant(const Json& json, const char* key) {
  auto parsed = parse_instant(json.at(key).get_ref<const std::string&>());
  if (!parsed) throw std::runtime_error(std::string("stored timing has no instant ") + key);
  return *parsed;
}

}  // namespace

Json timing_to_json(const Timing& timing) {
  if (auto* once = std::get_if<Once>(&timing)) {
    Json out{{"kind", "once"}, {"run_at", format_instant(once->at)}};
    if (once->local) out["local"] = *once->local;
    if (once->zone) out["zone"] = *once->zone;
    if (once->fold != Fold::refuse) out["fold"] = once->fold == Fold::earlier ? "earlier" : "later";
    return out;
  }
  if (auto* cron = std::get_if<Cron>(&timing)) return {{"kind", "cron"}, {"cron", cron->expression}, {"zone", cron->zone}};
  if (auto* interval = std::get_if<Interval>(&timing)) {
    for (const auto& unit : kIntervalUnits)
      if (interval->every.count() % unit.us == 0)
        return {{"kind", "interval"}, {"every", interval->every.count() / unit.us}, {"unit", unit.name},
                {"anchor", format_instant(interval->anchor)}};
  }
  return {{"kind", "manual"}};
}

Timing timing_from_stored(const Json& json) {
  const std::string kind = json.at("kind");
  if (kind == "once") {
    Once once{required_instant(json, "run_at"), {}, {}};
    if (json.contains("local")) once.local = json["local"].get<std::string>();
    if (json.contains("zone")) once.zone = json["zone"].get<std::string>();
    if (auto it = json.find("fold"); it != json.end()) once.fold = *it == "earlier" ? Fold::earlier : Fold::later;
    return once;
  }
  if (kind == "cron") return Cron{json.at("cron"), json.at("zone")};
  if (kind == "interval") {
    for (const auto& unit : kIntervalUnits)
      if (json.at("unit") == unit.name)
        return Interval{Duration(json.at("every").get<std::int64_t>() * unit.us), required_instant(json, "anchor")};
  }
  if (kind == "manual") return Manual{};
  throw std::runtime_error("stored timing has an unknown kind");
}

}  // namespace carillon
