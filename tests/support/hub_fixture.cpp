#include "tests/support/hub_fixture.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "persistence/migrate/migrator.h"
#include "web/api/description.h"

namespace carillon::test {
namespace {

std::string field_text(const LogField& field) {
  return std::visit(
      [](const auto& value) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) return value;
        else return std::to_string(value);
      },
      field.value);
}

}  // namespace

void TestLogger::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(event);
  for (const auto& field : fields) line += " " + std::string(field.key) + "=" + field_text(field);
  {
    std::lock_guard lock(mutex_);
    everything_ += line + "\n";
  }
  if (level < LogLevel::warn) return;
  std::fprintf(stderr, "[hub %s] %s\n", level == LogLevel::error ? "error" : "warn", line.c_str());
  if (level != LogLevel::error) return;
  std::lock_guard lock(mutex_);
  errors_.push_back(line);
}

std::vector<std::string> TestLogger::errors() const {
  std::lock_guard lock(mutex_);
  return errors_;
}

std::string TestLogger::everything() const {
  std::lock_guard lock(mutex_);
  return everything_;
}

HttpAnswer Api::ask(const std::string& method, const std::string& path, const std::string& body, HeaderList headers) const {
  if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_);
  const auto typed = [](const auto& header) { return header.first == "Content-Type"; };
  if (!body.empty() && std::ranges::none_of(headers, typed)) headers.emplace_back("Content-Type", "application/json");
  HttpAnswer answer = http_ask(port_, method, path, body, headers);
  EXPECT_EQ(contract_->check(method, path.substr(0, path.find('?')), answer), "");
  EXPECT_NE(answer.status, 500) << method << " " << path << " " << answer.body;
  return answer;
}

HttpAnswer Api::post(const std::string& path, const Json& body, HeaderList headers) const {
  return ask("POST", path, body.is_null() ? "" : dump_json(body), std::move(headers));
}

HttpAnswer Api::patch(const std::string& path, const Json& body, std::int64_t revision) const {
  return ask("PATCH", path, dump_json(body), {{"If-Match", "\"" + std::to_string(revision) + "\""}});
}

HttpAnswer Api::put(const std::string& path, const Json& body, std::int64_t revision) const {
  return ask("PUT", path, dump_json(body), {{"If-Match", "\"" + std::to_string(revision) + "\""}});
}

HttpAnswer Api::remove(const std::string& path, std::optional<std::int64_t> revision) const {
  HeaderList headers;
  if (revision) headers.emplace_back("If-Match", "\"" + std::to_string(*revision) + "\"");
  return ask("DELETE", path, "", headers);
}

Json Api::read(const std::string& path) const {
  const HttpAnswer answer = get(path);
  if (answer.status != 200) throw std::runtime_error("GET " + path + " gave " + std::to_string(answer.status) + " " + answer.body);
  return answer.json();
}

Json Api::make(const std::string& path, const Json& body, HeaderList headers) const {
  const HttpAnswer answer = post(path, body, std::move(headers));
  if (answer.status != 200 && answer.status != 201)
    throw std::runtime_error("POST " + path + " gave " + std::to_string(answer.status) + " " + answer.body);
  return answer.json();
}

std::string Api::workflow(const std::string& name, const std::string& yaml) const {
  const std::string id = make("/api/v1/workflows", {{"name", name}, {"text", yaml}, {"format", "yaml"}})["id"];
  make("/api/v1/workflows/" + id + "/publish", Json::object());
  return id;
}

Json Api::publish(const std::string& id, const std::string& yaml) const {
  const std::string base = "/api/v1/workflows/" + id;
  const HttpAnswer saved = put(base + "/draft", {{"text", yaml}, {"format", "yaml"}}, read(base + "/draft")["revision"]);
  if (saved.status != 200) throw std::runtime_error("the draft was refused: " + saved.body);
  return make(base + "/publish", Json::object());
}

Json Api::ended(const std::string& run_id) const {
  Json run;
  const bool done = eventually([&] {
    run = read("/api/v1/runs/" + run_id);
    return !run["ended_at"].is_null();
  });
  if (!done) throw std::runtime_error("the run does not end: " + run.dump());
  return run;
}

TestDatabase migrated_database() {
  TestServer& server = TestServer::shared();
  server.prepare_template("migrated", [](const std::string& url) {
    NullLogger log;
    const std::vector<std::string> lines = {"core", "schedules", "legacy"};
    auto applied = pg::Migrator(url, "", log).migrate(lines);
    if (!applied) throw std::runtime_error(applied.error().message);
  });
  return server.create_database("migrated");
}

Config hub_config(const std::string& database_url, const std::filesystem::path& home, std::vector<ConfigFlag> more) {
  ConfigInput input;
  input.flags = {{"database_url", database_url}, {"home", home.string()}, {"port", "0"}, {"outbound.allow_private", "true"},
                 {"drain_timeout", "2s"}, {"jwt.keys", std::string(kTestKeyId) + ":" + kTestKeySecret}};
  for (auto& flag : more) {
    std::erase_if(input.flags, [&](const ConfigFlag& known) { return known.key == flag.key; });
    input.flags.push_back(std::move(flag));
  }
  auto loaded = load_config(input);
  if (!loaded) throw std::runtime_error(describe_problems(loaded.error()));
  return loaded->config;
}

HubFixture::HubFixture(HubFixtureOptions options) : database_(migrated_database()) {
  HubOptions hub;
  hub.config = hub_config(options.database_url.empty() ? database_.connection_string() : options.database_url, home_.path(), std::move(options.flags));
  hub.plugins = std::move(options.plugins);
  hub.serve_http = options.serve_http;
  hub_ = std::make_unique<Hub>(std::move(hub), log_);
  if (Status started = hub_->start(); !started) throw std::runtime_error(started.error().reason + ": " + started.error().message);
  contract_ = std::make_unique<ApiContract>(api::ApiDescription().document());
}

HubFixture::~HubFixture() { hub_->stop(); }

TestTenant HubFixture::tenant(const std::string& zone) {
  const std::string slug = "tenant-" + std::to_string(++tenants_), email = "admin@" + slug + ".example";
  auto made = hub_->create_tenant(slug, "Tenant " + std::to_string(tenants_), zone, email, kTestPassword);
  if (!made) throw std::runtime_error(made.error().message);
  auto token = hub_->issue_token(slug, email, std::chrono::hours(1));
  if (!token) throw std::runtime_error(token.error().message);
  return {slug, email, Api(hub_->port(), *contract_, *token)};
}

std::map<std::string, std::string> HubFixture::row_counts() {
  std::map<std::string, std::string> out;
  const std::string url = database_.connection_string();
  if (count_rows_.empty())
    for (const auto& row : query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'nodes'"))
      count_rows_ += (count_rows_.empty() ? "" : " UNION ALL ") + ("SELECT '" + row[0] + "', count(*) FROM \"" + row[0] + "\"");
  for (const auto& row : query(url, count_rows_)) out[row[0]] = row[1];
  return out;
}

std::string posting_workflow(const std::string& url, const std::string& schema) {
  return "document: {dsl: '1.0.0', namespace: test, name: post, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: " + schema + "}}\n"
         "do:\n  - send:\n      call: http\n      with: {method: post, endpoint: '" + url + "', body: '${ . }'}\n";
}

}  // namespace carillon::test
