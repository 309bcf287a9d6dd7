#include "tests/pg/orders/orders_scene.h"

namespace carillon::test {

OrdersScene::OrdersScene() {
  HubOptions options;
  options.config = hub_config(url() + " host=" + gate_.socket_dir().string() + " port=5432", home_.path());
  options.serve_http = false;
  hub_ = std::make_unique<Hub>(std::move(options), log_);
  if (Status started = hub_->start(); !started) throw std::runtime_error(started.error().message);
  if (auto tenant = hub_->create_tenant("t", "T", "UTC", "a@t.example", kTestPassword); !tenant) throw std::runtime_error(tenant.error().message);
  who_ = hub_->host_context("t", "Ann").value();
  make_template();
}

OrdersScene::~OrdersScene() { hub_->stop(); }

std::string OrdersScene::definition(int parity) {
  return "document: {dsl: '1.0.0', namespace: test, name: orders, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: {type: object, required: [v], properties: {v: {enum: [0, " + std::to_string(parity) +
         "]}}}}}\ndo:\n  - done: {set: {ok: true}}\n";
}

Result<ActionResponse> OrdersScene::call(const std::string& action, const std::string& id, Json body, std::optional<std::int64_t> revision) {
  ActionRequest request;
  if (!id.empty()) request.params["id"] = id;
  request.body = std::move(body);
  request.if_match = revision;
  return hub_->call(action, who_, request);
}

std::string OrdersScene::made(const std::string& action, const std::string& id, Json body, std::optional<std::int64_t> revision) {
  auto answer = call(action, id, std::move(body), revision);
  if (!answer) throw std::runtime_error(action + ": " + answer.error().message);
  return answer->body.value("id", "");
}

void OrdersScene::add(const std::string& name, int v, bool paused) {
  template_[name] = made("schedules.create", "", {{"workflow_id", template_.at("workflow")}, {"name", name}, {"payload", {{"v", v}, {"key", "template " + name}}},
                                                  {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "hours"}}}, {"overlap_policy", "allow"},
                                                  {"overlap", {{"scope", "key"}, {"key", ".key"}}}, {"paused", paused}});
}

void OrdersScene::make_template() {
  template_["workflow"] = made("workflows.create", "", {{"name", "Template"}, {"text", definition(kOdd)}, {"format", "yaml"}});
  made("workflows.publish", template_.at("workflow"), Json::object());
  add("any", 0, false);
  add("odd", kOdd, false);
  add("paused odd", kOdd, true);
  made("workflows.save_draft", template_.at("workflow"), {{"text", definition(kEven)}, {"format", "yaml"}}, 1);
  made("workflows.publish", template_.at("workflow"), Json::object());
  add("even", kEven, false);
  add("paused even", kEven, true);
  made("workflows.save_draft", template_.at("workflow"), {{"text", definition(kOdd)}, {"format", "yaml"}}, 2);
}

void OrdersScene::copy() {
  since_ = ask("SELECT coalesce(max(seq), 0) FROM events");
  const std::string number = std::to_string(++copies_), tail = std::string(11 - number.size(), '0') + number;
  std::string row = "replace(to_jsonb(t)::text, '\"Template\"', '\"Copy " + number + "\"')", old_ids, new_ids;
  char place = 'a';
  for (const auto& [name, id] : template_) {
    // What comes first in an id stays: it has its kind and its order.
    ids_[name] = id.substr(0, id.size() - 12) + place++ + tail;
    row = "replace(" + row + ", '" + id + "', '" + ids_[name] + "')";
    old_ids += (old_ids.empty() ? "'" : ", '") + id + "'";
    new_ids += (new_ids.empty() ? "'" : ", '") + ids_[name] + "'";
  }
  std::string sql;
  for (const auto& [table, key] : std::initializer_list<std::pair<std::string, std::string>>{
           {"workflows", "id"}, {"workflow_drafts", "workflow_id"}, {"workflow_versions", "workflow_id"}, {"schedules", "id"}, {"registrations", "id"},
           {"schedule_versions", "schedule_id"}})
    sql += "INSERT INTO " + columns_of(table) + " FROM (SELECT (jsonb_populate_record(NULL::" + table + ", " + row + "::jsonb)).* FROM " + table + " t WHERE " + key +
           " IN (" + old_ids + ")) AS c;";
  sql_.query(sql + "UPDATE registrations SET due_at = now() + interval '1 day', planned_at = now() + interval '1 day' WHERE planned_at IS NOT NULL AND id IN (" + new_ids + ")");
}

