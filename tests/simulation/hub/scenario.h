#pragma once
#include <array>

#include "tests/simulation/hub/oracle.h"
#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {

/// One seeded life of a hub: two nodes that tick, crash and come back while users create, edit, pause and publish and the
/// clock goes on. Everything follows from the seed.
class Scenario {
 public:
  explicit Scenario(std::uint64_t seed);
  /// Plays it to its end; answers what was wrong, nothing if all is well.
  std::vector<std::string> play(int steps);

  struct Totals {
    std::size_t fires = 0, runs = 0, crashes = 0;
  };
  Totals totals() const { return {hub_.world.fires.rows().size(), hub_.world.runs.rows().size(), crashes_}; }

 private:
  /// What a version asks of payloads.
  enum class Shape { needs_n, needs_s, none };
  struct Flow {
    std::size_t tenant = 0;
    WorkflowId id;
    Shape draft = Shape::needs_n;
    Shape latest = Shape::none;
    std::int64_t version = 0;
  };
  struct Outcome {
    bool committed = false;
    std::string refusal;  ///< the error's reason
    Instant at;
  };

  // The machine room (scenario.cpp).
  void advance();
  void step();
  SimNode& live_node(std::size_t& place);
  void with_node(const std::function<void(SimNode&)>& work);
  void tick(std::size_t place, const std::function<void(SimNode&)>& work);
  Outcome act(std::size_t tenant, const std::string& action, ActionRequest request);
  std::uint64_t below(std::uint64_t bound) { return hub_.rng->below(bound); }
  void wrong(const std::string& what) { problems_.push_back(what); }
  void finish();
  void check_sink();

  // What users do (user_actions.cpp).
  void set_up();
  void user_action();
  void create();
  void edit_timing(ScheduleModel& model);
  void edit_payload(ScheduleModel& model, const Json& payload);
  void rename(ScheduleModel& model);
  void pause(ScheduleModel& model, bool for_a_while);
  void resume(ScheduleModel& model, const std::string& choice);
  void remove(ScheduleModel& model);
  void publish(Flow& flow, Shape shape);
  void run_now(ScheduleModel& model);
  void cancel_some_run();
  void expect(bool accepted, const Outcome& outcome, const ScheduleModel& model, const std::string& what);

  const schedules::Schedule& row(const ScheduleModel& model) const;
  bool over(const ScheduleModel& model) const;
  Flow& flow_of(const ScheduleModel& model);
  Json random_payload();
  SimTiming random_timing();
  static bool fits(const Json& payload, Shape shape);
  static std::string definition(Shape shape, std::uint64_t body);
  static ActionRequest request_for(const ScheduleModel& model, Json body);

  SimHub hub_;
  std::array<std::unique_ptr<SimNode>, 2> nodes_;
  std::array<TenantContext, 2> who_;
  std::vector<Flow> flows_;
  std::vector<ScheduleModel> models_;
  std::vector<std::string> problems_;
  std::size_t crashes_ = 0;
  int names_ = 0;
};

}  // namespace carillon::simulation
