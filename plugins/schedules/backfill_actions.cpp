#include "plugins/schedules/backfill_actions.h"

#include "engine/time/preview.h"
#include "plugins/schedules/view.h"

namespace carillon::schedules {
namespace {

constexpr std::size_t kBackfillSample = 10;

Json first_of(const std::vector<Instant>& times) { return times.empty() ? Json(nullptr) : Json(format_instant(times.front())); }
Json last_of(const std::vector<Instant>& times) { return times.empty() ? Json(nullptr) : Json(format_instant(times.back())); }

Error backfill_invalid_schedule(const Schedule& s) {
  return Error{ErrorCode::conflict, "SCHEDULE_INVALID", "The schedule is invalid: " + s.holds.at(HoldKind::invalid).reason, "", "invalid",
               "Correct its payload first.", s.holds.at(HoldKind::invalid).violations};
}

RegistrationId registration_of_backfill(BackfillId id) { return RegistrationId{id.value}; }

Error bad_cursor(const std::string& cursor) {
  return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor", shorten(cursor),
               "Start again without a cursor.", {}};
}

Result<Instant> backfill_instant(const Json& body, const char* field) {
  const std::string text = body.at(field);
  auto at = parse_instant(text);
  if (at) return *at;
  return Error{ErrorCode::invalid, "TIME_MALFORMED", "\"" + shorten(text) + "\" is no instant.", std::string("/") + field, shorten(text),
               "Write it like 2031-03-28T00:00:00Z.", {}};
}

}  // namespace