/// "table (columns) SELECT columns", without those that the database works out itself.
std::string OrdersScene::columns_of(const std::string& table) {
  std::string& known = columns_[table];
  if (known.empty()) {
    const std::string list = ask("SELECT string_agg(attname, ', ') FROM pg_attribute WHERE attrelid = '" + table + "'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''");
    known = table + " (" + list + ") SELECT " + list;
  }
  return known;
}

std::string OrdersScene::ask(const std::string& sql) {
  const Rows rows = sql_.query(sql);
  return rows.empty() ? "" : rows[0][0];
}

std::vector<std::string> OrdersScene::broken_laws() {
  const std::string mine = "workflow_id = '" + id("workflow") + "'";
  const std::string head = "WITH latest AS (SELECT number, payload_schema::jsonb #>> '{properties,v,enum,1}' AS p FROM workflow_versions WHERE " + mine +
                           " ORDER BY number DESC LIMIT 1), alive AS (SELECT s.*, s.payload::jsonb ->> 'v' IN ('0', p) AS fits, number FROM schedules s, latest WHERE s." + mine +
                           " AND deleted_at IS NULL) ";
  const std::map<std::string, std::string> laws = {
      {"a run whose version refuses its payload", "SELECT count(*) FROM runs r JOIN workflow_versions v ON v.workflow_id = r.workflow_id AND v.number = r.version WHERE r." + mine +
                                                      " AND r.input::jsonb ->> 'v' NOT IN ('0', v.payload_schema::jsonb #>> '{properties,v,enum,1}')"},
      {"invalid and yet it fits", head + "SELECT count(*) FROM alive WHERE fits AND holds ? 'invalid'"},
      {"does not fit and yet not invalid", head + "SELECT count(*) FROM alive WHERE NOT fits AND NOT holds ? 'invalid'"},
      {"fits and is not bound to the latest version", head + "SELECT count(*) FROM alive WHERE fits AND bound_version <> number"},
      {"bound to the version that refuses it", head + "SELECT count(*) FROM alive WHERE NOT fits AND bound_version = number"},
      {"promised though held, or the other way round", head + "SELECT count(*) FROM alive a LEFT JOIN registrations r ON r.id = a.id WHERE (a.holds = '{}') <> (r.planned_at IS NOT NULL)"},
      {"a deleted one is promised", "SELECT count(*) FROM schedules s JOIN registrations r ON r.id = s.id WHERE s." + mine + " AND deleted_at IS NOT NULL AND r.planned_at IS NOT NULL"},
      {"waits though it is held", head + "SELECT count(*) FROM alive a JOIN backlog b ON b.schedule_id = a.id WHERE a.holds <> '{}'"},
      {"a room that nobody can hold", head + "SELECT count(*) FROM alive a WHERE scope <> '' AND NOT EXISTS (SELECT 1 FROM overlap_scopes o WHERE o.scope = a.scope)"},
      {"its newest kept payload is another", head + "SELECT count(*) FROM alive a WHERE a.payload <> (SELECT payload FROM schedule_versions v WHERE v.schedule_id = a.id AND payload IS NOT NULL "
                                                    "ORDER BY revision DESC LIMIT 1)"},
      {"the stream tells of another next due time", head + "SELECT count(*) FROM alive a JOIN registrations r ON r.id = a.id JOIN LATERAL (SELECT x -> 'patch' ->> 'next_due_at' AS told FROM events e, "
                                                           "jsonb_array_elements(e.body::jsonb) WITH ORDINALITY AS l(x, n) WHERE e.seq > " + since_ + " AND x ->> 'id' = a.id::text AND x -> 'patch' ? 'next_due_at' "
                                                           "ORDER BY e.seq DESC, n DESC LIMIT 1) AS t ON true WHERE t.told::timestamptz IS DISTINCT FROM CASE WHEN a.holds = '{}' THEN r.due_at END"},
      {"a version without its verdicts", "SELECT count(*) FROM workflow_versions v WHERE " + mine + " AND number > 2 AND NOT EXISTS (SELECT 1 FROM publish_verdicts p WHERE p." + mine +
                                             " AND p.version = v.number)"}};
  std::vector<std::string> out;
  for (const auto& [law, sql] : laws)
    if (const std::string count = ask(sql); count != "0") out.push_back(law + ": " + count);
  return out;
}

}  // namespace carillon::test
