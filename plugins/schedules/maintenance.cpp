#include "plugins/schedules/maintenance.h"

#include "plugins/schedules/words.h"

namespace carillon::schedules {
namespace {

TenantId owner_of(const MaintenanceEntry& entry) { return entry.tenant.value_or(TenantId{}); }

void tell(Tx& tx, const MaintenanceEntry& entry, const std::string& kind) {
  // That of the hub concerns every tenant; their screens ask for it.
  if (entry.tenant) tx.emit(*entry.tenant, {"maintenance", entry.id, kind, 0, maintenance_json(entry, tx.now())});
}

}  // namespace

void add_maintenance(Holds& holds, std::span<const MaintenanceEntry> active) {
  if (holds.contains(HoldKind::completed) || holds.contains(HoldKind::expired)) return;
  for (const auto& entry : active) {
    Hold hold = hold_of(say(Phrase::maintenance, {{"reason", entry.stretch.reason}}), entry.stretch.actor, entry.stretch.since);
    hold.until = entry.stretch.end();
    holds.try_emplace(entry.tenant ? HoldKind::tenant : HoldKind::system, std::move(hold));
  }
}

Json maintenance_json(const MaintenanceEntry& entry, Instant now) {
  auto or_null = [](const std::optional<Instant>& at) { return at ? Json(format_instant(*at)) : Json(nullptr); };
  return {{"id", entry.id.to_string()},
          {"scope", entry.tenant ? "tenant" : "system"},
          {"since", format_instant(entry.stretch.since)},
          {"until", or_null(entry.stretch.until)},
          {"ended_at", or_null(entry.stretch.ended_at)},
          {"reason", entry.stretch.reason},
          {"actor", entry.stretch.actor},
          {"active", entry.active(now)}};
}

carillon::Status MaintenanceControl::promise(Tx& tx, const MaintenanceEntry& entry, Instant at) {
  return registrations_.put(tx, {owner_of(entry), RegistrationId{entry.id}, kMaintenanceEndKind, at, at, "", "", Lane::live});
}

Result<MaintenanceEntry> MaintenanceControl::start(Tx& tx, std::optional<TenantId> tenant, const std::string& reason,
                                                   std::optional<Instant> until, const std::string& actor) {
  if (until && *until <= tx.now())
    return Error{ErrorCode::invalid, "UNTIL_IN_PAST", "The maintenance would end before it begins.", "/until", format_instant(*until),
                 "Choose a later time, or leave it out.", {}};
  const MaintenanceEntry entry{ids_.next(), tenant, {tx.now(), until, {}, reason, actor}};
  CARILLON_CHECK(maintenance_.insert(tx, entry));
  if (until) CARILLON_CHECK(promise(tx, entry, *until));
  tell(tx, entry, "created");
  return entry;
}

Result<MaintenanceEntry> MaintenanceControl::end(Tx& tx, std::optional<TenantId> tenant, const Uuid& id) {
  // In the order of the handler that ends it: the registration, then the maintenance.
  CARILLON_TRY([[maybe_unused]] auto promised, registrations_.lock(tx, tenant.value_or(TenantId{}), RegistrationId{id}));
  CARILLON_TRY(auto entry, maintenance_.lock(tx, tenant, id));
  if (!entry.active(tx.now())) return entry;
  entry.stretch.ended_at = tx.now();
  CARILLON_CHECK(maintenance_.set_ended(tx, entry));
  CARILLON_CHECK(promise(tx, entry, tx.now()));
  tell(tx, entry, "updated");
  return entry;
}

Result<std::vector<JobMove>> MaintenanceEndHandler::handle(Tx& tx, std::span<const DueJob> jobs) {
  std::vector<JobMove> moves;
  for (const auto& job : jobs) {
    JobMove move{job.tenant, job.id, std::nullopt, std::nullopt, "", std::nullopt};
    const std::optional<TenantId> tenant = job.tenant.is_nil() ? std::nullopt : std::optional(job.tenant);
    CARILLON_TRY(auto entry, maintenance_.lock(tx, tenant, job.id.value));
    if (entry.active(tx.now())) {
      move.next_due_at = move.next_planned_at = entry.stretch.until;
    } else if (!entry.stretch.ended_at) {
      entry.stretch.ended_at = entry.stretch.until;
      CARILLON_CHECK(maintenance_.set_ended(tx, entry));
      move.next_due_at = move.next_planned_at = tx.now();
      tell(tx, entry, "updated");
    } else {
      CARILLON_TRY(auto others, maintenance_.active(tx, tenant, tx.now()));
      if (others.empty()) {
        CARILLON_TRY([[maybe_unused]] auto woken, registrations_.unpark(tx, tenant, tx.now()));
      }
    }
    moves.push_back(move);
  }
  return moves;
}

void MaintenanceActions::contribute(PluginHost& host) {
  auto bound = [this](Answer (MaintenanceActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  using M = MaintenanceActions;
  host.permission("maintenance.manage", "admin");
  host.action({"maintenance.list", "schedules.view", "", false, false, bound(&M::list)});
  host.action({"maintenance.start", "maintenance.manage", "NewMaintenance", true, false, bound(&M::start)});
  host.action({"maintenance.end", "maintenance.manage", "", false, false, bound(&M::end)});
  host.route({"GET", "/api/v1/maintenance", "maintenance.list"});
  host.route({"POST", "/api/v1/maintenance", "maintenance.start", 201});
  host.route({"POST", "/api/v1/maintenance/{id}/end", "maintenance.end"});
}

MaintenanceActions::Answer MaintenanceActions::list(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  Json items = Json::array();
  CARILLON_TRY(auto active, maintenance_.active(tx, who.tenant, tx.now()));
  for (const auto& entry : active) items.push_back(maintenance_json(entry, tx.now()));
  if (request.param("active") != "true") {
    CARILLON_TRY(auto past, maintenance_.list(tx, who.tenant, 50));
    for (const auto& entry : past)
      if (!entry.active(tx.now())) items.push_back(maintenance_json(entry, tx.now()));
  }
  return ActionResponse{{{"items", std::move(items)}}, {}};
}

MaintenanceActions::Answer MaintenanceActions::start(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  std::optional<Instant> until;
  if (auto it = request.body.find("until"); it != request.body.end() && it->is_string()) {
    until = parse_instant(it->get<std::string>());
    if (!until)
      return Error{ErrorCode::invalid, "TIME_MALFORMED", "\"" + shorten(it->get<std::string>()) + "\" is no instant.", "/until",
                   shorten(it->get<std::string>()), "Write it like 2031-03-28T00:00:00Z.", {}};
  }
  CARILLON_TRY(auto entry, control_.start(tx, who.tenant, request.body.at("reason"), until, who.actor_name));
  tx.audit(who.tenant, {who.actor, who.actor_name, "maintenance.start", "maintenance", entry.id, who.request_id, {{"reason", entry.stretch.reason}}});
  return ActionResponse{maintenance_json(entry, tx.now()), {}};
}

MaintenanceActions::Answer MaintenanceActions::end(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<RegistrationId>("id"));
  CARILLON_TRY(auto active, maintenance_.active(tx, who.tenant, tx.now()));
  for (const auto& entry : active)
    if (entry.id == id.value && !entry.tenant)
      return Error{ErrorCode::conflict, "MAINTENANCE_OF_THE_HUB", "The whole hub is under maintenance; only an operator ends that.", "id",
                   id.to_string(), "Ask the operator, who runs carillon maintenance end.", {}};
  CARILLON_TRY(auto entry, control_.end(tx, who.tenant, id.value));
  tx.audit(who.tenant, {who.actor, who.actor_name, "maintenance.end", "maintenance", entry.id, who.request_id, {{"reason", entry.stretch.reason}}});
  return ActionResponse{maintenance_json(entry, tx.now()), {}};
}

}  // namespace carillon::schedules
