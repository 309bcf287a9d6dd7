#include "plugins/schedules/history_actions.h"

#include <algorithm>

#include "plugins/schedules/view.h"

namespace carillon::schedules {
namespace {

constexpr Duration kAliveWithin{30'000'000};

/// A node that fires: all but those that only serve pages and requests.
bool plans(const NodeRecord& n) { return std::ranges::any_of(n.roles, [](const std::string& role) { return role != "web"; }); }

Json instant_json(const std::optional<Instant>& t) { return t ? Json(format_instant(*t)) : Json(nullptr); }

Json version_json(const ScheduleVersion& v) {
  return {{"revision", v.revision}, {"at", format_instant(v.at)}, {"actor", v.actor}, {"action", v.action}, {"payload_changed", v.payload.has_value()}};
}

/// What differs between two JSON values, by pointer: added, removed or changed with both values.
void differences(const Json& before, const Json& after, const std::string& pointer, Json& out) {
  if (before == after) return;
  if (!before.is_object() || !after.is_object()) {
    out.push_back({{"path", pointer}, {"before", before}, {"after", after}});
    return;
  }
  for (const auto& [key, value] : before.items()) {
    const auto other = after.find(key);
    differences(value, other == after.end() ? Json(nullptr) : *other, pointer_append(pointer, key), out);
  }
  for (const auto& [key, value] : after.items())
    if (!before.contains(key)) differences(nullptr, value, pointer_append(pointer, key), out);
}

std::string_view check_result(Check::Result result) {
  return result == Check::Result::passed ? "passed" : result == Check::Result::failed ? "failed" : "unknown";
}

/// What an explanation shows beside it.
struct Shown {
  std::map<RunId, RunState> states;
  Backfilled moment, record;  ///< what backfills ran of the moment, and of the record that covers it
};

Json explanation_json(const Facts& facts, const Explanation& e, const Shown& shown) {
  const ScheduleVersion* version = facts.decided ? &*facts.decided : facts.in_force ? &*facts.in_force : nullptr;
  Json checks = Json::array();
  for (const auto& c : e.checks) {
    Json check{{"code", c.code}, {"result", check_result(c.result)}, {"text", c.words.text}};
    add_code(check, "text", c.words);
    checks.push_back(std::move(check));
  }
  Json out{{"at", format_instant(facts.at)},
          {"now", format_instant(facts.now)},
          {"outcome", e.outcome},
          {"summary", e.summary.text},
          {"due_at", instant_json(e.due_at)},
          {"planned_at", instant_json(e.planned_at)},
          {"previous_due_at", instant_json(e.previous_due_at)},
          {"next_due_at", instant_json(e.next_due_at)},
          {"checks", std::move(checks)},
          {"fire", facts.fire && e.due_at ? fire_json(*facts.fire, shown.states, shown.record) : Json(nullptr)},
          {"backfill", backfilled_json(shown.moment, shown.states)},
          {"replayed_verdict", e.replayed ? Json(to_string(*e.replayed)) : Json(nullptr)},
          {"version", version ? version_json(*version) : Json(nullptr)},
          {"settings", version_document(facts.schedule)},
          {"zone_data", facts.zone_data},
          {"limits",
           {{"grace_seconds", facts.policy.grace.count() / 1'000'000},
            {"one_time_window_seconds", facts.policy.one_time_window.count() / 1'000'000},
            {"catch_up_cap", kCatchUpCap},
            {"buffer_cap", kBufferCap}}}};
  add_code(out, "summary", e.summary);
  return out;
}

}  // namespace

void HistoryActions::contribute(PluginHost& host) {
  auto bound = [this](Answer (HistoryActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  using H = HistoryActions;
  host.action({"schedules.explain", "schedules.view", "", false, false, bound(&H::explain_at)});
  host.action({"schedules.versions", "schedules.view", "", false, false, bound(&H::versions)});
  host.action({"schedules.version", "schedules.view", "", false, false, bound(&H::version)});
  host.action({"schedules.compare", "schedules.view", "", false, false, bound(&H::compare)});
  host.action({"schedules.restore", "schedules.manage", "", false, false, bound(&H::restore)});
  const std::string base = "/api/v1/schedules/{id}";
  host.route({"GET", base + "/explain", "schedules.explain"});
  host.route({"GET", base + "/versions", "schedules.versions"});
  host.route({"GET", base + "/versions/{revision}", "schedules.version"});
  host.route({"GET", base + "/versions/{revision}/compare", "schedules.compare"});
  host.route({"POST", base + "/versions/{revision}/restore", "schedules.restore"});
}

Result<Facts> HistoryActions::facts_at(Tx& tx, const TenantContext& who, const ScheduleView& view, Instant at) {
  Facts facts;
  facts.at = at;
  facts.now = tx.now();
  facts.policy = p_.policy;
  facts.schedule = view.schedule;
  facts.holds_now = view.schedule.holds;
  facts.started = view.started;
  facts.settled_until = view.schedule.settled_until;
  facts.zone_data = facts.zone_data_now = p_.zones.version();
  CARILLON_TRY(auto fires, p_.schedules.fires(tx, who.tenant, view.schedule.id, std::nullopt, at + Duration{1}, 1));
  if (!fires.empty() && at <= fires.front().last_due_at.value_or(fires.front().due_at)) facts.fire = fires.front();
  if (facts.fire && !facts.fire->zone_data.empty()) facts.zone_data = facts.fire->zone_data;
  CARILLON_TRY(auto waiting, p_.schedules.waiting_of(tx, who.tenant, std::span(&view.schedule.id, 1)));
  for (const auto& w : waiting)
    if (w.due_at == at) facts.waiting = w;
  CARILLON_TRY(auto maintenance, p_.schedules.maintenance(tx, std::span(&who.tenant, 1), at, false));
  if (auto it = maintenance.find(who.tenant); it != maintenance.end()) facts.maintenance = it->second;
  const RoomKey room = room_key(view.schedule);
  CARILLON_TRY(facts.running, p_.schedules.running(tx, room));
  CARILLON_TRY(auto nodes, p_.tenants.nodes(tx));
  if (facts.fire) {
    CARILLON_TRY(const auto limits, p_.schedules.limits_at(tx, facts.fire->fired_at));
    facts.policy = limits.value_or(p_.policy);
  }
  CARILLON_CHECK(add_versions(tx, who, view.schedule, facts));
  facts.node_alive = std::ranges::any_of(nodes, [&](const NodeRecord& n) { return plans(n) && n.seen_at + kAliveWithin >= tx.now(); });
  return facts;
}

carillon::Status HistoryActions::add_versions(Tx& tx, const TenantContext& who, const Schedule& now, Facts& facts) {
  CARILLON_TRY(facts.in_force, p_.schedules.version_at(tx, who.tenant, now.id, std::max(facts.at, now.created_at)));
  std::optional<ScheduleVersion> decided;
  if (facts.fire && !settled_by_hold(*facts.fire)) {
    CARILLON_TRY(decided, p_.schedules.version_until(tx, who.tenant, now.id, facts.fire->schedule_revision));
  }
  // An earlier one decided only where the clock stepped back: then the times say nothing.
  if (decided && (!facts.in_force || decided->revision < facts.in_force->revision)) facts.in_force = decided;
  if (facts.in_force) facts.schedule = at_version(now, *facts.in_force);
  if (facts.at >= now.updated_at) facts.schedule.holds.clear();
  // Holds that the hub itself put on have no version.
  for (const auto& [kind, hold] : now.holds)
    if (hold.since <= facts.at) facts.schedule.holds[kind] = hold;
  if (decided && decided->revision > facts.in_force->revision) {
    const Holds holds = std::exchange(facts.schedule.holds, {});
    facts.schedule = at_version(now, *decided);
    facts.schedule.holds = holds;
    facts.decided = std::move(decided);
  }
  return ok();
}

HistoryActions::Answer HistoryActions::explain_at(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto view, p_.schedules.view(tx, who.tenant, id));
  Instant at = view.next_due_at.value_or(tx.now());
  if (auto text = request.param("at"); !text.empty()) {
    auto parsed = parse_instant(text);
    if (!parsed)
      return Error{ErrorCode::malformed, "PARAMETER_INVALID", "at is not an instant with an offset.", "at", shorten(text),
                   "Write it like 2026-12-24T18:00:00Z.", {}};
    at = *parsed;
  }
  CARILLON_TRY(auto facts, facts_at(tx, who, view, at));
  Shown shown;
  const DueStretch stretches[] = {{at, at}, facts.fire ? DueStretch{facts.fire->due_at, facts.fire->last_due_at.value_or(facts.fire->due_at)} : DueStretch{at, at}};
  CARILLON_TRY(const auto backfilled, p_.backfills.ran(tx, who.tenant, id, stretches));
  shown.moment = backfilled[0];
  shown.record = backfilled[1];
  std::vector<RunId> runs;
  if (facts.fire && facts.fire->run) runs.push_back(*facts.fire->run);
  for (const auto& each : backfilled)
    if (each.count > 0) runs.push_back(each.run);
  CARILLON_TRY(shown.states, p_.schedules.run_states(tx, who.tenant, runs));
  if (shown.moment.count > 0) {
    CARILLON_TRY(const auto backfill, p_.backfills.view(tx, who.tenant, shown.moment.backfill));
    facts.backfill = backfill.backfill;
  }
  CARILLON_TRY(auto recurrence, compile(facts.schedule.timing, facts.schedule.bounds, p_.zones));
  return ActionResponse{explanation_json(facts, explain(facts, recurrence), shown), {}};
}

HistoryActions::Answer HistoryActions::versions(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY([[maybe_unused]] auto seen, p_.schedules.view(tx, who.tenant, id));
  std::optional<std::int64_t> before;
  if (request.params.contains("before")) before = request.number("before", 0);
  const int limit = static_cast<int>(request.number("limit", 50));
  // One more than asked: the oldest shown is compared with it.
  CARILLON_TRY(auto list, p_.schedules.versions(tx, who.tenant, id, before, limit + 1));
  Json items = Json::array();
  for (std::size_t n = 0; n < list.size() && n < static_cast<std::size_t>(limit); ++n) {
    Json item = version_json(list[n]);
    item["changed"] = Json::array();
    if (n + 1 < list.size())
      for (const auto& [field, value] : list[n].document.items())
        if (list[n + 1].document.value(field, Json()) != value) item["changed"].push_back(field);
    if (list[n].payload) item["changed"].push_back("payload");
    items.push_back(std::move(item));
  }
  const bool more = list.size() > static_cast<std::size_t>(limit);
  return ActionResponse{{{"items", std::move(items)}, {"next_before", more ? Json(list[static_cast<std::size_t>(limit) - 1].revision) : Json(nullptr)}}, {}};
}

Result<HistoryActions::Kept> HistoryActions::kept(Tx& tx, const TenantContext& who, ScheduleId id, std::int64_t revision, const std::string& field) {
  CARILLON_TRY([[maybe_unused]] auto seen, p_.schedules.view(tx, who.tenant, id));
  CARILLON_TRY(auto list, p_.schedules.versions(tx, who.tenant, id, revision + 1, 1));
  if (list.empty() || list.front().revision != revision)
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no version of the schedule with this revision.", field, std::to_string(revision),
                 "Take one of the list of versions.", {}};
  CARILLON_TRY(auto payload, p_.schedules.payload_until(tx, who.tenant, id, revision));
  return Kept{std::move(list.front()), parse_stored_json(payload)};
}

Result<Redactor> HistoryActions::redactor_of(Tx& tx, const TenantContext& who, ScheduleId id, std::initializer_list<const Kept*> versions) {
  Redactor out;
  if (who.may(kRevealPermission)) return out;
  CARILLON_TRY(const auto now, p_.schedules.view(tx, who.tenant, id));
  const Schedule& s = now.schedule;
  CARILLON_TRY(out, p_.redaction.from(tx, who, s.workflow, s.bound_version));
  for (const Kept* each : versions) {
    const std::int64_t bound = each->version.document.value("bound_version", s.bound_version);
    if (bound == s.bound_version) continue;
    CARILLON_TRY(const auto then, p_.redaction.from(tx, who, s.workflow, bound));
    out.also(then);
  }
  return out;
}

HistoryActions::Answer HistoryActions::version(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto found, kept(tx, who, id, request.number("revision", 0), "revision"));
  Json out = version_json(found.version);
  out["settings"] = found.version.document;
  CARILLON_TRY(const auto redactor, redactor_of(tx, who, id, {&found}));
  out["payload"] = redactor.shown(std::move(found.payload));
  return ActionResponse{std::move(out), {}};
}

