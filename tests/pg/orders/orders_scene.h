#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/pg/orders/two_sides.h"
#include "tests/support/hub_fixture.h"

namespace carillon::test {

/// A hub behind a gate, and copies of one workflow with schedules, whose version 2 takes even payloads and whose draft takes
/// odd ones, so that a publish keeps ("any"), breaks ("even") and revives ("odd"). A version with parity p takes {"v": 0} and {"v": p}.
class OrdersScene {
 public:
  static constexpr int kOdd = 1, kEven = 2;
  OrdersScene();
  ~OrdersScene();
  /// Another copy; what is said of ids, laws and rows from now on is said of it. Its schedules are due tomorrow.
  void copy();
  /// Of "workflow", or of a schedule by its name.
  const std::string& id(const std::string& name) const { return ids_.at(name); }
  std::int64_t revision(const std::string& schedule) { return std::stoll(ask("SELECT revision FROM schedules WHERE id = '" + id(schedule) + "'")); }
  Result<ActionResponse> call(const std::string& action, const std::string& id, Json body = Json::object(), std::optional<std::int64_t> revision = {});
  static std::string definition(int parity);

  /// What has to hold after any order, and does not.
  std::vector<std::string> broken_laws();
  /// The first field of the first row, "" without one.
  std::string ask(const std::string& sql);
  std::string url() const { return database_.connection_string(); }
  TwoSides& sides() { return sides_; }
  std::vector<std::string> errors() const { return log_.errors(); }

 private:
  std::string made(const std::string& action, const std::string& id, Json body, std::optional<std::int64_t> revision = {});
  void add(const std::string& name, int v, bool paused);
  void make_template();
  std::string columns_of(const std::string& table);

  TestDatabase database_ = migrated_database();
  TwoSides sides_{database_.connection_string()};
  PgGate gate_{TestServer::shared().postgres().socket_dir() / ".s.PGSQL.5432", sides_};
  TempDir home_{"carillon-orders"};
  TestLogger log_;
  std::unique_ptr<Hub> hub_;
  TenantContext who_;
  SqlSession sql_{database_.connection_string()};
  std::map<std::string, std::string> template_, ids_, columns_;
  int copies_ = 0;
  std::string since_;  ///< number of the newest entry in the change stream when the copy was made
};

}  // namespace carillon::test
