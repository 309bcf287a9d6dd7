#include "tests/bench/publish/publish_data.h"

#include <pqxx/pqxx>

namespace carillon::bench {
namespace {

constexpr const char* kOtherTenantsSql =
    "INSERT INTO tenants SELECT gen_random_uuid(), CASE n WHEN 0 THEN 'publishing' ELSE 'other-' || n END, 'Tenant ' || n, 'UTC', now() "
    "FROM generate_series(0, $1) AS n";
constexpr const char* kOtherWorkflowsSql =
    "INSERT INTO workflows SELECT tenant_id, gen_random_uuid(), 'other', '', 'none', 1, false, false, 1, now(), now() FROM tenants";
constexpr const char* kOtherVersionsSql =
    "INSERT INTO workflow_versions SELECT tenant_id, id, 1, $1, 'json', '', '', '', now(), 'bench' FROM workflows";
/// Ids in the order of creation, as the hub makes them. $1 how many, $2 tenant, $3 workflow, $4 payload, $5 what makes it
/// one of its own, $6 and $7 what is replaced by what in $8 percent.
constexpr const char* kPublishedSql =
    "INSERT INTO schedules (tenant_id, id, workflow_id, bound_version, name, description, labels, kind, timing, jitter_us, missed, overlap, priority, "
    "payload, holds, settled_until, revision, created_at, updated_at, created_by) "
    "SELECT $2, (lpad(to_hex(1764000000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid, $3, 1, "
    "'Schedule ' || substr(md5('n' || n), 1, 12) || n, 'Made by a program.', '{nightly}', 'cron', "
    "'{\"cron\":\"' || n % 60 || ' ' || n % 24 || ' * * *\",\"kind\":\"cron\",\"zone\":\"Europe/Berlin\"}', 0, 'skip', 'skip', 1, "
    "replace(CASE WHEN n % 100 < $8 THEN replace($4, $6, $7) ELSE $4 END, $5, CASE WHEN $9::boolean THEN $5 ELSE left($5, -7) || lpad(n::text, 7, '0') END), "
    "'{}', now(), 1, now(), now() - n * interval '1 millisecond', 'bench' FROM generate_series(1, $1) AS n";
constexpr const char* kOthersSql =
    "INSERT INTO schedules (tenant_id, id, workflow_id, bound_version, name, description, labels, kind, timing, jitter_us, missed, overlap, priority, "
    "payload, holds, settled_until, revision, created_at, updated_at, created_by) "
    "SELECT w.tenant_id, gen_random_uuid(), w.id, 1, 'Other ' || n, 'other', '{}', 'interval', '', 0, 'skip', 'allow', 1, '{}', '{}', now(), 1, now(), now(), "
    "'bench' FROM generate_series(0, $1 - 1) AS n JOIN (SELECT tenant_id, id, row_number() OVER (ORDER BY tenant_id) - 1 AS place FROM workflows "
    "WHERE name = 'other') AS w ON w.place = n % ($2 + 1)";
constexpr const char* kRegistrationsSql =
    "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence) SELECT s.tenant_id, s.id, 'schedule', d.at, d.at, '', '' "
    "FROM schedules s, LATERAL (SELECT now() + (1 + random() * 23) * interval '1 hour' + length(s.name) * interval '0' AS at) AS d";
constexpr const char* kStartOthersSql =
    "WITH d AS (SELECT tenant_id, id, $1::timestamptz + (row_number() OVER (ORDER BY name) - 1) * $2::bigint * interval '1 microsecond' AS at "
    "FROM schedules WHERE description = 'other'), t AS (UPDATE schedules s SET timing = '{\"anchor\":\"' || "
    "to_char(d.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || '\",\"every\":2,\"kind\":\"interval\",\"unit\":\"seconds\"}' "
    "FROM d WHERE s.tenant_id = d.tenant_id AND s.id = d.id) UPDATE registrations r SET due_at = d.at, planned_at = d.at FROM d "
    "WHERE r.tenant_id = d.tenant_id AND r.id = d.id";

/// What is the payload's own, and what the changed schema refuses.
struct Words {
  std::string own, fit, unfit;
};
Words words_of(const std::string& shape) {
  if (shape == "order") return {"73b441d16380", "\"EUR\"", "\"GBP\""};
  if (shape == "ticket") return {"e winter", "\"high\"", "\"urgent\""};
  throw std::invalid_argument("--shape ticket|order");
}

Shape shape_named(const std::string& name) {
  for (auto& shape : shapes())
    if (shape.name == name) return shape;
  throw std::invalid_argument("no shape " + name);
}

void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().reason + ": " + status.error().message);
}

}  // namespace

