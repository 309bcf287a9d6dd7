#pragma once
#include <gtest/gtest.h>

#include <algorithm>

#include "plugins/schedules/decide.h"

namespace carillon::schedules::rules {

using namespace std::chrono_literals;

/// A moment of 2 March 2026 (a Monday, UTC), "10:05" or "10:05:30".
inline Instant hm(const std::string& text) {
  return parse_instant("2026-03-02T" + text + (text.size() == 5 ? ":00Z" : "Z")).value();
}
/// The inverse, with the day of the month in front where it is another.
inline std::string told(Instant t) {
  std::string text = format_instant(t);
  std::string out = text.substr(11, text.size() - 12);
  if (out.size() == 8 && out.ends_with(":00")) out.resize(5);
  return text.starts_with("2026-03-02") ? out : text.substr(8, 2) + "T" + out;
}
inline std::string told(std::optional<Instant> t) { return t ? told(*t) : "-"; }

inline ScheduleId schedule_number(int n) {
  ScheduleId id;
  id.value.bytes[6] = 0x70;
  id.value.bytes[15] = static_cast<std::uint8_t>(n);
  return id;
}

inline std::string told(const Fire& f) {
  std::string out = std::string(to_string(f.verdict)) + " " + told(f.due_at);
  if (f.count > 1) out += ".." + told(f.last_due_at.value()) + " x" + std::to_string(f.count);
  return out;
}
inline std::string told(const Waiting& w) { return w.reason + " " + told(w.due_at); }
template <class List>
std::string told_all(const List& list) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : ", ") + told(item);
  return out;
}

/// "started 10:00, missed 09:00 | wait: … | over: … | cancel | next 11:00"
inline std::string told(const Decision& d) {
  std::string out = told_all(d.fires);
  if (!d.waiting.empty()) out += " | wait: " + told_all(d.waiting);
  if (!d.ended_waiting.empty()) out += " | over: " + told_all(d.ended_waiting);
  if (d.cancel_others) out += " | cancel";
  if (d.holds)
    for (const auto& [kind, _] : *d.holds) out += " | hold " + std::string(to_string(kind));
  if (d.holds && d.holds->empty()) out += " | no hold";
  if (d.alert) out += " | alert " + d.alert->code;
  out += " | next " + told(d.next_due_at);
  if (d.next_due_at && !d.next_planned_at) out += " parked";
  return out.starts_with(" | ") ? out.substr(3) : out;
}

inline std::string told(const Drain& d) {
  std::string out = told_all(d.fires);
  if (d.cancel_others) out += " | cancel";
  if (d.terminate_others) out += " | terminate";
  out += " | look " + told(d.look_again);
  return out.starts_with(" | ") ? out.substr(3) : out;
}

/// What surrounds one decision. Hourly from midnight, due at 10:00 and decided a moment later, unless told otherwise.
struct Situation {
  Situation() {
    s.id = schedule_number(1);
    s.name = "S";
    s.timing = Interval{3600s, hm("00:00")};
    s.settled_until = s.created_at = hm("00:30");
  }
  Schedule s;
  RoomView room;
  bool running = false;
  std::int64_t started = 0, failures = 0;
  Instant due = hm("10:00"), now = hm("10:00:01");
  std::optional<Instant> planned;
  FirePolicy policy;
  std::vector<Maintenance> maintenance;
  bool park = true;

  Recurrence recurrence() const {
    static const ZoneDatabase zones;
    auto compiled = compile(s.timing, s.bounds, zones);
    if (!compiled) throw std::runtime_error(compiled.error().message);
    return *compiled;
  }
  /// As the stores answer: the room counts only where it is asked for.
  void busy(int runs = 1) {
    running = true;
    room.running = runs;
  }
  void waits(const std::string& time, const std::string& reason = "scheduled") {
    room.waiting.push_back({s.tenant, s.id, hm(time), hm(time), reason, hm(time), scope_of(s), s.revision});
    std::ranges::sort(room.waiting, {}, &Waiting::due_at);
  }
  FireView view() const { return {s, started, running, failures}; }
  Decision decide() {
    const FireView v = view();
    return schedules::decide(v, room, recurrence(), {due, planned.value_or(due)}, {now, policy, maintenance, park});
  }
  Drain drain(bool held = false) {
    const FireView v = view();
    return schedules::drain(v, room, now, held);
  }
};

struct Row {
  const char* name;
  std::function<void(Situation&)> set;
  const char* expected;
};

inline void check_decisions(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    Situation at;
    row.set(at);
    EXPECT_EQ(told(at.decide()), row.expected) << row.name;
  }
}
inline void check_drains(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    Situation at;
    row.set(at);
    EXPECT_EQ(told(at.drain()), row.expected) << row.name;
  }
}

}  // namespace carillon::schedules::rules
