#include "plugins/schedules/legacy_plan.h"

#include <algorithm>

#include "engine/workflows/payload_schemas.h"
#include "plugins/schedules/words.h"

namespace carillon::schedules {
namespace {

constexpr std::size_t kLongestName = 190;  // of 200, so that a number has room

std::string trimmed_name(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return shorten(text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first), kLongestName);
}

std::string text_in(const Json& trigger, const char* key) {
  auto it = trigger.find(key);
  return it != trigger.end() && it->is_string() ? it->get<std::string>() : "";
}

/// "cause (value). remedy", for a hold.
std::string sentence_of(const Error& error) {
  std::string out = error.message;
  if (!error.value.empty() && out.find(error.value) == std::string::npos) {
    if (out.ends_with('.')) out.pop_back();
    out += ": " + error.value + ".";
  }
  return error.remedy.empty() ? out : out + " " + error.remedy;
}

LegacyItem item_of_row(const LegacyWorkflow& workflow, const LegacyRow& row) {
  LegacyItem item{"row", row.id, &workflow, &row, LegacyItem::Fate::schedule, ""};
  if (workflow.versions.empty()) {
    item.fate = LegacyItem::Fate::report;
    item.reason = "Not schedulable until the workflow is published.";
  }
  return item;
}

LegacyItem item_without_row(const LegacyWorkflow& workflow) {
  const Json trigger = legacy_trigger(workflow);
  const bool in_force = is_time_trigger(trigger);
  if (!in_force && !is_time_trigger(workflow.trigger)) {
    const bool event = text_in(trigger, "type") == "event" || text_in(workflow.trigger, "type") == "event";
    return {"workflow", workflow.id, &workflow, nullptr, LegacyItem::Fate::untouched, event ? "Started by an event." : "Started by hand."};
  }
  LegacyItem item{"trigger", workflow.id, &workflow, nullptr, LegacyItem::Fate::report, ""};
  if (workflow.versions.empty()) item.reason = "Not schedulable until the workflow is published.";
  else if (!in_force) item.reason = "The draft's trigger was never published.";
  else item.fate = LegacyItem::Fate::schedule;
  return item;
}

/// A timing as it stands in the record, and what is wrong with it.
struct OldTiming {
  Timing timing = Manual{};
  std::optional<Error> wrong;
};

OldTiming once_of(std::optional<Instant> at, const std::string& given) {
  if (at) return {Once{*at, {}, {}}, {}};
  return {Manual{}, Error{ErrorCode::invalid, "RUN_AT_MALFORMED", given.empty() ? "It has no time to run at." : "Its time to run at is no instant.",
                          "/run_at", shorten(given), "Give it a timing.", {}}};
}

OldTiming old_timing(const LegacyItem& item, const LegacyContext& context) {
  const Json trigger = item.row ? Json::object() : legacy_trigger(*item.workflow);
  const std::string type = item.row ? item.row->trigger_type : text_in(trigger, "type");
  OldTiming out;
  if (type == "schedule") {
    const std::string run_at = text_in(trigger, "runAt");
    out = item.row ? once_of(item.row->run_at, "") : once_of(parse_instant(run_at), run_at);
  } else if (type == "recurring") {
    std::string zone = item.row ? item.row->zone.value_or("") : text_in(trigger, "timezone");
    if (zone.empty()) zone = context.default_zone;
    out.timing = Cron{item.row ? item.row->cron.value_or("") : text_in(trigger, "cron"), zone};
  } else {
    out.wrong = Error{ErrorCode::invalid, "TRIGGER_UNKNOWN", "Its kind of trigger is none of the two by time.", "/trigger_type", shorten(type),
                      "Give it a timing.", {}};
  }
  if (out.wrong) return out;
  if (auto checked = check_timing(out.timing, {}, context.zones); !checked) out.wrong = std::move(checked).error();
  return out;
}

Hold old_hub_hold(const std::string& reason, Instant now) { return hold_of(say_as(Phrase::from_old_hub, reason), "import", now); }

/// A one-time that is over, in the old hub or because its time has passed.
bool settle_over(const LegacyItem& item, const LegacyContext& context, Schedule& s) {
  const bool completed = item.row && item.row->status == "completed";
  const auto* once = std::get_if<Once>(&s.timing);
  const bool passed = once != nullptr && once->at <= context.now;
  if (!completed && !passed) return false;
  const std::string error = item.row && !item.row->last_error.empty() ? ": " + item.row->last_error : "";
  const bool fired = item.row && item.row->last_fire_at.has_value();
  if (completed || fired) {
    s.holds[HoldKind::completed] = old_hub_hold("The old hub had " + std::string(completed ? "completed" : "fired") + " it" + error + ".", context.now);
  } else {
    s.holds[HoldKind::expired] = old_hub_hold("Its one time (" + format_instant(once->at) + ") passed in the old hub without a run" + error + ".", context.now);
  }
  return true;
}

/// Everything that keeps it from running with the newest version, as one hold; nothing when it fits.
std::optional<Hold> unfit_hold(const std::optional<Error>& wrong_timing, const LegacyContext& context) {
  std::string reason = wrong_timing ? sentence_of(*wrong_timing) : "";
  std::vector<Violation> violations;
  const auto add = [&](const std::string& text) { reason += (reason.empty() ? "" : " ") + text; };
  if (context.payload_schema == nullptr) {
    add("No pinned payload schema: add input.schema to the definition and publish it.");
  } else if (auto fit = check_payload(*context.payload_schema, Json::object(), "/payload"); !fit) {
    add(fit.error().message + ".");
    violations = fit.error().violations;
  }
  if (reason.empty()) return std::nullopt;
  Hold hold = old_hub_hold(reason, context.now);
  hold.violations = std::move(violations);
  return hold;
}

}  // namespace

