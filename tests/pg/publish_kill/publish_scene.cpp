#include "tests/pg/publish_kill/publish_scene.h"

namespace carillon::test {
namespace {

std::string scene_workflow(std::int64_t version) {
  return "document: {dsl: '1.0.0', namespace: test, name: scene, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: {type: object, required: [v, seen], properties: {v: {enum: [0, " +
         std::to_string(2 - version % 2) + "]}, seen: {type: integer}}}}}\ndo:\n  - done: {set: {ok: true}}\n";
}

const Json kSceneMigration = {{{"op", "set"}, {"path", "/seen"}, {"expr", "if .m then .seen + 1 else .seen end"}}};

/// Of each table what a publish writes. Fires move registrations, too, but not whether they are promised; they also add
/// to the ledger, but no verdict `invalid`.
const std::map<std::string, std::string> kPictures = {
    {"workflows", "SELECT t FROM workflows t"},
    {"workflow_drafts", "SELECT t FROM workflow_drafts t"},
    {"workflow_versions", "SELECT t FROM workflow_versions t"},
    {"schedules", "SELECT t FROM schedules t"},
    {"schedule_versions", "SELECT t FROM schedule_versions t"},
    {"publish_verdicts", "SELECT t FROM publish_verdicts t"},
    {"overlap_scopes", "SELECT t FROM overlap_scopes t"},
    {"audit_log", "SELECT t FROM audit_log t"},
    {"alerts", "SELECT t FROM alerts t"},
    {"fires", "SELECT t FROM fires t WHERE verdict = 'invalid'"},
    {"registrations", "SELECT (tenant_id, id, due_at IS NULL, planned_at IS NULL) FROM registrations t WHERE kind = 'schedule'"},
    {"events", "SELECT x FROM events e, jsonb_array_elements(e.body::jsonb) x WHERE x -> 'patch' ? 'latest_version' OR x -> 'patch' ? 'bound_version'"}};

}  // namespace

void PublishScene::add(const Api& api, const std::string& name, Kind kind) {
  Json timing{{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}};
  if (kind.manual) timing = {{"kind", "manual"}};
  Json body{{"workflow_id", workflow_}, {"name", name}, {"timing", timing}, {"overlap_policy", "allow"}, {"paused", kind.held},
            {"payload", {{"v", kind.v}, {"seen", 0}, {"m", kind.migrated}}}};
  if (kind.over) body["max_runs"] = 1;
  kind.id = api.make("/api/v1/schedules", body)["id"];
  schedules_[name] = std::move(kind);
}

void PublishScene::make(const Api& api) {
  workflow_ = api.workflow("Scene", scene_workflow(1));
  version_ = 1;
  auto of_parity = [&](int v, const std::string& word) {
    for (bool migrated : {false, true}) {
      const std::string end = word + (migrated ? ", migrated" : "");
      add(api, "fires, " + end, {.id = {}, .v = v, .migrated = migrated});
      add(api, "paused, " + end, {.id = {}, .v = v, .migrated = migrated, .held = true});
    }
    add(api, "by hand, " + word, {.id = {}, .v = v, .manual = true});
  };
  of_parity(0, "any");
  of_parity(1, "odd");
  add(api, "over", {.id = {}, .v = 1, .over = true});
  if (!eventually([&] { return ask("SELECT count(*) FROM schedules WHERE holds ? 'completed'") == "1"; })) throw std::runtime_error("nothing fires");
  prepare(api);
  if (const auto answer = publish(api); !answer || answer->status != 201) throw std::runtime_error("no second version");
  if (const auto wrong = next_is_published(); !wrong.empty()) throw std::runtime_error("the second version is not what it should be: " + wrong.front());
  of_parity(2, "even");
}

void PublishScene::prepare(const Api& api) const {
  const std::string path = "/api/v1/workflows/" + workflow_ + "/draft";
  const HttpAnswer saved = api.put(path, {{"text", scene_workflow(version_ + 1)}, {"format", "yaml"}}, api.read(path)["revision"]);
  if (saved.status != 200) throw std::runtime_error("the draft was refused: " + saved.body);
}

std::optional<HttpAnswer> PublishScene::publish(const Api& api) const {
  try {
    return api.post("/api/v1/workflows/" + workflow_ + "/publish", {{"migration", kSceneMigration}});
  } catch (const std::runtime_error&) {
    return std::nullopt;  // the node has died
  }
}

std::map<std::string, std::string> PublishScene::picture() const {
  std::string sql;
  for (const auto& [table, rows] : kPictures)
    sql += (sql.empty() ? "" : " UNION ALL ") + ("SELECT '" + table + "', count(*) || ' rows ' || coalesce(md5(string_agg(p.*::text, '|' ORDER BY p.*::text)), '') FROM (" + rows + ") AS p");
  std::map<std::string, std::string> out;
  for (const auto& row : query(url_, sql)) out[row[0]] = row[1];
  return out;
}

bool PublishScene::has_next() const {
  return ask("SELECT latest_version FROM workflows WHERE id = '" + workflow_ + "'") == std::to_string(version_ + 1);
}

std::vector<std::string> PublishScene::next_is_published() {
  ++version_;
  const std::string n = std::to_string(version_);
  std::vector<std::string> out;
  auto expect = [&](const std::string& what, const std::string& sql, const std::string& wanted) {
    if (const std::string found = ask(sql); found != wanted) out.push_back(what + " of version " + n + ": " + found + ", not " + wanted);
  };
  const std::string total = std::to_string(schedules_.size());
  expect("number", "SELECT count(*) || ' ' || max(number) FROM workflow_versions", n + " " + n);
  expect("head", "SELECT latest_version || ' ' || draft_changed FROM workflows", n + " false");
  expect("verdicts", "SELECT coalesce(sum(jsonb_array_length(verdicts::jsonb)), 0) FROM publish_verdicts WHERE version = " + n, total);
  expect("audit lines", "SELECT count(*) FROM audit_log WHERE action = 'workflows.publish' AND detail::jsonb ->> 'version' = '" + n + "'", "1");
  const std::string entries = "FROM events e, jsonb_array_elements(e.body::jsonb) x WHERE ";
  expect("events", "SELECT count(*) " + entries + "x ->> 'topic' = 'workflows' AND x -> 'patch' ->> 'latest_version' = '" + n + "'", "1");
  std::size_t bound = 0;
  for (auto& [name, kind] : schedules_) {
    if (kind.over) continue;
    if (fits(kind)) {
      ++bound;
      kind.seen += kind.migrated ? 1 : 0;
    }
    for (auto& wrong : wrong_schedule(name, kind)) out.push_back(std::move(wrong));
  }
  expect("events of schedules", "SELECT count(DISTINCT x ->> 'id') || ' in ' || count(DISTINCT e.seq) " + entries + "x ->> 'topic' = 'schedules' AND x -> 'patch' ->> 'bound_version' = '" + n +
         "' AND x ->> 'kind' = 'updated' AND NOT x -> 'patch' ? 'created_at'", std::to_string(bound) + " in 1");
  for (auto& wrong : always()) out.push_back(std::move(wrong));
  return out;
}

std::vector<std::string> PublishScene::wrong_schedule(const std::string& name, const Kind& kind) const {
  const Rows rows = query(url_, "SELECT s.bound_version, s.holds ? 'invalid', s.holds ? 'user', s.payload::jsonb ->> 'seen', r.planned_at IS NOT NULL, "
                                "coalesce((SELECT v.payload = s.payload AND v.revision = s.revision AND v.action = 'workflows.publish' FROM schedule_versions v "
                                "WHERE v.schedule_id = s.id ORDER BY v.revision DESC LIMIT 1), false) "
                                "FROM schedules s LEFT JOIN registrations r ON r.id = s.id WHERE s.id = '" + kind.id + "'");
  std::vector<std::string> out;
  auto expect = [&](const char* what, std::size_t column, const std::string& wanted) {
    if (rows[0][column] != wanted) out.push_back("\"" + name + "\" at version " + std::to_string(version_) + ": " + what + " is " + rows[0][column] + ", not " + wanted);
  };
  const bool fit = fits(kind);
  expect("bound_version", 0, std::to_string(fit ? version_ : version_ - 1));
  expect("invalid", 1, fit ? "f" : "t");
  expect("paused", 2, kind.held ? "t" : "f");
  expect("seen", 3, std::to_string(kind.seen));
  expect("promised", 4, fit && !kind.held && !kind.manual ? "t" : "f");
  if (fit && kind.migrated) expect("kept as a version", 5, "t");
  return out;
}

std::vector<std::string> PublishScene::always() const {
  const std::map<std::string, std::string> kNone = {
      {"runs with a payload that their version refuses", "SELECT count(*) FROM runs WHERE input::jsonb ->> 'v' NOT IN ('0', (2 - version % 2)::text)"},
      {"started fires without a run", "SELECT count(*) FROM fires f LEFT JOIN runs r ON r.id = f.run_id WHERE f.verdict = 'started' AND r.id IS NULL"},
      {"gaps in the change stream", "SELECT (SELECT sum(seq) FROM event_heads) - count(*) FROM events"},
      {"versions that nobody is told of", "SELECT count(*) FROM workflow_versions v WHERE v.number > 1 AND NOT EXISTS (SELECT 1 FROM publish_verdicts p WHERE p.version = v.number)"},
      {"verdicts of no version", "SELECT count(*) FROM publish_verdicts p WHERE p.version > (SELECT latest_version FROM workflows)"}};
  std::vector<std::string> out;
  for (const auto& [what, sql] : kNone)
    if (const std::string count = ask(sql); count != "0") out.push_back(count + " " + what);
  return out;
}

std::string PublishScene::unfired() const {
  return "SELECT coalesce(string_agg(s.name, '; '), '') FROM schedules s WHERE s.holds = '{}' AND s.kind <> 'manual' AND NOT EXISTS (SELECT 1 FROM runs r "
         "WHERE r.schedule_id = s.id AND r.version = " + std::to_string(version_) + ")";
}

}  // namespace carillon::test
