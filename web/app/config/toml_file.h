#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace carillon {

/// One value as a configuration file has it, not yet understood.
struct RawSetting {
  std::string key;                 ///< dotted, "planner.batch"
  std::vector<std::string> items;  ///< one text, or the entries of a list
  bool is_list = false;
  bool is_table_or_date = false;  ///< nothing a setting can be
  std::string source;             ///< "carillon.toml:12"
};

/// Reads a TOML 1.0 file. Fails with CONFIG_FILE (cannot be read) or CONFIG_FORMAT (line and column are in the
/// message).
Result<std::vector<RawSetting>> read_toml_file(const std::filesystem::path& file);

}  // namespace carillon