Json legacy_trigger(const LegacyWorkflow& workflow) {
  if (workflow.versions.empty()) return workflow.trigger;
  const Json& definition = workflow.versions.back().definition;
  if (!definition.is_object()) return workflow.trigger;
  auto it = definition.find("trigger");
  return it == definition.end() ? workflow.trigger : *it;
}

bool is_time_trigger(const Json& trigger) {
  if (!trigger.is_object()) return false;
  const std::string type = text_in(trigger, "type");
  return type == "schedule" || type == "recurring";
}

bool strip_time_trigger(Json& definition) {
  if (!definition.is_object()) return false;
  bool found = false;
  if (auto it = definition.find("trigger"); it != definition.end() && is_time_trigger(*it)) {
    definition.erase(it);
    found = true;
  }
  if (auto it = definition.find("schedule"); it != definition.end() && it->is_object()) {
    for (const char* key : {"cron", "every", "after"}) found = it->erase(key) > 0 || found;
    if (it->empty()) definition.erase(it);
  }
  return found;
}

std::vector<LegacyItem> legacy_items(const LegacyData& data, const std::string& old_tenant) {
  std::vector<LegacyItem> out;
  std::multimap<std::string, const LegacyRow*> rows;
  for (const auto& row : data.rows)
    if (row.tenant == old_tenant) rows.emplace(row.workflow, &row);
  for (const auto& workflow : data.workflows) {
    if (workflow.tenant != old_tenant) continue;
    const auto [first, last] = rows.equal_range(workflow.id);
    if (first == last) out.push_back(item_without_row(workflow));
    for (auto it = first; it != last; ++it) out.push_back(item_of_row(workflow, *it->second));
    rows.erase(first, last);
  }
  for (const auto& [workflow, row] : rows)
    out.push_back({"row", row->id, nullptr, row, LegacyItem::Fate::report, "Orphan: its workflow " + workflow + " is not there."});
  return out;
}

Json legacy_document(const LegacyItem& item) {
  Json out = Json::object();
  if (item.row) out["row"] = item.row->document;
  if (item.workflow) {
    out["trigger"] = item.workflow->trigger;
    if (Json in_force = legacy_trigger(*item.workflow); in_force != item.workflow->trigger) out["published_trigger"] = std::move(in_force);
  }
  return out;
}

void fill_from_legacy(const LegacyItem& item, const LegacyContext& context, Schedule& s, std::vector<std::string>& notes) {
  OldTiming old = old_timing(item, context);
  s.timing = std::move(old.timing);
  s.payload = "{}";
  if (item.row && item.workflow && item.row->version != item.workflow->versions.back().number)
    notes.push_back("It was bound to version " + std::to_string(item.row->version) + "; schedules run the newest one.");
  if (settle_over(item, context, s)) return;
  if (auto hold = unfit_hold(old.wrong, context)) s.holds[HoldKind::invalid] = std::move(*hold);
  const auto pause = [&](const std::string& reason) { s.holds[HoldKind::user] = old_hub_hold(reason, context.now); };
  if (!item.row) {
    pause("Made from the inline trigger of version " + std::to_string(item.workflow->versions.back().number) +
          ", which had no registration: nothing fired it. Resume it to start.");
    return;
  }
  const std::string& status = item.row->status;
  if (status == "failed") {
    const std::string reason = "The old hub had it as failed" + (item.row->last_error.empty() ? "" : ": " + item.row->last_error) + ".";
    if (auto it = s.holds.find(HoldKind::invalid); it != s.holds.end()) it->second.reason += " " + reason;
    else s.holds[HoldKind::failures] = old_hub_hold(reason, context.now);
  } else if (status == "paused") {
    pause("Paused in the old hub.");
  } else if (status == "disabled" || (status == "scheduled" && !item.row->enabled)) {
    pause("Disabled in the old hub.");
  } else if (status != "scheduled") {
    pause("The old hub had it as \"" + shorten(status) + "\", which says nothing here. Resume it to start.");
  }
}

std::string unique_name(const std::string& wanted, const std::string& blank, const std::set<std::string>& taken) {
  std::string base = trimmed_name(wanted);
  if (base.empty()) base = blank;
  std::string out = base;
  for (int n = 2; taken.contains(out); ++n) out = base + " (" + std::to_string(n) + ")";
  return out;
}

}  // namespace carillon::schedules
