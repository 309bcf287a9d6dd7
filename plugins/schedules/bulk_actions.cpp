#include "plugins/schedules/bulk_actions.h"

#include <algorithm>

namespace carillon::schedules {
namespace {

/// Which arguments each action takes.
const std::map<BulkAction, std::set<std::string>> kBulkArguments = {
    {BulkAction::pause, {"reason", "until"}},
    {BulkAction::resume, {"reason", "passed_one_time"}},
    {BulkAction::remove, {}},
    {BulkAction::run, {"overrides", "priority"}},
};
const std::set<std::string> kBulkFields = {"action", "ids", "filter", "expected_count"};

carillon::Status may_bulk(const TenantContext& who, BulkAction action) {
  const std::string permission = permission_of(action);
  if (who.may(permission)) return ok();
  return Error{ErrorCode::forbidden, "MISSING_PERMISSION", "This needs the permission " + permission + ".", "", permission,
               "Ask an admin of the tenant for a role that has it.", {}};
}

Result<Json> arguments_of(const Json& body, BulkAction action, Instant now) {
  Json out = Json::object();
  for (const auto& [field, value] : body.items()) {
    if (kBulkFields.contains(field)) continue;
    if (!kBulkArguments.at(action).contains(field))
      return Error{ErrorCode::invalid, "ARGUMENT_UNEXPECTED", "The action " + std::string(to_string(action)) + " takes no " + field + ".",
                   "/" + field, "", "Leave it out.", {}};
    out[field] = value;
  }
  if (out.contains("until")) {
    const std::string text = out["until"];
    if (auto until = parse_instant(text); !until || *until <= now)
      return Error{ErrorCode::invalid, "UNTIL_IN_PAST", "The pause would end before it begins.", "/until", shorten(text),
                   "Choose a later time, or leave it out.", {}};
  }
  return out;
}

Error too_many(std::int64_t count, const std::string& field) {
  return Error{ErrorCode::too_large, "BULK_TOO_LARGE", "These are more than " + std::to_string(kBulkCap) + " schedules.", field,
               std::to_string(count), "Narrow the filter, or send several requests.", {}};
}

Result<Uuid> job_id(const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));  // any id: there is no type of its own for jobs
  return id.value;
}

Json item_json(const BulkItem& item, const BulkJob& job) {
  Json run_id = nullptr;
  if (job.action == BulkAction::run && !item.undo.empty()) run_id = parse_stored_json(item.undo).value("run_id", Json(nullptr));
  return {{"ordinal", item.ordinal}, {"schedule_id", item.schedule.to_string()}, {"name", item.name}, {"state", to_string(item.state)},
          {"code", item.code.empty() ? Json(nullptr) : Json(item.code)}, {"message", item.message}, {"run_id", run_id}};
}

}  // namespace

