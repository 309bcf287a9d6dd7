#include "plugins/schedules/legacy_import.h"

#include "engine/workflows/definition/definition.h"
#include "plugins/schedules/view.h"

namespace carillon::schedules {
namespace {

constexpr const char* kImport = "import";  // the actor of everything here
constexpr int kNamesAtOnce = 500;

/// Rolls a dry run back.
Error dry_run_end() { return Error{ErrorCode::conflict, "DRY_RUN", "", "", "", "", {}}; }

AuditEntry import_audit(const std::string& action, const std::string& type, Uuid id, Json detail) {
  return {ActorId{}, kImport, action, type, id, "", std::move(detail)};
}

Result<std::set<std::string>> workflow_names(WorkflowStore& store, Tx& tx, TenantId tenant) {
  std::set<std::string> out;
  WorkflowFilter filter{"", "", kNamesAtOnce};
  while (true) {
    CARILLON_TRY(auto page, store.list(tx, tenant, filter));
    for (const auto& workflow : page) out.insert(workflow.name);
    if (page.size() < static_cast<std::size_t>(kNamesAtOnce)) return out;
    filter.after = page.back().name;
  }
}

Json hold_texts(const Holds& holds) {
  Json out = Json::object();
  for (const auto& [kind, hold] : holds) out[std::string(to_string(kind))] = hold.reason;
  return out;
}

/// A draft of the old shape without its time trigger; other triggers stood beside the definition and now stand in it.
Json draft_of_legacy(const LegacyWorkflow& old) {
  Json draft = old.draft;
  strip_time_trigger(draft);
  if (draft.is_object() && !draft.contains("trigger") && old.trigger.is_object() && !is_time_trigger(old.trigger)) draft["trigger"] = old.trigger;
  return draft;
}

/// The version as the hub keeps it. A payload schema that cannot be used is left out, and said in `notes`.
WorkflowVersion version_of_legacy(const LegacyWorkflow& old, const LegacyWorkflow::Version& from, WorkflowId id, PayloadSchemas& schemas, Json& notes) {
  WorkflowVersion out{id, from.number, {from.definition_text, "json"}, "", "", "Taken over from the old hub.", from.published_at, kImport};
  if (old.schema_mode != "pinned" || from.payload_schema.is_null()) return out;
  const std::string text = dump_json(from.payload_schema);
  if (auto compiled = schemas.of_text(text); compiled) {
    out.payload_schema = text;
    out.dialect = schema::dialect_name((*compiled)->dialect());
  } else {
    notes.push_back("The payload schema of version " + std::to_string(from.number) + " cannot be used (" + compiled.error().message + "): " + text);
  }
  return out;
}

}  // namespace

struct LegacyImport::Place {
  Tx& tx;
  const Tenant& tenant;
  std::set<std::string> workflow_names;
};

Result<std::optional<Tenant>> LegacyImport::find_tenant(const std::string& old_tenant) {
  if (auto id = TenantId::parse(old_tenant)) {
    auto known = transact(p_.db, *id, [&](Tx& tx) { return p_.tenants.tenant(tx, *id); });
    if (known) return std::optional(std::move(*known));
    if (known.error().code != ErrorCode::not_found) return known.error();
    // All digits of the id, so that no other tenant's slug is the same.
    std::string digits = id->to_string();
    std::erase(digits, '-');
    return std::optional(Tenant{*id, "t-" + digits, "Imported tenant " + old_tenant, "UTC"});
  }
  return transact_system(p_.db, [&](Tx& tx) { return p_.tenants.tenant_by_slug(tx, old_tenant); });
}

Json LegacyImport::import(const LegacyData& data, bool dry_run) {
  Json report{{"dry_run", dry_run}, {"changed", 0}, {"unchanged", 0}, {"failed", 0}, {"tenants", Json::array()}};
  for (const auto& old_tenant : data.tenants()) {
    Json part{{"old_tenant", old_tenant}, {"changed", 0}, {"lines", Json::array()}};
    const auto imported = [&]() -> carillon::Status {
      CARILLON_TRY(auto tenant, find_tenant(old_tenant));
      if (!tenant)
        return Error{ErrorCode::not_found, "TENANT_UNKNOWN", "\"" + shorten(old_tenant) + "\" is neither a UUID nor the slug of a tenant.", "tenant_id",
                     shorten(old_tenant), "Make the tenant under this slug, then run the import again.", {}};
      Json done;
      auto status = p_.db.in_tenant(tenant->id, [&](Tx& tx) -> carillon::Status {
        CARILLON_TRY(done, import_tenant(tx, data, old_tenant, *tenant, dry_run));
        return dry_run ? carillon::Status(dry_run_end()) : ok();
      });
      if (!status && status.error().reason != "DRY_RUN") return status;
      part.update(done);
      return ok();
    }();
    if (!imported) {
      part["error"] = {{"code", imported.error().reason}, {"message", imported.error().message}, {"remedy", imported.error().remedy}};
      part["lines"] = Json::array();
      for (const auto& item : legacy_items(data, old_tenant))
        part["lines"].push_back({{"kind", item.kind}, {"old_id", item.old_id}, {"became", "report"}, {"reason", "Its tenant was not imported."},
                                 {"old", legacy_document(item)}, {"unchanged", true}, {"notes", Json::array()}});
      report["failed"] = report["failed"].get<int>() + 1;
    }
    const int changed = part["changed"];
    report["changed"] = report["changed"].get<int>() + changed;
    report["unchanged"] = report["unchanged"].get<int>() + static_cast<int>(part["lines"].size()) - changed;
    report["tenants"].push_back(std::move(part));
  }
  return report;
}

Result<Json> LegacyImport::import_tenant(Tx& tx, const LegacyData& data, const std::string& old_tenant, const Tenant& tenant, bool dry_run) {
  Json out{{"tenant_id", tenant.id.to_string()}, {"slug", tenant.slug}, {"made", false}, {"lines", Json::array()}};
  CARILLON_TRY(const bool made, p_.legacy.add_tenant(tx, tenant));
  out["made"] = made;
  if (made && !dry_run) {
    CARILLON_TRY(out["admin"], p_.furnish_tenant(tx, tenant));
    tx.audit(tenant.id, import_audit("tenants.import", "tenant", tenant.id.value, {{"slug", tenant.slug}}));
  }
  CARILLON_CHECK(p_.legacy.hold(tx, tenant.id));
  CARILLON_TRY(auto records, p_.legacy.records(tx, tenant.id));
  std::map<std::pair<std::string, std::string>, const LegacyRecord*> done;
  for (const auto& record : records) done[{record.kind, record.old_id}] = &record;
  CARILLON_TRY(auto names, workflow_names(p_.workflows, tx, tenant.id));
  Place place{tx, tenant, std::move(names)};
  int changed = 0;
  for (const auto& item : legacy_items(data, old_tenant)) {
    if (auto it = done.find({item.kind, item.old_id}); it != done.end()) {
      Json line = it->second->line;
      line["unchanged"] = true;
      out["lines"].push_back(std::move(line));
      continue;
    }
    CARILLON_TRY(Json line, import_item(place, item));
    LegacyRecord record{item.kind, item.old_id, {}, line};
    if (line.contains("schedule")) record.schedule = ScheduleId::parse(line["schedule"]["id"].get<std::string>());
    CARILLON_CHECK(p_.legacy.add(tx, tenant.id, record));
    ++changed;
    line["unchanged"] = false;
    out["lines"].push_back(std::move(line));
  }
  out["changed"] = changed;
  return out;
}

Result<Json> LegacyImport::import_item(Place& place, const LegacyItem& item) {
  Json line{{"kind", item.kind}, {"old_id", item.old_id}, {"reason", item.reason}, {"notes", Json::array()}, {"old", legacy_document(item)}};
  line["became"] = item.fate == LegacyItem::Fate::untouched ? "untouched" : "report";
  if (!item.workflow) return line;
  CARILLON_TRY(const Workflow workflow, take_workflow(place, *item.workflow, line));
  if (item.fate != LegacyItem::Fate::schedule) return line;
  return import_schedule(place, item, workflow, std::move(line));
}

Result<Workflow> LegacyImport::take_workflow(Place& place, const LegacyWorkflow& old, Json& line) {
  auto id = WorkflowId::parse(old.id);
  if (!id)
    return Error{ErrorCode::invalid, "ID_MALFORMED", "The old workflow " + shorten(old.id) + " has no UUID.", "workflow_id", shorten(old.id), "Give it one.", {}};
  auto known = p_.workflows.lock(place.tx, place.tenant.id, *id);
  if (!known && known.error().code != ErrorCode::not_found) return known.error();
  const bool made = !known;
  if (made) known = make_workflow(place, old, line);
  else CARILLON_CHECK(clean_draft(place, *known));
  if (!known) return known.error();
  line["workflow"] = {{"id", old.id}, {"name", known->name}, {"made", made}, {"latest_version", known->latest_version ? Json(*known->latest_version) : Json(nullptr)}};
  return known;
}

Result<Workflow> LegacyImport::make_workflow(Place& place, const LegacyWorkflow& old, Json& line) {
  Workflow w;
  w.id = *WorkflowId::parse(old.id);
  w.tenant = place.tenant.id;
  w.name = unique_name(old.name, "Migrated workflow", place.workflow_names);
  place.workflow_names.insert(w.name);
  if (w.name != old.name) line["notes"].push_back("The workflow \"" + shorten(old.name) + "\" is now named \"" + w.name + "\".");
  w.created_at = w.updated_at = place.tx.now();
  const Json trigger = legacy_trigger(old);
  w.trigger = trigger.is_object() && trigger.value("type", Json()) == Json("event") ? "event" : "none";
  const Json draft = draft_of_legacy(old);
  std::vector<WorkflowVersion> versions;
  for (const auto& from : old.versions) versions.push_back(version_of_legacy(old, from, w.id, p_.schemas, line["notes"]));
  if (!versions.empty()) {
    w.latest_version = versions.back().number;
    w.latest_has_schema = !versions.back().payload_schema.empty();
    Json published = old.versions.back().definition;
    if (published.is_object() && published.contains("trigger") && published["trigger"].is_null()) published.erase("trigger");
    w.draft_changed = draft != published;
    if (!parse_definition(published).parsed)
      line["notes"].push_back("Version " + std::to_string(*w.latest_version) + " is kept as it was, in a language that this hub does not run: "
                              "its runs fail until a new definition is published.");
  }
  CARILLON_CHECK(p_.workflows.insert(place.tx, w, {{dump_json(draft), "json"}, 1, place.tx.now(), kImport}));
  for (const auto& version : versions) CARILLON_CHECK(p_.workflows.insert_version(place.tx, w.tenant, version));
  place.tx.emit(w.tenant, {"workflows", w.id.value, "created", w.revision, {{"name", w.name}}});
  place.tx.audit(w.tenant, import_audit("workflows.import", "workflow", w.id.value, {{"name", w.name}, {"versions", versions.size()}}));
  return w;
}

/// The draft of a workflow that the hub has already loses an inline time trigger, too.
carillon::Status LegacyImport::clean_draft(Place& place, Workflow& w) {
  CARILLON_TRY(auto draft, p_.workflows.draft(place.tx, w.tenant, w.id));
  std::vector<Problem> problems;
  auto document = read_document(draft.definition.text, draft.definition.format == "json" ? DefinitionFormat::json : DefinitionFormat::yaml, problems);
  if (!document || !strip_time_trigger(document->value)) return ok();
  draft.definition = {dump_json(document->value), "json"};
  ++draft.revision;
  draft.updated_at = place.tx.now();
  draft.updated_by = kImport;
  CARILLON_CHECK(p_.workflows.put_draft(place.tx, w.tenant, w.id, draft));
  w.draft_changed = true;
  w.updated_at = place.tx.now();
  CARILLON_CHECK(p_.workflows.update(place.tx, w));
  place.tx.emit(w.tenant, {"workflows", w.id.value, "updated", w.revision, {{"draft_changed", true}}});
  place.tx.audit(w.tenant, import_audit("workflows.import", "workflow", w.id.value, {{"draft", "lost its inline time trigger"}}));
  return ok();
}

Result<Json> LegacyImport::import_schedule(Place& place, const LegacyItem& item, const Workflow& workflow, Json line) {
  Tx& tx = place.tx;
  if (!workflow.latest_version) {
    line["reason"] = "Not schedulable until the workflow is published.";
    return line;
  }
  Schedule s;
  const auto old_id = item.row ? ScheduleId::parse(item.row->id) : std::nullopt;
  s.id = old_id ? *old_id : p_.ids.make<ScheduleId>();
  s.tenant = place.tenant.id;
  s.workflow = workflow.id;
  s.bound_version = *workflow.latest_version;
  CARILLON_TRY(auto known, p_.legacy.schedule(tx, s.tenant, s.id));
  if (known && !known->deleted) {
    line["became"] = "present";
    line["reason"] = "The hub has a schedule with this id already.";
    return line;
  }
  CARILLON_TRY(auto schema, p_.schemas.of_version(tx, s.tenant, s.workflow, s.bound_version));
  std::vector<std::string> notes;
  fill_from_legacy(item, {p_.zones, place.tenant.default_zone, tx.now(), schema.get()}, s, notes);
  for (auto& note : notes) line["notes"].push_back(std::move(note));
  CARILLON_TRY(auto others, p_.schedules.lock_of_workflow(tx, s.tenant, s.workflow));
  std::set<std::string> taken;
  for (const auto& other : others) taken.insert(other.name);
  s.name = unique_name(item.workflow->name, "Migrated schedule", taken);
  CARILLON_CHECK(store(place, s, known));
  if (item.row && item.row->last_fire_at) {
    const Instant at = *item.row->last_fire_at;
    const JobNote note{s.tenant, RegistrationId{s.id.value}, {at, at, at, std::string(to_string(Verdict::started)), {}, 0}};
    CARILLON_CHECK(p_.registrations.note(tx, std::span(&note, 1)));
  }
  CARILLON_TRY(auto view, p_.schedules.view(tx, s.tenant, s.id));
  Json shown = schedule_json(view, p_.zones, Locale::en);
  line["became"] = "schedule";
  const auto* hold = deciding_hold(s.holds);
  line["reason"] = hold ? hold->second.reason : "";
  line["schedule"] = {{"id", shown["id"]},         {"name", s.name},           {"status", shown["status"]},
                      {"holds", hold_texts(s.holds)}, {"timing", shown["timing"]}, {"next_due_at", shown["next_due_at"]},
                      {"last_fire_at", item.row && item.row->last_fire_at ? Json(format_instant(*item.row->last_fire_at)) : Json(nullptr)},
                      {"bound_version", s.bound_version}, {"revision", s.revision}};
  shown.erase("payload");
  tx.emit(s.tenant, {"schedules", s.id.value, "created", s.revision, std::move(shown)});
  tx.audit(s.tenant, import_audit("schedules.import", "schedule", s.id.value, {{"name", s.name}, {"timing", timing_to_json(s.timing)}, {"old_id", item.old_id}}));
  return line;
}

/// Inserts it, or revives what was taken back; promises its next due time, strictly after now.
carillon::Status LegacyImport::store(Place& place, Schedule& s, const std::optional<LegacyStore::Known>& known) {
  Tx& tx = place.tx;
  s.created_at = s.updated_at = s.settled_until = tx.now();
  s.created_by = kImport;
  if (known) {
    s.revision = known->revision + 1;
    CARILLON_CHECK(p_.schedules.update(tx, s));
  } else {
    CARILLON_CHECK(p_.schedules.insert(tx, s));
  }
  CARILLON_TRY([[maybe_unused]] auto due, p_.lifecycle.arm(tx, s, tx.now()));
  return p_.schedules.add_version(tx, s.tenant, s.id, {s.revision, tx.now(), kImport, "schedules.import", version_document(s), s.payload});
}

Result<Json> LegacyImport::take_back(const LegacyData& data, bool dry_run) {
  Json report{{"dry_run", dry_run}, {"back", true}, {"changed", 0}, {"unchanged", 0}, {"failed", 0}, {"tenants", Json::array()}};
  // Once to see that nothing stands in the way anywhere, once for good; what changes between the two is seen again.
  for (const bool trial : {true, false}) {
    if (!trial && dry_run) break;
    report["tenants"] = Json::array();
    int changed = 0;
    for (const auto& old_tenant : data.tenants()) {
      CARILLON_TRY(auto tenant, find_tenant(old_tenant));
      if (!tenant) continue;
      Json part;
      auto status = p_.db.in_tenant(tenant->id, [&](Tx& tx) -> carillon::Status {
        CARILLON_TRY(part, take_back_tenant(tx, *tenant));
        return trial ? carillon::Status(dry_run_end()) : ok();
      });
      if (!status && status.error().reason != "DRY_RUN") return status.error();
      part.update({{"old_tenant", old_tenant}});
      changed += part["changed"].get<int>();
      report["tenants"].push_back(std::move(part));
    }
    report["changed"] = changed;
  }
  return report;
}

Result<Json> LegacyImport::take_back_tenant(Tx& tx, const Tenant& tenant) {
  Json out{{"tenant_id", tenant.id.to_string()}, {"slug", tenant.slug}, {"made", false}, {"lines", Json::array()}};
  CARILLON_CHECK(p_.legacy.hold(tx, tenant.id));
  CARILLON_TRY(auto records, p_.legacy.records(tx, tenant.id));
  CARILLON_TRY(auto counts, p_.schedules.counts(tx, tenant.id));
  for (auto& record : records) {
    Json& line = record.line;
    if (line.contains("workflow")) {
      const std::string id = line["workflow"]["id"], name = line["workflow"]["name"];
      if (auto it = counts.find(*WorkflowId::parse(id)); it != counts.end() && it->second.total > 1)
        return Error{ErrorCode::conflict, "SEVERAL_SCHEDULES",
                     "The workflow \"" + name + "\" (" + id + ") has " + std::to_string(it->second.total) + " schedules; the old shape holds one for each workflow.",
                     "workflow_id", id, "Stay with this hub, or delete all but one schedule of each workflow.", {}};
    }
    CARILLON_TRY(auto known, record.schedule ? p_.legacy.schedule(tx, tenant.id, *record.schedule) : Result<std::optional<LegacyStore::Known>>(std::nullopt));
    if (known && !known->deleted) {
      CARILLON_TRY(auto workflow, p_.workflows.lock_shared(tx, tenant.id, *WorkflowId::parse(line["workflow"]["id"].get<std::string>())));
      CARILLON_TRY(auto s, p_.schedules.lock(tx, tenant.id, *record.schedule));
      if (s.revision != line["schedule"]["revision"])
        return Error{ErrorCode::conflict, "SCHEDULES_CHANGED",
                     "The schedule \"" + s.name + "\" (" + s.id.to_string() + ") was changed since it was imported, which the old hub would not know.",
                     "schedule_id", s.id.to_string(), "Stay with this hub, or delete the schedule and carry its change over by hand.", {}};
      CARILLON_CHECK(p_.lifecycle.settle_due(tx, s));
      CARILLON_CHECK(p_.lifecycle.give_up_waiting(tx, s, Verdict::superseded, say(Phrase::back_to_old_hub)));
      CARILLON_CHECK(p_.jobs.suspend(tx, s.tenant, RegistrationId{s.id.value}, kJobKind));
      s.deleted = true;
      ++s.revision;
      s.updated_at = tx.now();
      CARILLON_CHECK(p_.schedules.update(tx, s));
      tx.emit(s.tenant, {"schedules", s.id.value, "deleted", s.revision, Json::object()});
      tx.audit(s.tenant, import_audit("schedules.import_back", "schedule", s.id.value, {{"name", s.name}}));
    }
    line["became"] = record.schedule ? "taken back" : "forgotten";
    line["unchanged"] = false;
    out["lines"].push_back(std::move(line));
  }
  CARILLON_CHECK(p_.legacy.forget(tx, tenant.id));
  out["changed"] = out["lines"].size();
  return out;
}

}  // namespace carillon::schedules
