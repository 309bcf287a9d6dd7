#include "plugins/schedules/model.h"

#include <array>

namespace carillon::schedules {
namespace {

constexpr std::array<std::string_view, 7> kHoldKinds = {"user", "invalid", "failures", "tenant", "system", "completed", "expired"};
constexpr std::array<std::string_view, 6> kStatuses = {"active", "paused", "invalid", "completed", "failed", "expired"};
constexpr std::array<std::string_view, 12> kVerdicts = {
    "started", "skipped_overlap", "superseded", "skipped_window", "skipped_condition", "moved",
    "missed",  "paused",          "invalid",    "quota",          "expired",           "error"};
constexpr std::array<std::string_view, 3> kMissedPolicies = {"skip", "catchup", "fail"};
constexpr std::array<std::string_view, 5> kOverlapPolicies = {"skip", "buffer_one", "buffer_all", "cancel_other", "allow"};
constexpr std::array<std::string_view, 3> kOverlapScopes = {"schedule", "workflow", "key"};

/// Which hold decides the status, strongest first.
constexpr std::array<HoldKind, 7> kStrongestFirst = {HoldKind::completed, HoldKind::expired, HoldKind::invalid, HoldKind::failures,
                                                     HoldKind::user,      HoldKind::tenant,  HoldKind::system};

template <class E, std::size_t N>
std::optional<E> enum_of(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(HoldKind kind) { return kHoldKinds[static_cast<std::size_t>(kind)]; }
std::optional<HoldKind> parse_hold_kind(std::string_view text) { return enum_of<HoldKind>(kHoldKinds, text); }
std::string_view to_string(Status status) { return kStatuses[static_cast<std::size_t>(status)]; }
std::optional<Status> parse_status(std::string_view text) { return enum_of<Status>(kStatuses, text); }
std::string_view to_string(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }
std::optional<Verdict> parse_verdict(std::string_view text) { return enum_of<Verdict>(kVerdicts, text); }
std::string_view to_string(MissedPolicy policy) { return kMissedPolicies[static_cast<std::size_t>(policy)]; }
std::string_view to_string(OverlapPolicy policy) { return kOverlapPolicies[static_cast<std::size_t>(policy)]; }
std::string_view to_string(OverlapScope scope) { return kOverlapScopes[static_cast<std::size_t>(scope)]; }
std::optional<OverlapScope> parse_overlap_scope(std::string_view text) { return enum_of<OverlapScope>(kOverlapScopes, text); }
std::optional<MissedPolicy> parse_missed_policy(std::string_view text) { return enum_of<MissedPolicy>(kMissedPolicies, text); }
std::optional<OverlapPolicy> parse_overlap_policy(std::string_view text) { return enum_of<OverlapPolicy>(kOverlapPolicies, text); }

const std::pair<const HoldKind, Hold>* deciding_hold(const Holds& holds) {
  for (HoldKind kind : kStrongestFirst)
    if (auto it = holds.find(kind); it != holds.end()) return &*it;
  return nullptr;
}

Status status_of(const Holds& holds) {
  const auto* hold = deciding_hold(holds);
  if (hold == nullptr) return Status::active;
  switch (hold->first) {
    case HoldKind::completed: return Status::completed;
    case HoldKind::expired: return Status::expired;
    case HoldKind::invalid: return Status::invalid;
    case HoldKind::failures: return Status::failed;
    case HoldKind::user:
    case HoldKind::tenant:
    case HoldKind::system: return Status::paused;
  }
  return Status::active;
}

std::string scope_of(const Schedule& s) {
  switch (s.room.scope) {
    case OverlapScope::schedule: return "";
    case OverlapScope::workflow: return "w:" + s.workflow.to_string();
    case OverlapScope::key: return "k:" + s.room.key;
  }
  return "";
}

Json policies_to_json(const Schedule& s) {
  Json out = Json::object();
  if (s.catch_up != CatchUp{}) out["catch_up"] = {{"window_us", s.catch_up.window.count()}, {"count", s.catch_up.count}};
  if (s.room != Room{})
    out["room"] = {{"scope", to_string(s.room.scope)}, {"key_expression", s.room.key_expression}, {"key", s.room.key},
                   {"limit", s.room.limit}, {"deadline_us", s.room.deadline.count()}};
  if (s.run_settings != RunSettings{})
    out["run"] = to_json(s.run_settings);
  return out;
}

void policies_from_json(const Json& json, Schedule& s) {
  if (auto it = json.find("catch_up"); it != json.end())
    s.catch_up = {Duration((*it)["window_us"].get<std::int64_t>()), (*it)["count"].get<std::int64_t>()};
  if (auto it = json.find("room"); it != json.end())
    s.room = {parse_overlap_scope((*it)["scope"].get<std::string>()).value_or(OverlapScope::schedule), (*it)["key_expression"],
              (*it)["key"], (*it)["limit"].get<std::int64_t>(), Duration((*it)["deadline_us"].get<std::int64_t>())};
  if (auto it = json.find("run"); it != json.end())
    s.run_settings = run_settings_from_json(*it);
}

Json holds_to_json(const Holds& holds) {
  Json out = Json::object();
  for (const auto& [kind, hold] : holds) {
    Json entry{{"reason", hold.reason}, {"since", format_instant(hold.since)}};
    if (!hold.actor.empty()) entry["actor"] = hold.actor;
    if (!hold.code.empty()) {
      entry["code"] = hold.code;
      if (!hold.params.empty()) entry["params"] = hold.params;
    }
    if (hold.until) entry["until"] = format_instant(*hold.until);
    if (!hold.violations.empty()) entry["violations"] = to_json(hold.violations);
    out[std::string(to_string(kind))] = std::move(entry);
  }
  return out;
}

Holds holds_from_json(const Json& json) {
  Holds out;
  for (const auto& [name, entry] : json.items()) {
    auto kind = parse_hold_kind(name);
    if (!kind) throw std::runtime_error("stored hold of unknown kind " + name);
    Hold hold;
    hold.reason = entry.value("reason", "");
    hold.actor = entry.value("actor", "");
    hold.code = entry.value("code", "");
    if (!hold.code.empty()) hold.params = entry.value("params", Json::object());
    hold.since = parse_instant(entry.value("since", "")).value_or(Instant{});
    if (entry.contains("until")) hold.until = parse_instant(entry["until"].get<std::string>());
    if (entry.contains("violations")) hold.violations = violations_from_json(entry["violations"]);
    out[*kind] = std::move(hold);
  }
  return out;
}

}  // namespace carillon::schedules
