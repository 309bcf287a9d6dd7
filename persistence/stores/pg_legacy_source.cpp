#include "persistence/stores/pg_legacy_source.h"

#include <pqxx/pqxx>

#include "persistence/core/pg_value.h"

namespace carillon::pg {
namespace {

constexpr const char* kOldWorkflows =
    "SELECT workflow_id::text, tenant_id, name, status, payload_schema_mode, trigger::text, draft_definition::text "
    "FROM workflow_definitions ORDER BY workflow_id";
constexpr const char* kOldVersions =
    "SELECT workflow_id::text, version, definition_json::text, payload_schema_json::text, published_at "
    "FROM workflow_definition_versions ORDER BY workflow_id, version";
// A time that is no time (infinity) is none.
constexpr const char* kOldRows =
    "SELECT id::text, tenant_id, workflow_id::text, workflow_version, trigger_type, CASE WHEN isfinite(run_at) THEN run_at END, "
    "cron, timezone, enabled, status, CASE WHEN isfinite(last_fire_at) THEN last_fire_at END, coalesce(last_error, ''), to_jsonb(s)::text "
    "FROM workflow_schedules s ORDER BY id";
constexpr const char* kOldTables[] = {"workflow_definitions", "workflow_definition_versions", "workflow_schedules"};

Json json_of_field(const pqxx::field& field) { return field.is_null() ? Json(nullptr) : parse_stored_json(text_of(field)); }

std::optional<std::string> text_or_null(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return text_of(field);
}

schedules::LegacyData old_data(pqxx::nontransaction& session) {
  schedules::LegacyData out;
  std::map<std::string, std::size_t> places;
  for (const auto& row : session.exec(kOldWorkflows)) {
    places[text_of(row[0])] = out.workflows.size();
    out.workflows.push_back({text_of(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3]), text_of(row[4]), json_of_field(row[5]),
                             json_of_field(row[6]), {}});
  }
  for (const auto& row : session.exec(kOldVersions))
    out.workflows[places.at(text_of(row[0]))].versions.push_back(
        {int_of(row[1]), json_of_field(row[2]), text_of(row[2]), json_of_field(row[3]), instant_of(row[4])});
  for (const auto& row : session.exec(kOldRows))
    out.rows.push_back({text_of(row[0]), text_of(row[1]), text_of(row[2]), int_of(row[3]), text_of(row[4]), instant_or_null(row[5]),
                        text_or_null(row[6]), text_or_null(row[7]), bool_of(row[8]), text_of(row[9]), instant_or_null(row[10]),
                        text_of(row[11]), json_of_field(row[12])});
  return out;
}

}  // namespace

Result<schedules::LegacyData> PgLegacySource::read() {
  try {
    pqxx::connection connection(url_);
    pqxx::nontransaction session(connection);
    session.exec("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    session.exec("SET LOCAL search_path = " + session.quote_name(schema_));
    for (const char* table : kOldTables)
      if (session.exec("SELECT to_regclass(" + session.quote(std::string(table)) + ")")[0][0].is_null())
        return Error{ErrorCode::not_found, "OLD_SHAPE_MISSING",
                     "There is no table " + std::string(table) + " in the schema " + shorten(schema_) + ".", "schema", shorten(schema_),
                     "Name the old tables' schema with --schema, and their database with --from.", {}};
    auto out = old_data(session);
    session.exec("COMMIT");
    return out;
  } catch (const pqxx::failure& e) {
    return Error{ErrorCode::unavailable, "OLD_SHAPE_UNREADABLE", std::string("The old database cannot be read: ") + e.what(), "from", "",
                 "Check the address, and that its role may read the old tables.", {}};
  }
}

}  // namespace carillon::pg
