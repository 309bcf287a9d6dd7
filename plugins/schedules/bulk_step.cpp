#include "engine/workflows/workflow_actions.h"
#include "plugins/schedules/actions.h"

namespace carillon::schedules {
namespace {

void skip_item(BulkItem& item, const std::string& code, const std::string& message) {
  item.state = BulkItemState::skipped;
  item.code = code;
  item.message = message;
}

}  // namespace

carillon::Status ScheduleActions::bulk_step(Tx& tx, const TenantContext& who, const BulkJob& job, BulkItem& item) {
  if (!who.may(permission_of(job.action)))
    return Error{ErrorCode::forbidden, "MISSING_PERMISSION", "This needs the permission " + permission_of(job.action) + ".", "",
                 permission_of(job.action), "Ask an admin of the tenant for a role that has it.", {}};
  ActionRequest request;
  request.params["id"] = item.schedule.to_string();
  request.body = job.arguments;
  item.state = BulkItemState::done;
  if (job.action == BulkAction::undelete) {
    CARILLON_TRY([[maybe_unused]] auto back, undelete(tx, who, request));
    return ok();
  }
  if (job.action == BulkAction::run) {
    CARILLON_TRY(auto started, run_now(tx, who, request));
    item.undo = dump_json({{"run_id", started.body["run_id"]}});
    return ok();
  }
  return bulk_change(tx, who, job, item, request);
}

carillon::Status ScheduleActions::bulk_change(Tx& tx, const TenantContext& who, const BulkJob& job, BulkItem& item, const ActionRequest& request) {
  CARILLON_TRY(auto locked, lock(tx, who, request));
  Schedule& s = locked.schedule;
  if (job.action == BulkAction::remove) {
    CARILLON_CHECK(remove_locked(tx, who, s));
    item.undo = "{}";
    return ok();
  }
  if (job.action == BulkAction::pause) {
    if (job.undo_of) return hold_again(tx, who, item, s);
    if (!is_over(s) && s.holds.contains(HoldKind::user)) {
      skip_item(item, "ALREADY_PAUSED", "It was paused already: " + s.holds.at(HoldKind::user).reason);
      return ok();
    }
    CARILLON_CHECK(pause_locked(tx, who, request, s));
    item.undo = dump_json({{"since", format_instant(tx.now())}});
    return ok();
  }
  if (job.undo_of) return unpause(tx, who, item, request, s);
  Holds lifted = s.holds;
  std::erase_if(lifted, [](const auto& entry) { return entry.first != HoldKind::user && entry.first != HoldKind::failures; });
  if (!is_over(s) && lifted.empty()) {
    skip_item(item, "NOT_PAUSED", "It was not paused.");
    return ok();
  }
  CARILLON_CHECK(resume_locked(tx, who, request, s));
  std::erase_if(lifted, [&](const auto& entry) { return s.holds.contains(entry.first); });
  item.undo = dump_json({{"holds", holds_to_json(lifted)}});
  return ok();
}

carillon::Status ScheduleActions::unpause(Tx& tx, const TenantContext& who, BulkItem& item, const ActionRequest& request, Schedule& s) {
  const auto since = parse_instant(parse_stored_json(item.undo).value("since", ""));
  const auto hold = s.holds.find(HoldKind::user);
  if (hold == s.holds.end()) {
    skip_item(item, "NOT_PAUSED", "It was resumed since.");
    return ok();
  }
  if (hold->second.since != since) {
    skip_item(item, "CHANGED_SINCE", "It was resumed and paused anew since.");
    return ok();
  }
  CARILLON_CHECK(resume_locked(tx, who, request, s));
  return ok();
}

carillon::Status ScheduleActions::hold_again(Tx& tx, const TenantContext& who, BulkItem& item, Schedule& s) {
  if (is_over(s)) return over_error(s);
  bool held = false;
  for (auto& [kind, hold] : holds_from_json(parse_stored_json(item.undo).at("holds"))) {
    if (s.holds.contains(kind) || (hold.until && *hold.until <= tx.now())) continue;
    CARILLON_CHECK(life_.put_hold(tx, s, kind, std::move(hold)));
    held = true;
  }
  if (!held) {
    skip_item(item, "ALREADY_PAUSED", "It was paused anew since, or its pause would be over by now.");
    return ok();
  }
  CARILLON_CHECK(saved(tx, who, s, "schedules.pause", {{"reason", deciding_hold(s.holds)->second.reason}}));
  return ok();
}

carillon::Status ScheduleActions::catch_up_with_workflow(Tx& tx, const Workflow& workflow, Instant deleted_at, Schedule& s) {
  std::erase_if(s.holds, [&](const auto& entry) { return entry.second.until && *entry.second.until <= tx.now(); });
  if (is_over(s)) return ok();
  const bool held = !s.holds.empty();
  s.holds.erase(HoldKind::invalid);
  carillon::Status fits = bind_payload(tx, workflow, parse_stored_json(s.payload), s);
  if (fits) {
    if (auto recurrence = compile(s.timing, s.bounds, p_.zones); !recurrence) fits = recurrence.error();
  }
  if (!fits && fits.error().code == ErrorCode::unavailable) return fits;
  if (!fits) s.holds[HoldKind::invalid] = unfit_hold_of(fits.error(), tx.now());
  const auto* once = std::get_if<Once>(&s.timing);
  if (once && once->at <= tx.now()) {
    // The record of what passed before was written with the deletion.
    const bool before = once->at <= deleted_at;
    const Phrase why = !before ? Phrase::passed_while_deleted : held ? Phrase::passed_while_held : Phrase::deleted_before_handled;
    s.holds.clear();
    s.holds[HoldKind::expired] = hold_of(say(why), "", tx.now());
  }
  return ok();
}

ScheduleActions::Answer ScheduleActions::undelete(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  // Before its workflow's head, against the lock order: nobody comes to a deleted schedule from there.
  auto deleted = p_.schedules.lock_deleted(tx, who.tenant, id);
  if (!deleted) {
    if (deleted.error().code == ErrorCode::not_found && p_.schedules.view(tx, who.tenant, id))
      return Error{ErrorCode::conflict, "NOT_DELETED", "The schedule is not deleted.", "id", id.to_string(), "There is nothing to bring back.", {}};
    return std::move(deleted).error();
  }
  Schedule s = std::move(*deleted);
  // Parts of it may be removed already.
  if (s.updated_at + p_.kept.deleted_schedules <= tx.now())
    return Error{ErrorCode::not_found, "NOT_FOUND", "The schedule was deleted " + describe_duration(p_.kept.deleted_schedules) + " ago or longer.",
                 "id", id.to_string(), "Create it anew; its runs and fires are still there.", {}};
  CARILLON_TRY(auto workflow, p_.workflows.lock_shared(tx, who.tenant, s.workflow));
  s.deleted = false;
  const Instant deleted_at = s.updated_at;
  CARILLON_CHECK(life_.settle_deleted(tx, s, deleted_at));
  CARILLON_CHECK(catch_up_with_workflow(tx, workflow, deleted_at, s));
  CARILLON_CHECK(p_.schedules.add_scope(tx, s.tenant, scope_of(s)));
  CARILLON_TRY([[maybe_unused]] auto due, life_.arm(tx, s, s.settled_until));
  auto back = saved(tx, who, s, "schedules.undelete", {{"name", s.name}});
  if (!back && back.error().reason == "NAME_TAKEN") {
    back.error().field = "id";
    back.error().remedy = "Rename the other schedule first.";
  }
  return back;
}

}  // namespace carillon::schedules
