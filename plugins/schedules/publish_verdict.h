#pragma once
#include "engine/base/json.h"
#include "plugins/schedules/publish_check.h"

namespace carillon::schedules {

/// What a publish made of a schedule.
///   invalid        no longer fits: held, and as it was
///   revived        fits again
///   rebound        fits, as before
///   still_invalid  did not fit and does not
///   left           completed or expired: not looked at
/// In the order in which answers list them.
enum class PublishVerdict { invalid, revived, still_invalid, rebound, left };
std::string_view to_string(PublishVerdict verdict);
std::optional<PublishVerdict> parse_publish_verdict(std::string_view text);

struct VerdictLine {
  ScheduleId id;
  std::string name;
  PublishVerdict verdict = PublishVerdict::rebound;
  Status before = Status::active, after = Status::active;
  Misfit misfit;
  bool payload_changed = false;
  std::optional<Instant> next_due_at;
  bool fits_with_defaults = false;
};
/// ScheduleVerdict of the API description.
Json to_json(const VerdictLine& line);
/// {"rebound": n, …}
Json counts_of(const std::vector<VerdictLine>& lines);
/// Those whose state changed first, then those whose payload changed; by id otherwise.
void sort_for_answer(std::vector<VerdictLine>& lines);

/// Ordinal of the line that a page starts with; malformed BAD_CURSOR.
Result<std::size_t> line_of_cursor(const std::string& cursor);

inline constexpr std::size_t kLinesOfPage = 500;  ///< in which verdicts are kept with the version
inline constexpr std::size_t kAnswerLines = 1000;  ///< what an answer lists at most; the rest is read in pages

}  // namespace carillon::schedules
