#pragma once
#include <memory>

#include "plugins/schedules/actions.h"

namespace carillon::schedules {

/// The schedules plugin: when a workflow runs, and with which data.
std::unique_ptr<Plugin> make_plugin(const Ports& ports);

}  // namespace carillon::schedules
