#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/api_contract.h"
#include "tests/support/http_client.h"
#include "tests/support/pg_fixture.h"
#include "tests/support/wait.h"
#include "web/app/hub/hub.h"

namespace carillon::test {

inline constexpr const char* kTestKeyId = "test";
inline constexpr const char* kTestKeySecret = "0123456789abcdef0123456789abcdef";
inline constexpr const char* kTestPassword = "a long enough password";

/// Remembers what was logged, and prints warnings and errors.
class TestLogger final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;
  std::vector<std::string> errors() const;
  /// Every line of any level, to be searched.
  std::string everything() const;

 private:
  mutable std::mutex mutex_;
  std::string everything_;
  std::vector<std::string> errors_;
};

/// Calls the API as somebody, and checks every answer against the API description on the way.
class Api {
 public:
  Api(std::uint16_t port, ApiContract& contract, std::string token) : port_(port), contract_(&contract), token_(std::move(token)) {}
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body, HeaderList headers = {}) const;
  HttpAnswer get(const std::string& path) const { return ask("GET", path, ""); }
  HttpAnswer post(const std::string& path, const Json& body = nullptr, HeaderList headers = {}) const;
  HttpAnswer patch(const std::string& path, const Json& body, std::int64_t revision) const;
  HttpAnswer put(const std::string& path, const Json& body, std::int64_t revision) const;
  HttpAnswer remove(const std::string& path, std::optional<std::int64_t> revision = {}) const;
  /// As get() and post(), failing the test (and throwing) unless the status is 200 or 201.
  Json read(const std::string& path) const;
  Json make(const std::string& path, const Json& body = nullptr, HeaderList headers = {}) const;

  /// Creates and publishes a workflow; its id.
  std::string workflow(const std::string& name, const std::string& yaml) const;
  /// Saves `yaml` as the draft and publishes it; the publish's answer.
  Json publish(const std::string& workflow_id, const std::string& yaml) const;
  /// The run once it has ended.
  Json ended(const std::string& run_id) const;
  std::uint16_t port() const { return port_; }
  const std::string& token() const { return token_; }

 private:
  std::uint16_t port_;
  ApiContract* contract_;
  std::string token_;
};

/// A tenant with its admin.
struct TestTenant {
  std::string slug, email;
  Api api;
};

/// A migrated database of the shared test server.
TestDatabase migrated_database();
/// Configuration of a hub on that database (or another address), port 0, private addresses allowed.
Config hub_config(const std::string& database_url, const std::filesystem::path& home, std::vector<ConfigFlag> more = {});

struct HubFixtureOptions {
  std::vector<ConfigFlag> flags = {};
  std::function<std::vector<std::unique_ptr<Plugin>>(const HubParts&)> plugins = {};
  bool serve_http = true;
  std::string database_url = {};  ///< instead of the database's own address
};

/// A hub in this process on a database of its own.
class HubFixture {
 public:
  explicit HubFixture(HubFixtureOptions options = {});
  ~HubFixture();

  Hub& hub() { return *hub_; }
  TestDatabase& database() { return database_; }
  TestLogger& log() { return log_; }
  const std::filesystem::path& home() const { return home_.path(); }
  ApiContract& contract() { return *contract_; }
  /// A new tenant with an admin whose password is kTestPassword.
  TestTenant tenant(const std::string& zone = "Europe/Berlin");
  Api anonymous() { return Api(hub_->port(), *contract_, ""); }
  std::string sql(const std::string& text) { return query_value(database_.connection_string(), text); }
  /// Rows of every table but the ones that move by themselves; equal before and after a request that changed nothing.
  std::map<std::string, std::string> row_counts();
  void stop() { hub_->stop(); }

 private:
  TempDir home_{"carillon-hub"};
  TestLogger log_;
  TestDatabase database_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<ApiContract> contract_;
  std::string count_rows_;  ///< SQL
  int tenants_ = 0;
};

/// A workflow that posts its whole input to `url`. `schema` is the payload schema in YAML flow style.
std::string posting_workflow(const std::string& url, const std::string& schema = "{type: object}");

}  // namespace carillon::test
