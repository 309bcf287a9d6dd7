#pragma once
#include "web/app/hub/hub.h"

namespace carillon {

inline constexpr const char* kSampleSlug = "acme";
inline constexpr const char* kSampleEmail = "admin@acme.example";
inline constexpr const char* kSamplePassword = "carillon";

/// Makes the sample tenant unless it is there: three workflows, eight schedules, one of them invalid after a publish, one
/// in the next clock-change night of Berlin. Everything through server actions, as a client would.
Status load_sample(Hub& hub, const Clock& clock);

}  // namespace carillon
