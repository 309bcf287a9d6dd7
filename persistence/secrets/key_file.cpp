#include "persistence/secrets/key_file.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace carillon {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kHexDigits = "0123456789abcdef";

Error key_file_error(const std::filesystem::path& path, const std::string& what, const std::string& remedy) {
  return Error{ErrorCode::internal, "SECRET_KEY_FILE", "The key file " + path.string() + " " + what + ".", "secrets.key_file", path.string(), remedy, {}};
}

std::string hex_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += kHexDigits[static_cast<unsigned char>(c) >> 4];
    out += kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

/// The bytes of lower-case hex digits; "" for anything else.
std::string hex_bytes(std::string_view text) {
  std::string out;
  if (text.size() % 2 != 0) return out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = kHexDigits.find(text[i]), low = kHexDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return "";
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string random_bytes(std::size_t n) {
  std::string out(n, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(n)) != 1) throw std::runtime_error("no random bytes");
  return out;
}

MasterKey fresh_key() { return {"k" + hex_text(random_bytes(4)), random_bytes(kKeyBytes)}; }

/// Writes all of `text` to a new file that only its owner may read; false when it cannot.
bool write_new(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool good = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  return ::close(file) == 0 && good;
}

}  // namespace

Result<std::vector<MasterKey>> KeyFile::read() {
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return key_file_error(path_, std::string("cannot be read: ") + std::strerror(errno), "Start the hub once, or name the file that its secrets were sealed with.");
  struct stat info {};
  ::fstat(file, &info);
  std::string text(static_cast<std::size_t>(std::max<off_t>(info.st_size, 0)), '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  ::close(file);
  if ((info.st_mode & 077) != 0)
    return key_file_error(path_, "may be read by others than its owner", "Run chmod 600 on it, and rotate the key if somebody may have read it.");
  if (got != static_cast<ssize_t>(text.size())) return key_file_error(path_, "cannot be read whole", "Try again.");
  if (text == seen_ && !keys_.empty()) return keys_;
  std::vector<MasterKey> keys;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty() || line[0] == '#') continue;
    const auto blank = line.find(' ');
    MasterKey key{line.substr(0, blank), blank == std::string::npos ? "" : hex_bytes(line.substr(blank + 1))};
    if (key.bytes.size() != kKeyBytes)
      return key_file_error(path_, "has a line that is no key", "Each line is an id, a blank and 64 hex digits; take the file from a backup.");
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return key_file_error(path_, "holds no key", "Take it from a backup, or remove it when there are no secrets yet.");
  keys_ = keys;
  seen_ = std::move(text);
  return keys;
}

Status KeyFile::write(const std::vector<MasterKey>& keys, bool only_if_absent) {
  std::string text = "# Keys of the secrets in the database; the last one is in use. Keep a copy in a safe place: without it they are lost.\n";
  for (const auto& key : keys) text += key.id + " " + hex_text(key.bytes) + "\n";
  const std::string fresh = path_.string() + "." + hex_text(random_bytes(4)) + ".new";
  std::error_code ignored;
  if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), ignored);
  if (!write_new(fresh, text)) {
    std::filesystem::remove(fresh, ignored);
    return key_file_error(path_, "cannot be written", "Make its folder writable, or set secrets.key_file.");
  }
  // A link is refused where another process was quicker; its file is as good.
  const bool placed = only_if_absent ? ::link(fresh.c_str(), path_.c_str()) == 0 || errno == EEXIST : ::rename(fresh.c_str(), path_.c_str()) == 0;
  std::filesystem::remove(fresh, ignored);
  return placed ? ok() : Status(key_file_error(path_, "cannot be written", "Make its folder writable, or set secrets.key_file."));
}

Status KeyFile::prepare() {
  std::lock_guard lock(mutex_);
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) CARILLON_CHECK(write({fresh_key()}, true));
  CARILLON_CHECK(read());
  return ok();
}

Result<MasterKey> KeyFile::current() {
  std::lock_guard lock(mutex_);
  CARILLON_TRY(const auto keys, read());
  return keys.back();
}

Result<MasterKey> KeyFile::find(const std::string& id) {
  std::lock_guard lock(mutex_);
  for (const auto& key : keys_)
    if (key.id == id) return key;
  CARILLON_TRY(const auto keys, read());
  for (const auto& key : keys)
    if (key.id == id) return key;
  return Error{ErrorCode::internal, "SECRET_KEY_UNKNOWN", "The key file has no key " + id + ".", "secrets.key_file", id,
               "Use the key file that the secret was sealed with, or put the secret again.", {}};
}

Result<MasterKey> KeyFile::rotate(const std::vector<std::string>& needed) {
  std::lock_guard lock(mutex_);
  CARILLON_TRY(auto keys, read());
  // The one in use until now stays: another process may be sealing with it this very moment.
  const std::string last = keys.back().id;
  std::erase_if(keys, [&](const MasterKey& key) { return key.id != last && std::ranges::find(needed, key.id) == needed.end(); });
  keys.push_back(fresh_key());
  CARILLON_CHECK(write(keys, false));
  return keys.back();
}

}  // namespace carillon
