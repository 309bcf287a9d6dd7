#include "plugins/schedules/publish_verdict.h"

#include <algorithm>
#include <array>

#include "plugins/schedules/words.h"

namespace carillon::schedules {
namespace {

constexpr std::array<std::string_view, 5> kPublishVerdicts = {"invalid", "revived", "still_invalid", "rebound", "left"};

}  // namespace

std::string_view to_string(PublishVerdict verdict) { return kPublishVerdicts[static_cast<std::size_t>(verdict)]; }

std::optional<PublishVerdict> parse_publish_verdict(std::string_view text) {
  const auto it = std::ranges::find(kPublishVerdicts, text);
  if (it == kPublishVerdicts.end()) return std::nullopt;
  return static_cast<PublishVerdict>(it - kPublishVerdicts.begin());
}

Json to_json(const VerdictLine& line) {
  Json out{{"id", line.id.to_string()},
           {"name", line.name},
           {"previous_status", to_string(line.before)},
           {"status", to_string(line.after)},
           {"verdict", to_string(line.verdict)},
           {"reason", line.misfit ? line.misfit->message : ""},
           {"violations", line.misfit ? carillon::to_json(line.misfit->violations) : Json::array()},
           {"payload_changed", line.payload_changed},
           {"next_due_at", line.next_due_at ? Json(format_instant(*line.next_due_at)) : Json(nullptr)}};
  if (line.misfit) add_code(out, "reason", words_of(*line.misfit));
  return out;
}

Json counts_of(const std::vector<VerdictLine>& lines) {
  std::array<std::int64_t, kPublishVerdicts.size()> counts{};
  for (const auto& line : lines) ++counts[static_cast<std::size_t>(line.verdict)];
  Json out = Json::object();
  for (std::size_t n = 0; n < counts.size(); ++n) out[std::string(kPublishVerdicts[n])] = counts[n];
  return out;
}

void sort_for_answer(std::vector<VerdictLine>& lines) {
  std::ranges::sort(lines, {}, [](const VerdictLine& line) { return std::tuple(line.verdict, !line.payload_changed, line.id); });
}

Result<std::size_t> line_of_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::size_t{0};
  if (cursor.size() <= 9 && cursor.find_first_not_of("0123456789") == std::string::npos) return static_cast<std::size_t>(std::stoul(cursor));
  return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor", shorten(cursor),
               "Start again without a cursor.", {}};
}

}  // namespace carillon::schedules
