#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tests/support/memory/memory_world.h"

namespace carillon::simulation {

/// A timing as the simulation understands it, with an enumeration of its own: nothing of engine/time is used here.
struct SimTiming {
  enum class Kind { once, interval, every_minutes, hourly_at, daily_at, manual };
  Kind kind = Kind::manual;
  Instant at;               ///< once; anchor of interval
  std::int64_t number = 0;  ///< seconds of interval · minutes (a divisor of 60) · minute of the hour · minute of the day
  std::string zone = "UTC"; ///< UTC, Asia/Kolkata or Europe/Berlin

  /// All due times in (after, until], in order.
  std::vector<Instant> due_times(Instant after, Instant until) const;
  /// The request's timing object.
  Json to_json() const;
  std::string describe() const { return to_json().dump(); }
};

/// Everything that users did to one schedule, with the time of each commit.
struct ScheduleModel {
  TenantId tenant;
  ScheduleId id;
  WorkflowId workflow;
  std::string name;
  Duration jitter{0};
  bool overlap_allowed = false;
  std::optional<std::int64_t> max_runs;
  std::optional<Instant> end_at;
  std::vector<std::pair<Instant, SimTiming>> timings;        ///< in force from then on
  std::vector<std::pair<Instant, std::string>> payloads;
  std::vector<std::pair<Instant, std::int64_t>> bindings;
  struct Span {
    Instant from;
    std::optional<Instant> to;  ///< not included
    bool contains(Instant t) const { return from <= t && (!to || t < *to); }
  };
  std::vector<Span> paused, invalid;
  std::optional<Instant> deleted;
  /// Settled by hand on resume (run_now or expire), so neither grace nor the order of holds bind it.
  std::optional<Instant> settled_by_hand;

  static bool open(const std::vector<Span>& spans, Instant t) { return !spans.empty() && spans.back().contains(t); }
  static void close(std::vector<Span>& spans, Instant t) {
    if (open(spans, t)) spans.back().to = t;
  }
  /// What happened to it, for people.
  std::string history() const;
  bool held_at(Instant t) const;
  bool held_within(Instant from, Instant to) const;
};

/// Compares what the database says happened with what had to happen. One line for each thing that is wrong.
std::vector<std::string> find_violations(const memory::MemoryWorld& world, const std::vector<ScheduleModel>& models);

}  // namespace carillon::simulation
