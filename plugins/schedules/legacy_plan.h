#pragma once
#include "engine/schema/schema.h"
#include "plugins/schedules/legacy_store.h"

namespace carillon::schedules {

/// What is to become of one record of the old shape, before anything is looked up in the hub.
struct LegacyItem {
  enum class Fate {
    schedule,   ///< becomes a schedule
    report,     ///< cannot become one; `reason` says why, and the report keeps it whole
    untouched,  ///< no time trigger: the workflow alone is taken over
  };
  std::string kind, old_id;  ///< see LegacyRecord
  const LegacyWorkflow* workflow = nullptr;  ///< null for an orphan
  const LegacyRow* row = nullptr;            ///< null for a trigger without one
  Fate fate = Fate::report;
  std::string reason;
};

/// Every record of one old tenant exactly once: workflows by id, each with its row, then rows without a workflow.
std::vector<LegacyItem> legacy_items(const LegacyData& data, const std::string& old_tenant);

/// The record as it was, for the report.
Json legacy_document(const LegacyItem& item);

/// The trigger in force: of the newest version, or where that says nothing, of the workflow. Null for none.
Json legacy_trigger(const LegacyWorkflow& workflow);
bool is_time_trigger(const Json& trigger);
/// Takes an inline time trigger out of a definition (the old shape's `trigger`, and schedule.cron, .every and .after);
/// false when there was none.
bool strip_time_trigger(Json& definition);

/// What the hub knows that decides on a schedule made from a record.
struct LegacyContext {
  const ZoneDatabase& zones;
  std::string default_zone;
  Instant now;
  const schema::Schema* payload_schema = nullptr;  ///< of the newest published version; null when it pins none
};

/// Timing, payload `{}` and holds of a record with Fate::schedule. Every hold says why; none of them is lifted by itself.
/// `notes` gets what a person should know beside.
void fill_from_legacy(const LegacyItem& item, const LegacyContext& context, Schedule& schedule, std::vector<std::string>& notes);

/// `wanted`, trimmed and cut to what a name may be, or `blank`; with " (2)" and so on where it is taken.
std::string unique_name(const std::string& wanted, const std::string& blank, const std::set<std::string>& taken);

}  // namespace carillon::schedules