void BackfillActions::contribute(PluginHost& host) {
  auto bound = [this](Answer (BackfillActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  using B = BackfillActions;
  host.action({"backfills.preview", "schedules.view", "BackfillRange", false, false, bound(&B::preview)});
  host.action({"backfills.create", "schedules.manage", "NewBackfill", true, false, bound(&B::create)});
  host.action({"backfills.list", "schedules.view", "", false, false, bound(&B::list)});
  host.action({"backfills.get", "schedules.view", "", false, false, bound(&B::get)});
  host.action({"backfills.items", "schedules.view", "", false, false, bound(&B::items)});
  host.action({"backfills.pause", "schedules.manage", "", false, false, bound(&B::pause)});
  host.action({"backfills.resume", "schedules.manage", "", false, false, bound(&B::resume)});
  host.action({"backfills.cancel", "schedules.manage", "", false, false, bound(&B::cancel)});
  const std::string of_schedule = "/api/v1/schedules/{id}", base = "/api/v1/backfills/{id}";
  host.route({"POST", of_schedule + "/backfill/preview", "backfills.preview"});
  host.route({"POST", of_schedule + "/backfills", "backfills.create", 201});
  host.route({"GET", of_schedule + "/backfills", "backfills.list"});
  host.route({"GET", base, "backfills.get"});
  host.route({"GET", base + "/items", "backfills.items"});
  host.route({"POST", base + "/pause", "backfills.pause"});
  host.route({"POST", base + "/resume", "backfills.resume"});
  host.route({"POST", base + "/cancel", "backfills.cancel"});
}

Result<BackfillActions::Range> BackfillActions::read_range(Tx& tx, const Json& body) {
  CARILLON_TRY(auto from, backfill_instant(body, "from"));
  CARILLON_TRY(auto to, backfill_instant(body, "to"));
  if (to <= from)
    return Error{ErrorCode::invalid, "RANGE_REVERSED", "The range ends before it begins.", "/to", format_instant(to), "Choose an end after the start.", {}};
  if (to > tx.now())
    return Error{ErrorCode::invalid, "TO_IN_FUTURE", "A backfill covers what has passed; what is to come fires by itself.", "/to",
                 format_instant(to), "Choose an end that is not in the future.", {}};
  return Range{from, to, body.value("include_fired", false)};
}

Result<BackfillPlan> BackfillActions::plan(Tx& tx, const Schedule& s, Range range, std::optional<Instant> unsettled, const Recurrence& recurrence) {
  if (!std::holds_alternative<Cron>(s.timing) && !std::holds_alternative<Interval>(s.timing))
    return Error{ErrorCode::conflict, "NOT_RECURRING", "A schedule of kind " + std::string(timing_kind(s.timing)) + " has no range of due times.", "",
                 std::string(timing_kind(s.timing)), "Run it now instead.", {}};
  // A due time that the planner has not decided yet is fired by it, not by a backfill.
  if (s.holds.empty() && unsettled) range.to = std::min(range.to, *unsettled);
  if (range.to <= range.from) return BackfillPlan{};
  const std::int64_t count = recurrence.count_between(range.from, range.to, kBackfillRangeCap + 1);
  if (count > kBackfillRangeCap)
    return Error{ErrorCode::invalid, "RANGE_TOO_LONG", "The range holds more than " + std::to_string(kBackfillRangeCap) + " due times.", "/to",
                 format_instant(range.to), "Choose a shorter range; one backfill has at most " + std::to_string(kBackfillCap) + " runs.", {}};
  CARILLON_TRY(auto taken, p_.backfills.taken(tx, s.tenant, s.id, range.from, range.to));
  return plan_backfill(recurrence, range.from, range.to, taken, range.include_fired);
}

BackfillActions::Answer BackfillActions::preview(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto seen, p_.schedules.view(tx, who.tenant, id));
  CARILLON_TRY(auto range, read_range(tx, request.body));
  CARILLON_TRY(auto recurrence, compile(seen.schedule.timing, seen.schedule.bounds, p_.zones));
  CARILLON_TRY(auto planned, plan(tx, seen.schedule, range, seen.next_due_at, recurrence));
  const auto& times = planned.due_times;
  // The sample is told as in every preview; between two of its times others may be left out.
  const Json shown = times.empty() ? Json::array()
                                   : preview_json(recurrence, p_.zones, times.front() - Duration{1}, kBackfillSample, locale_of(who.locale))["occurrences"];
  Json sample = Json::array();
  for (const auto& occurrence : shown) {
    auto at = parse_instant(occurrence["utc"].get<std::string>());
    if (at && std::ranges::binary_search(times, *at)) sample.push_back(occurrence);
  }
  return ActionResponse{{{"count", times.size()},
                         {"already_fired", planned.already_fired},
                         {"busy", planned.busy},
                         {"limit", kBackfillCap},
                         {"first", first_of(times)},
                         {"last", last_of(times)},
                         {"sample", std::move(sample)}},
                        {}};
}

BackfillActions::Answer BackfillActions::create(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto seen, p_.schedules.view(tx, who.tenant, id));
  CARILLON_TRY([[maybe_unused]] auto workflow, p_.workflows.lock_shared(tx, who.tenant, seen.schedule.workflow));
  CARILLON_TRY(auto s, p_.schedules.lock(tx, who.tenant, id));
  CARILLON_CHECK(life_.settle_lapsed(tx, s));
  if (s.holds.contains(HoldKind::invalid)) return backfill_invalid_schedule(s);
  CARILLON_TRY(auto range, read_range(tx, request.body));
  CARILLON_TRY(auto recurrence, compile(s.timing, s.bounds, p_.zones));
  CARILLON_TRY(auto registration, p_.jobs.lock(tx, who.tenant, RegistrationId{s.id.value}));
  CARILLON_TRY(auto planned, plan(tx, s, range, registration ? registration->due_at : std::nullopt, recurrence));
  const auto count = static_cast<std::int64_t>(planned.due_times.size());
  if (request.body.contains("expected_count") && request.body["expected_count"].get<std::int64_t>() != count)
    return Error{ErrorCode::conflict, "COUNT_CHANGED", "The range now holds " + std::to_string(count) + " due times.", "/expected_count",
                 request.body["expected_count"].dump(), "Look at the preview again.", {}};
  if (count == 0)
    return Error{ErrorCode::invalid, "NOTHING_TO_BACKFILL", "No due time of the range is left to run.", "/from", format_instant(range.from),
                 "Choose another range, or include those that have fired.", {}};
  if (count > kBackfillCap)
    return Error{ErrorCode::invalid, "BACKFILL_TOO_LARGE", "The range holds " + std::to_string(count) + " due times to run.", "/to", std::to_string(count),
                 "Choose a shorter range; one backfill has at most " + std::to_string(kBackfillCap) + " runs.", {}};
  Backfill b;
  b.tenant = who.tenant;
  b.id = p_.ids.make<BackfillId>();
  b.schedule = s.id;
  b.from = range.from;
  b.to = range.to;
  b.concurrency = request.body.value("concurrency", std::int64_t{1});
  b.include_fired = range.include_fired;
  b.total = count;
  b.created_at = tx.now();
  b.created_by = who.actor_name;
  CARILLON_CHECK(p_.backfills.insert(tx, b, planned.due_times));
  CARILLON_CHECK(p_.jobs.register_once(tx, b.tenant, registration_of_backfill(b.id), kBackfillKind, tx.now(), tx.now(), "", Lane::background));
  const BackfillView view{b, {count, 0, 0, 0, 0}};
  tx.emit(b.tenant, backfill_event(view, "created"));
  tx.audit(b.tenant, {who.actor, who.actor_name, "backfills.create", "schedule", s.id.value, who.request_id,
                      {{"backfill_id", b.id.to_string()}, {"from", format_instant(b.from)}, {"to", format_instant(b.to)}, {"count", count}}});
  return ActionResponse{backfill_json(view), {}};
}

