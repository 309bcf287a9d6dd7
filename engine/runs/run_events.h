#pragma once
#include "engine/events/event.h"
#include "engine/runs/run.h"

namespace carillon {

/// The change-stream entry of a new run.
Event created_event(const NewRun& run);
/// The change-stream entry of a run that went on or ended.
Event progress_event(const RunProgress& progress);

}  // namespace carillon
