#pragma once
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace carillon {

/// One key of the hub, 32 bytes.
struct MasterKey {
  std::string id;
  std::string bytes;
};

/// The hub's keys: a text file with a line "<id> <64 hex digits>" each, the last one is the current one. Only its owner
/// may read it. Several processes may use one file: what another one has added is seen at the next use. Thread-safe.
class KeyFile {
 public:
  explicit KeyFile(std::filesystem::path path) : path_(std::move(path)) {}
  /// Makes a file with one key where there is none. internal SECRET_KEY_FILE: not readable, not well-formed, readable by
  /// others.
  Status prepare();
  Result<MasterKey> current();
  /// internal SECRET_KEY_UNKNOWN when the file has no such key.
  Result<MasterKey> find(const std::string& id);
  /// Adds a key, which becomes the current one, and leaves out those that `needed` says no to.
  Result<MasterKey> rotate(const std::vector<std::string>& needed);
  const std::filesystem::path& path() const { return path_; }

 private:
  Result<std::vector<MasterKey>> read();
  Status write(const std::vector<MasterKey>& keys, bool only_if_absent);
  std::filesystem::path path_;
  std::mutex mutex_;
  std::string seen_;  ///< what the file was when `keys_` were read
  std::vector<MasterKey> keys_;
};

}  // namespace carillon
