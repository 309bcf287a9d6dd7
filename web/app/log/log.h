#pragma once
#include <memory>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/log.h"

namespace carillon {

enum class LogFormat { automatic, json, pretty };

struct LogOptions {
  LogFormat format = LogFormat::automatic;  ///< automatic: pretty when the descriptor is a terminal
  LogLevel level = LogLevel::info;          ///< less important lines are dropped
  int descriptor = 2;                       ///< where lines go
};

/// The hub's logger. A line is one JSON object: {"ts":"2026-11-21T04:30:00.123Z","level":"info","event":"…", fields…},
/// or a coloured line for people. Lines are handed to a thread of their own: when the reader of the descriptor is
/// stuck, the oldest waiting lines are dropped (and counted in a "log lines dropped" line) rather than anybody waiting.
/// Everything accepted is written before the destructor returns. Thread-safe.
std::unique_ptr<Logger> make_logger(const LogOptions& options, const Clock& clock);

/// "auto", "json", "pretty" and "debug", "info", "warn", "error", as the settings have them.
LogFormat log_format_of(std::string_view name);
LogLevel log_level_of(std::string_view name);

}  // namespace carillon
