#include "plugins/schedules/publish_hook.h"

#include "engine/workflows/payload_schemas.h"

namespace carillon::schedules {
namespace {

/// Why the schedule cannot run with the new version, or ok.
carillon::Status fits(const Schedule& s, const PublishContext& context, const ZoneDatabase& zones) {
  if (context.payload_schema == nullptr)
    return Error{ErrorCode::invalid, "NO_PAYLOAD_SCHEMA",
                 "Version " + std::to_string(context.version.number) + " pins no payload schema.", "", "",
                 "Publish a version with input.schema.", {}};
  CARILLON_CHECK(check_payload(*context.payload_schema, parse_stored_json(s.payload), "/payload"));
  if (auto recurrence = compile(s.timing, s.bounds, zones); !recurrence) return recurrence.error();
  return ok();
}

}  // namespace

Result<Json> RebindHook::rebind(Tx& tx, const PublishContext& context, Schedule& s) {
  CARILLON_CHECK(life_.settle_lapsed(tx, s));
  const Status before = status_of(s.holds);
  Json out{{"id", s.id.to_string()}, {"name", s.name}, {"previous_status", to_string(before)}, {"violations", Json::array()}, {"reason", ""}};
  std::string verdict = "rebound";
  if (before == Status::completed || before == Status::expired) {
    verdict = "left";
  } else if (auto fit = fits(s, context, zones_); fit) {
    s.bound_version = context.version.number;
    if (s.holds.contains(HoldKind::invalid)) {
      verdict = "revived";
      CARILLON_CHECK(life_.lift_hold(tx, s, HoldKind::invalid));
    }
  } else {
    const Error& error = fit.error();
    verdict = s.holds.contains(HoldKind::invalid) ? "still_invalid" : "invalid";
    Hold hold{error.message, "", tx.now(), {}, error.violations};
    if (auto it = s.holds.find(HoldKind::invalid); it != s.holds.end()) hold.since = it->second.since;
    CARILLON_CHECK(life_.put_hold(tx, s, HoldKind::invalid, std::move(hold)));
    out["reason"] = error.message;
    out["violations"] = to_json(error.violations);
  }
  out["verdict"] = verdict;
  out["status"] = to_string(status_of(s.holds));
  out["next_due_at"] = nullptr;
  if (verdict == "left") return out;
  ++s.revision;
  s.updated_at = tx.now();
  if (s.holds.empty()) {
    CARILLON_TRY(auto registration, registrations_.lock(tx, s.tenant, RegistrationId{s.id.value}));
    if (registration && registration->due_at) out["next_due_at"] = format_instant(*registration->due_at);
  }
  return out;
}

carillon::Status RebindHook::on_publish(Tx& tx, const PublishContext& context, Json& answer) {
  const TenantId tenant = context.who.tenant;
  CARILLON_TRY(auto schedules, schedules_.lock_of_workflow(tx, tenant, context.workflow.id));
  std::vector<RegistrationId> registrations;
  for (const auto& s : schedules) registrations.push_back(RegistrationId{s.id.value});
  CARILLON_CHECK(registrations_.lock_all(tx, tenant, registrations));
  Json counts{{"rebound", 0}, {"revived", 0}, {"invalid", 0}, {"still_invalid", 0}, {"left", 0}};
  Json verdicts = Json::array();
  std::vector<Schedule> changed;
  for (auto& s : schedules) {
    CARILLON_TRY(Json verdict, rebind(tx, context, s));
    const std::string name = verdict["verdict"];
    counts[name] = counts[name].get<int>() + 1;
    if (name != "left") {
      tx.emit(tenant, {"schedules", s.id.value, "updated", s.revision,
                       {{"status", verdict["status"]}, {"status_reason", verdict["reason"]}, {"bound_version", s.bound_version},
                        {"next_due_at", verdict["next_due_at"]}, {"revision", s.revision}}});
      changed.push_back(std::move(s));
    }
    verdicts.push_back(std::move(verdict));
  }
  CARILLON_CHECK(schedules_.rebind(tx, changed));
  answer["schedules"] = std::move(verdicts);
  answer["counts"] = std::move(counts);
  return ok();
}

}  // namespace carillon::schedules
