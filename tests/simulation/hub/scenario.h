#pragma once
#include "tests/simulation/hub/life_plan.h"
#include "tests/simulation/hub/oracle.h"
#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {

/// One seeded life of a hub: two to four nodes that tick, crash, stall and come back while users create, edit, pause and
/// publish, the database goes away and the clocks change. Everything follows from the seed.
class Scenario {
 public:
  explicit Scenario(std::uint64_t seed);
  /// Plays it to its end; answers what was wrong, nothing if all is well.
  std::vector<std::string> play();

  struct Totals {
    std::size_t fires = 0, runs = 0, crashes = 0, clock_changes = 0;
    std::size_t overtaken = 0, published = 0, migrated = 0;
    std::size_t waited = 0, caught_up = 0, retries = 0, terminated = 0, failure_holds = 0, maintenance = 0, brought_back = 0;
    std::map<schedules::Verdict, std::int64_t> due_times;
    Duration span{0};
    void add(const Totals& other);
  };
  Totals totals() const;
  /// For who wants to see that the oracle finds what is wrong.
  memory::MemoryWorld& world() { return hub_.world; }
  const History& history() const { return history_; }

 private:
  /// What a version asks of payloads.
  enum class Shape { needs_n, needs_s, none };
  /// What a publish changes in payloads: nothing, adds what is asked for, takes away `n`, or what their key comes from.
  enum class Migration { none, add_missing, drop_n, drop_g };
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
    Moment moment;
    bool overtaken = false;  ///< others have committed after it had begun
    bool lost_answer() const { return refusal == "CRASH"; }
  };
  struct Place {
    std::unique_ptr<SimNode> node;
    Instant stalled_until;  ///< true time
    bool busy = false;      ///< somebody stands between two statements or transactions of it
  };
  enum class Next { anything, planner, worker };

  Scenario(std::uint64_t seed, const LifePlan& plan);

  // Time and what befalls the machines (scenario.cpp).
  void advance(int step);
  void befall();
  void nobody_up_until(Instant end);
  Duration until_next_event();
  void step();
  Place& live_place();
  void with_node(const std::function<void(Scenario&, Place&)>& work);
  void tick(Place& place, const std::function<void(Scenario&, Place&)>& work);
  void planner_round(Place& place);
  void worker_round(Place& place);
  /// `look`: what the caller has to look at anew when others have come first.
  Outcome act(std::size_t tenant, const std::string& action, ActionRequest request, const std::function<void()>& look = {});
  bool others_first();
  bool anybody_free() const;
  void finish();
  // What is seen from outside (watch.cpp).
  void notice(std::uint64_t commit);
  void notice_lapsed_pauses(std::uint64_t commit);
  void compare_holds();
  void check_sink();

  std::uint64_t below(std::uint64_t bound) { return hub_.rng->below(bound); }
  std::int64_t up_to(std::int64_t bound) { return 1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(bound))); }
  void wrong(const std::string& what) { problems_.push_back(what); }

  // What users do (user_actions.cpp).
  void set_up();
  void user_action();
  void create();
  void edit_timing(ScheduleModel& model);
  void edit_settings(ScheduleModel& model);
  void check_again(const ScheduleModel& model, ScheduleState& s);
  void edit_policies(ScheduleModel& model);
  void choose_policies(ScheduleState& state);
  static Json policies_json(const ScheduleState& state);
  static bool policies_fit(const ScheduleState& state);
  void begin_maintenance();
  void end_maintenance(std::size_t which);
  void edit_payload(ScheduleModel& model, const Json& payload);
  void rename(ScheduleModel& model);
  void pause(ScheduleModel& model, bool for_a_while);
  void resume(ScheduleModel& model, const std::string& choice);
  void remove(ScheduleModel& model);
  void bring_back(ScheduleModel& model);
  void publish(Flow& flow, Shape shape, Migration migration = Migration::none);
  void run_now(ScheduleModel& model);
  void cancel_some_run();
  void expect(bool accepted, const Outcome& outcome, const ScheduleModel& model, const std::string& what);

  const schedules::Schedule& row(const ScheduleModel& model) const;
  bool over(const ScheduleModel& model) const;
  Flow& flow_of(const ScheduleModel& model);
  Instant whole_second() const { return Instant::from_seconds(hub_.clock.now().seconds()); }
  Json random_payload();
  static bool fits(const Json& payload, Shape shape);
  static const char* field_of(Shape shape);  ///< what it asks for
  static void migrate(Json& payload, Migration migration);
  Json definition(Shape shape, std::uint64_t body) const;
  static ActionRequest request_for(const ScheduleModel& model, Json body);

  SimHub hub_;
  LifePlan plan_;
  std::vector<Place> places_;
  std::array<TenantContext, 2> who_;
  std::vector<Flow> flows_;
  History history_;
  std::vector<std::string> problems_;
  std::vector<Uuid> maintenance_ids_;  ///< of those in the history
  std::size_t crashes_ = 0, overtaken_ = 0, published_ = 0, migrated_ = 0;
  int names_ = 0;
  Next next_ = Next::anything;
  bool acting_ = false;   ///< a user's request is under way
  bool waiting_ = false;  ///< and waits for its first lock
};

}  // namespace carillon::simulation