std::string definition_with(const Json& schema) {
  Json out{{"document", {{"dsl", "1.0.0"}, {"namespace", "bench"}, {"name", "publish"}, {"version", "1.0.0"}}},
           {"do", {{{"copy", {{"set", {{"rows", 100}}}}}}}}};
  if (!schema.is_null()) out["input"] = {{"schema", {{"format", "json"}, {"document", schema}}}};
  return dump_json(out);
}

Json changed_schema(const Shape& shape) {
  Json out = shape.schema;
  out["properties"]["channel"] = {{"type", "string"}};
  if (std::string_view(shape.name) == "order") out["properties"]["currency"]["enum"] = {"EUR", "USD"};
  else out["properties"]["priority"]["enum"] = {"low", "normal", "high"};
  return out;
}

Json migration_operations() { return {{{"op", "default"}, {"path", "/channel"}, {"value", "web"}}}; }

PublishData::PublishData(Engine& engine, BenchDatabase& d, const PublishOptions& o)
    : database(d), options(o), shape(shape_named(o.shape)), workflow(engine.ids.make<WorkflowId>()) {
  pqxx::connection connection(database.owner_url());
  {
    pqxx::work tx(connection);
    tx.exec_params(kOtherTenantsSql, kOtherTenants);
    tx.exec(kOtherWorkflowsSql);
    tx.exec_params(kOtherVersionsSql, definition_with(nullptr));
    tx.commit();
  }
  who.tenant = *TenantId::parse(database.value("SELECT tenant_id FROM tenants WHERE slug = 'publishing'"));
  who.actor_name = "bench";
  must(engine.db.in_tenant(who.tenant, [&](Tx& tx) -> Status {
    Workflow w;
    w.id = workflow;
    w.tenant = who.tenant;
    w.name = "published";
    w.created_at = w.updated_at = tx.now();
    const DefinitionText text{definition_with(shape.schema), "json"};
    CARILLON_CHECK(engine.workflows.insert(tx, w, {text, 1, tx.now(), "bench"}));
    CARILLON_CHECK(engine.workflows.insert_version(tx, w.tenant, {w.id, 1, text, dump_json(shape.schema), "2020-12", "", tx.now(), "bench"}));
    w.latest_version = 1;
    w.latest_has_schema = true;
    return engine.workflows.update(tx, w);
  }));
  const Words words = words_of(options.shape);
  pqxx::work tx(connection);
  tx.exec("SET LOCAL session_replication_role = replica");  // no checks of foreign keys, which hold
  tx.exec_params(kPublishedSql, options.schedules, who.tenant.to_string(), workflow.to_string(), dump_json(shape.payload), words.own, words.fit,
                 words.unfit, options.unfit_percent, options.same);
  tx.exec_params(kOthersSql, kOthers, kOtherTenants);
  tx.exec(kRegistrationsSql);
  tx.commit();
}

Instant PublishData::start_others() {
  pqxx::connection connection(database.owner_url());
  pqxx::nontransaction session(connection);
  session.exec("VACUUM ANALYZE");
  session.exec("CHECKPOINT");
  const Instant at = make_system_clock()->now() + Duration{500'000};
  session.exec_params(kStartOthersSql, format_instant(at), kEachFire.count());
  return at;
}

void PublishData::save_draft(Engine& engine, const Json& schema) {
  must(engine.db.in_tenant(who.tenant, [&](Tx& tx) -> Status {
    CARILLON_TRY(auto draft, engine.workflows.draft(tx, who.tenant, workflow));
    draft.definition = {definition_with(schema), "json"};
    ++draft.revision;
    return engine.workflows.put_draft(tx, who.tenant, workflow, draft);
  }));
}

}  // namespace carillon::bench