void BulkActions::contribute(PluginHost& host) {
  auto bound = [this](Answer (BulkActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  using B = BulkActions;
  // The permission of the single action is asked for as well, see may_bulk.
  host.action({"schedules.bulk", "schedules.view", "BulkRequest", true, false, bound(&B::start)});
  host.action({"schedules.bulk_list", "schedules.view", "", false, false, bound(&B::list)});
  host.action({"schedules.bulk_get", "schedules.view", "", false, false, bound(&B::get)});
  host.action({"schedules.bulk_items", "schedules.view", "", false, false, bound(&B::items)});
  host.action({"schedules.bulk_cancel", "schedules.view", "", false, false, bound(&B::cancel)});
  host.action({"schedules.bulk_undo", "schedules.view", "BulkUndoRequest", true, false, bound(&B::undo)});
  const std::string base = "/api/v1/schedules/bulk";
  host.route({"POST", base, "schedules.bulk", 202});
  host.route({"GET", base, "schedules.bulk_list"});
  host.route({"GET", base + "/{id}", "schedules.bulk_get"});
  host.route({"GET", base + "/{id}/items", "schedules.bulk_items"});
  host.route({"POST", base + "/{id}/cancel", "schedules.bulk_cancel"});
  host.route({"POST", base + "/{id}/undo", "schedules.bulk_undo", 202});
}

/// One that is not there may have been: says how long they are.
Result<BulkJob> BulkActions::found(Result<BulkJob> job) const {
  if (job || job.error().code != ErrorCode::not_found) return job;
  Error error = std::move(job).error();
  error.remedy = "Check the id. Bulk jobs are kept for " + describe_duration(p_.kept.jobs) + " after their end.";
  return error;
}

BulkJob BulkActions::new_job(Tx& tx, const TenantContext& who, BulkAction action, Json arguments) const {
  BulkJob job;
  job.id = p_.ids.next();
  job.tenant = who.tenant;
  job.action = action;
  job.arguments = std::move(arguments);
  job.created_at = tx.now();
  job.created_by = who.actor_name;
  job.context = context_to_json(who);
  return job;
}

ActionResponse BulkActions::begun(Tx& tx, const TenantContext& who, const BulkJob& job, const std::string& action) {
  tx.emit(who.tenant, bulk_event(job, "created"));
  Json detail{{"action", to_string(job.action)}, {"total", job.total}};
  if (job.undo_of) detail["undo_of"] = job.undo_of->to_string();
  tx.audit(who.tenant, {who.actor, who.actor_name, action, "bulk_job", job.id, who.request_id, std::move(detail)});
  tx.after_commit(wake_);
  return {bulk_json(job), {}};
}

carillon::Status BulkActions::choose_ids(Tx& tx, const Json& ids, BulkJob& job) {
  if (ids.size() > static_cast<std::size_t>(kBulkCap)) return too_many(static_cast<std::int64_t>(ids.size()), "/ids");
  std::vector<ScheduleId> chosen;
  for (std::size_t n = 0; n < ids.size(); ++n) {
    const std::string text = ids[n];
    auto id = ScheduleId::parse(text);
    if (!id)
      return Error{ErrorCode::invalid, "ID_MALFORMED", "This is not an id.", "/ids/" + std::to_string(n), shorten(text), "Send ids as lists show them.", {}};
    chosen.push_back(*id);
  }
  // Each once, in the order in which everybody takes locks.
  std::ranges::sort(chosen);
  chosen.erase(std::ranges::unique(chosen).begin(), chosen.end());
  job.total = static_cast<std::int64_t>(chosen.size());
  CARILLON_CHECK(p_.bulk.insert(tx, job));
  return p_.bulk.add_ids(tx, job, chosen);
}

carillon::Status BulkActions::choose_matching(Tx& tx, const Json& body, BulkJob& job) {
  const Json& chosen = body["filter"];
  if (!body.contains("expected_count"))
    return Error{ErrorCode::invalid, "EXPECTED_COUNT_MISSING", "A filter needs the number of schedules it is expected to match.",
                 "/expected_count", "", "Send the total that the list showed for this filter.", {}};
  ScheduleFilter filter;
  if (auto text = chosen.value("workflow_id", ""); !text.empty()) {
    filter.workflow = WorkflowId::parse(text);
    if (!filter.workflow)
      return Error{ErrorCode::invalid, "ID_MALFORMED", "This is not an id.", "/filter/workflow_id", shorten(text), "Send the id of a workflow.", {}};
  }
  filter.kind = chosen.value("kind", "");
  filter.status = parse_status(chosen.value("status", ""));
  filter.label = chosen.value("label", "");
  filter.text = chosen.value("text", "");
  const std::int64_t expected = body["expected_count"];
  if (expected > kBulkCap) return too_many(expected, "/expected_count");
  job.total = expected;
  CARILLON_CHECK(p_.bulk.insert(tx, job));
  CARILLON_TRY(auto matching, p_.bulk.add_matching(tx, job, filter, kBulkCap + 1));
  if (matching > kBulkCap) return too_many(matching, "/filter");
  if (matching != expected)
    return Error{ErrorCode::conflict, "COUNT_CHANGED",
                 "The filter matches " + std::to_string(matching) + " schedules now, not " + std::to_string(expected) + ".", "/expected_count",
                 std::to_string(matching), "Look at the list again, and send the number it shows.", {}};
  return ok();
}

BulkActions::Answer BulkActions::start(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  const Json& body = request.body;
  const BulkAction action = parse_bulk_action(body["action"].get<std::string>()).value();
  CARILLON_CHECK(may_bulk(who, action));
  if (body.contains("ids") == body.contains("filter"))
    return Error{ErrorCode::invalid, "IDS_OR_FILTER", "A bulk job is over ids or over a filter.", "/ids", "", "Send exactly one of the two.", {}};
  CARILLON_TRY(auto arguments, arguments_of(body, action, tx.now()));
  BulkJob job = new_job(tx, who, action, std::move(arguments));
  if (body.contains("ids")) CARILLON_CHECK(choose_ids(tx, body["ids"], job));
  else CARILLON_CHECK(choose_matching(tx, body, job));
  return begun(tx, who, job, "schedules.bulk");
}

BulkActions::Answer BulkActions::list(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  std::optional<Uuid> before;
  if (auto cursor = request.param("cursor"); !cursor.empty()) {
    before = Uuid::parse(cursor);
    if (!before)
      return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor", shorten(cursor),
                   "Start again without a cursor.", {}};
  }
  const int limit = static_cast<int>(request.number("limit", 20));
  CARILLON_TRY(auto jobs, p_.bulk.list(tx, who.tenant, before, limit + 1));
  const bool more = static_cast<int>(jobs.size()) > limit;
  if (more) jobs.pop_back();
  Json items = Json::array();
  for (const auto& job : jobs) items.push_back(bulk_json(job, tx.now() - p_.kept.jobs));
  return ActionResponse{{{"items", std::move(items)}, {"next_cursor", more ? Json(jobs.back().id.to_string()) : Json(nullptr)}}, {}};
}

BulkActions::Answer BulkActions::get(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, job_id(request));
  CARILLON_TRY(auto job, found(p_.bulk.job(tx, who.tenant, id)));
  return ActionResponse{bulk_json(job, tx.now() - p_.kept.jobs), {}};
}

