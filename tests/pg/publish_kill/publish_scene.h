#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/support/hub_fixture.h"

namespace carillon::test {

/// A workflow whose versions take the payloads of some of its schedules and refuse others in turn, and what a publish of it
/// has to leave behind. A version n takes {"v": 0} and {"v": 2 - n % 2}; each publish migrates half of the payloads.
class PublishScene {
 public:
  explicit PublishScene(std::string database_url) : url_(std::move(database_url)) {}
  /// Workflow, schedules of every kind and state, two published versions.
  void make(const Api& api);
  const std::string& workflow() const { return workflow_; }
  std::int64_t version() const { return version_; }

  /// Saves the draft that fits the next version.
  void prepare(const Api& api) const;
  /// Publishes what was prepared. Nothing when there is no answer.
  std::optional<HttpAnswer> publish(const Api& api) const;
  /// Everything that a publish writes and nothing else does, by table.
  std::map<std::string, std::string> picture() const;
  /// Whether the version after version() is there.
  bool has_next() const;
  /// The version after version() was published: what is not as it has to be then. Counts it.
  std::vector<std::string> next_is_published();
  /// The same of anything that has to hold at any time.
  std::vector<std::string> always() const;
  /// SQL that answers those who fire, and have not fired with the newest version.
  std::string unfired() const;

 private:
  struct Kind {
    std::string id;
    int v = 0;           ///< 0 fits every version, 1 odd ones, 2 even ones
    bool migrated = false, held = false, over = false, manual = false;
    std::int64_t seen = 0;  ///< how often its payload was migrated
  };
  bool fits(const Kind& kind) const { return kind.v == 0 || kind.v == 2 - version_ % 2; }
  void add(const Api& api, const std::string& name, Kind kind);
  std::vector<std::string> wrong_schedule(const std::string& name, const Kind& kind) const;
  std::string ask(const std::string& sql) const { return query_value(url_, sql); }

  std::string url_, workflow_;
  std::int64_t version_ = 0;
  std::map<std::string, Kind> schedules_;  ///< by name
};

}  // namespace carillon::test