BackfillActions::Answer BackfillActions::list(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY([[maybe_unused]] auto seen, p_.schedules.view(tx, who.tenant, id));
  std::optional<BackfillId> before;
  if (auto cursor = request.param("cursor"); !cursor.empty()) {
    before = BackfillId::parse(cursor);
    if (!before) return bad_cursor(cursor);
  }
  const int limit = static_cast<int>(request.number("limit", 50));
  CARILLON_TRY(auto found, p_.backfills.list(tx, who.tenant, id, before, limit + 1));
  const bool more = static_cast<int>(found.size()) > limit;
  if (more) found.pop_back();
  Json items = Json::array();
  for (const auto& view : found) items.push_back(backfill_json(view));
  return ActionResponse{{{"items", std::move(items)}, {"next_cursor", more ? Json(found.back().backfill.id.to_string()) : Json(nullptr)}}, {}};
}

BackfillActions::Answer BackfillActions::get(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<BackfillId>("id"));
  CARILLON_TRY(auto view, p_.backfills.view(tx, who.tenant, id));
  return ActionResponse{backfill_json(view), {}};
}

BackfillActions::Answer BackfillActions::items(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<BackfillId>("id"));
  CARILLON_TRY([[maybe_unused]] auto seen, p_.backfills.view(tx, who.tenant, id));
  std::optional<Instant> after;
  if (auto cursor = request.param("cursor"); !cursor.empty()) {
    after = parse_instant(cursor);
    if (!after) return bad_cursor(cursor);
  }
  const int limit = static_cast<int>(request.number("limit", 50));
  CARILLON_TRY(auto found, p_.backfills.items(tx, who.tenant, id, parse_state<ItemState>(kItemStates, request.param("state")), after, limit + 1));
  const bool more = static_cast<int>(found.size()) > limit;
  if (more) found.pop_back();
  Json items = Json::array();
  for (const auto& item : found)
    items.push_back({{"due_at", format_instant(item.due_at)}, {"state", to_string(item.state)}, {"run_id", item.run ? Json(item.run->to_string()) : Json(nullptr)}});
  return ActionResponse{{{"items", std::move(items)}, {"next_cursor", more ? Json(format_instant(found.back().due_at)) : Json(nullptr)}}, {}};
}

Result<Backfill> BackfillActions::lock_open(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<BackfillId>("id"));
  CARILLON_TRY(auto b, p_.backfills.lock(tx, who.tenant, id));
  if (b.state == BackfillState::running || b.state == BackfillState::paused) return b;
  return Error{ErrorCode::conflict, "BACKFILL_ENDED", "The backfill is " + std::string(to_string(b.state)) + ".", "", std::string(to_string(b.state)),
               "Start a new one.", {}};
}

BackfillActions::Answer BackfillActions::changed(Tx& tx, const TenantContext& who, const Backfill& b, const std::string& action) {
  CARILLON_CHECK(p_.backfills.update(tx, b));
  if (b.state == BackfillState::running)
    CARILLON_CHECK(p_.jobs.register_once(tx, b.tenant, registration_of_backfill(b.id), kBackfillKind, tx.now(), tx.now(), "", Lane::background));
  else CARILLON_CHECK(p_.jobs.suspend(tx, b.tenant, registration_of_backfill(b.id), kBackfillKind));
  CARILLON_TRY(auto view, p_.backfills.view(tx, b.tenant, b.id));
  tx.emit(b.tenant, backfill_event(view));
  tx.audit(b.tenant, {who.actor, who.actor_name, action, "schedule", b.schedule.value, who.request_id, {{"backfill_id", b.id.to_string()}}});
  return ActionResponse{backfill_json(view), {}};
}

BackfillActions::Answer BackfillActions::pause(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto b, lock_open(tx, who, request));
  b.state = BackfillState::paused;
  b.reason = "Paused by " + who.actor_name + ".";
  return changed(tx, who, b, "backfills.pause");
}

BackfillActions::Answer BackfillActions::resume(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto b, lock_open(tx, who, request));
  CARILLON_TRY(auto seen, p_.schedules.view(tx, who.tenant, b.schedule));
  if (seen.schedule.holds.contains(HoldKind::invalid)) return backfill_invalid_schedule(seen.schedule);
  b.state = BackfillState::running;
  b.reason.clear();
  return changed(tx, who, b, "backfills.resume");
}

BackfillActions::Answer BackfillActions::cancel(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto b, lock_open(tx, who, request));
  b.state = BackfillState::cancelled;
  b.reason = "Cancelled by " + who.actor_name + ".";
  b.ended_at = tx.now();
  CARILLON_TRY([[maybe_unused]] auto cancelled, p_.backfills.cancel_waiting(tx, b.tenant, b.id));
  return changed(tx, who, b, "backfills.cancel");
}

}  // namespace carillon::schedules