BulkActions::Answer BulkActions::items(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, job_id(request));
  CARILLON_TRY(auto job, found(p_.bulk.job(tx, who.tenant, id)));
  const int limit = static_cast<int>(request.number("limit", 100));
  CARILLON_TRY(auto items, p_.bulk.items(tx, who.tenant, id, parse_bulk_item_state(request.param("state")), request.number("cursor", 0), limit + 1));
  const bool more = static_cast<int>(items.size()) > limit;
  if (more) items.pop_back();
  Json out = Json::array();
  for (const auto& item : items) out.push_back(item_json(item, job));
  return ActionResponse{{{"items", std::move(out)}, {"next_cursor", more ? Json(std::to_string(items.back().ordinal)) : Json(nullptr)}}, {}};
}

BulkActions::Answer BulkActions::cancel(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, job_id(request));
  CARILLON_TRY(auto job, found(p_.bulk.lock(tx, who.tenant, id)));
  CARILLON_CHECK(may_bulk(who, job.action));
  if (job.ended_at) return ActionResponse{bulk_json(job), {}};  // nothing waits any more; its state says how it ended
  CARILLON_TRY(auto left, p_.bulk.skip_waiting(tx, who.tenant, id, "CANCELLED", "The bulk job was cancelled by " + who.actor_name + " before."));
  job.skipped += left;
  job.state = BulkState::cancelled;
  job.ended_at = tx.now();
  job.lease_until.reset();
  CARILLON_CHECK(p_.bulk.put(tx, job));
  tx.emit(who.tenant, bulk_event(job, "updated"));
  tx.audit(who.tenant, {who.actor, who.actor_name, "schedules.bulk_cancel", "bulk_job", id, who.request_id, {{"skipped", left}}});
  return ActionResponse{bulk_json(job), {}};
}

BulkActions::Answer BulkActions::undo(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, job_id(request));
  CARILLON_TRY(auto job, found(p_.bulk.lock(tx, who.tenant, id)));
  const std::string value(to_string(job.action));
  if (job.action == BulkAction::run)
    return Error{ErrorCode::conflict, "RUN_CANNOT_BE_UNDONE", "Runs that were started cannot be taken back.", "id", value,
                 "Cancel the runs that have not ended yet; its items name them.", {}};
  if (job.undo_of)
    return Error{ErrorCode::conflict, "UNDO_CANNOT_BE_UNDONE", "This bulk job took another one back.", "id", value, "Start a new one.", {}};
  if (!job.ended_at)
    return Error{ErrorCode::conflict, "BULK_STILL_RUNNING", "The bulk job has not ended.", "id", std::string(to_string(job.state)),
                 "Wait for it, or cancel it first.", {}};
  if (*job.ended_at + p_.kept.jobs <= tx.now())
    return Error{ErrorCode::conflict, "UNDO_EXPIRED", "The bulk job ended " + describe_duration(p_.kept.jobs) + " ago or longer.", "id",
                 format_instant(*job.ended_at), "Start a new one.", {}};
  const BulkAction action = undo_of(job.action).value();
  CARILLON_CHECK(may_bulk(who, action));
  BulkJob back = new_job(tx, who, action, request.body);
  back.undo_of = job.id;
  back.total = job.done;
  CARILLON_CHECK(p_.bulk.insert(tx, back));
  CARILLON_TRY(back.total, p_.bulk.add_undo(tx, back));
  job.undone_by = back.id;
  tx.emit(who.tenant, bulk_event(job, "updated"));
  return begun(tx, who, back, "schedules.bulk_undo");
}

}  // namespace carillon::schedules
