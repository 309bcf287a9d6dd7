#include <algorithm>

#include "plugins/schedules/decide.h"

namespace carillon::schedules {
namespace {

/// The soonest and the latest that somebody who waits is looked after again, should nobody say that there is room.
constexpr Duration kLookSoonest{1'000'000}, kLookLatest{30'000'000};

enum class Next { start, wait, skip };

Next next_of(const Schedule& s, const Waiting& w, const RoomView& room, Instant now, Drain& out) {
  const bool busy = room.running > 0;
  switch (s.overlap) {
    case OverlapPolicy::allow: return s.room.limit == 0 || room.running < s.room.limit ? Next::start : Next::wait;
    case OverlapPolicy::skip: return busy ? Next::skip : Next::start;
    case OverlapPolicy::buffer_one:
    case OverlapPolicy::buffer_all: return busy ? Next::wait : Next::start;
    case OverlapPolicy::cancel_other:
      // What is caught up waits for its turn; only what is live pushes others out.
      if (busy && w.reason == "scheduled") {
        out.cancel_others = true;
        out.terminate_others = now - w.since >= s.room.deadline;
      }
      return busy ? Next::wait : Next::start;
  }
  return Next::wait;
}

Instant newest_caught_up(const RoomView& room) {
  Instant out = room.waiting.front().due_at;
  for (const Waiting& w : room.waiting)
    if (w.reason == "catchup") out = std::max(out, w.due_at);
  return out;
}

Instant look_again(const Schedule& s, const Waiting& oldest, bool cancelling, Instant now) {
  Duration pause = std::clamp(now - oldest.since, kLookSoonest, kLookLatest);
  if (cancelling) pause = std::min(pause, std::max(oldest.since + s.room.deadline - now, Duration{100'000}));
  return now + pause;
}

}  // namespace

Drain drain(const FireView& view, RoomView& room, Instant now, bool catch_up_held) {
  Drain out;
  const Schedule& s = view.schedule;
  // Live ones first, then what is caught up; each oldest first.
  std::ranges::sort(room.waiting, {}, [](const Waiting& w) { return std::pair(w.reason != "scheduled", w.due_at); });
  std::size_t done = 0;
  std::int64_t started = view.started, to_catch_up = std::ranges::count(room.waiting, "catchup", &Waiting::reason);
  bool more_now = false;
  for (const Waiting& w : room.waiting) {
    const bool catch_up = w.reason == "catchup";
    if (catch_up && catch_up_held) break;
    // More may wait than may start: others were sooner, or an edit has lowered the number.
    const bool too_many = s.max_runs && started >= *s.max_runs;
    // Of what is caught up the newest have what is left.
    const bool gives_way = catch_up && s.max_runs && to_catch_up > *s.max_runs - started;
    const Next next = too_many || gives_way ? Next::skip : next_of(s, w, room, now, out);
    if (next == Next::wait) break;
    if (out.fires.size() == kDrainAtOnce) {
      more_now = true;
      break;
    }
    ++done;
    to_catch_up -= catch_up;
    if (too_many) {
      out.fires.push_back(give_up(w, now, Verdict::superseded, say(Phrase::runs_used_up, {{"count", started}})));
    } else if (gives_way) {
      out.fires.push_back(give_up(w, now, Verdict::superseded, say(Phrase::newer_waits, {{"due_at", format_instant(newest_caught_up(room))}})));
    } else if (next == Next::skip) {
      out.fires.push_back(give_up(w, now, Verdict::skipped_overlap, say(Phrase::overlap_skip_at_turn)));
    } else {
      const std::int64_t waited = whole_ms(now - w.planned_at);
      out.fires.push_back(give_up(w, now, Verdict::started,
                                          catch_up ? say(Phrase::caught_up, {{"late_ms", waited}}) : say(Phrase::waited_for_room, {{"waited_ms", waited}})));
      ++room.running;
      ++started;
    }
    // What was decided at its turn was decided under what is set now.
    if (!too_many && !gives_way) out.fires.back().schedule_revision = s.revision;
    out.reasons.push_back(w.reason);
    out.ended_waiting.push_back(w);
  }
  room.waiting.erase(room.waiting.begin(), room.waiting.begin() + static_cast<std::ptrdiff_t>(done));
  if (room.waiting.empty()) return out;
  out.look_again = more_now ? now : look_again(s, room.waiting.front(), out.cancel_others, now);
  return out;
}

}  // namespace carillon::schedules