HistoryActions::Answer HistoryActions::compare(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto newer, kept(tx, who, id, request.number("revision", 0), "revision"));
  CARILLON_TRY(auto older, kept(tx, who, id, request.number("with", 0), "with"));
  Json changes = Json::array();
  differences(older.version.document, newer.version.document, "", changes);
  differences(older.payload, newer.payload, "/payload", changes);
  CARILLON_TRY(const auto redactor, redactor_of(tx, who, id, {&older, &newer}));
  changes = redactor.shown_changes(changes, older.payload, newer.payload, "path", "/payload");
  return ActionResponse{{{"from", version_json(older.version)}, {"to", version_json(newer.version)}, {"changes", std::move(changes)}}, {}};
}

HistoryActions::Answer HistoryActions::restore(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto found, kept(tx, who, id, request.number("revision", 0), "revision"));
  CARILLON_TRY(auto now, p_.schedules.view(tx, who.tenant, id));
  ActionRequest update;
  update.params = {{"id", id.to_string()}};
  update.if_match = request.if_match;
  // Only what differs, so that times that stay the same are not set anew. Holds are not brought back: pausing and
  // resuming are decisions of their own.
  const Json current = version_document(now.schedule);
  for (const auto& [field, value] : found.version.document.items())
    if (field != "holds" && field != "bound_version" && current.value(field, Json()) != value) update.body[field] = value;
  if (parse_stored_json(now.schedule.payload) != found.payload) update.body["payload"] = found.payload;
  return actions_.update(tx, who, update, "schedules.restore");
}

}  // namespace carillon::schedules
