#pragma once
#include <filesystem>
#include <string>

#include "engine/base/result.h"
#include "persistence/embedded/child.h"

namespace carillon::embedded {

/// Where everything of one embedded database is, and who it belongs to.
struct Layout {
  std::filesystem::path root;        ///< absolute
  std::filesystem::path data;        ///< real path of the data directory, also when it does not exist yet
  std::filesystem::path socket_dir;  ///< 0700, short enough for a socket address
  std::filesystem::path log_file;
  Account account;
};

struct LayoutRequest {
  std::filesystem::path root;
  std::string run_as;
  std::filesystem::path relocation_base;
};

/// Longest path of a unix socket that can be bound (sockaddr_un holds 108 bytes with the closing NUL).
inline constexpr std::size_t kLongestSocketPath = 107;

/// A lock on a folder that ends with its holder, whatever kills it.
class FolderLock {
 public:
  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept { std::swap(fd_, other.fd_); }
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock();
  /// Fails with PG_IN_USE, naming the process that has it.
  static Result<FolderLock> take(const std::filesystem::path& folder);

 private:
  int fd_ = -1;
};

/// Makes the root folder and says who postgres will run as: ourselves, or, when we are root, the owner of existing
/// data, else `run_as`. Fails with PG_ACCOUNT_MISSING or PG_FOREIGN_FILES.
Result<Account> choose_account(const LayoutRequest& request);

/// Decides where data and socket go and makes their folders. The lock on the root has to be held.
/// When we are root and the account may not pass the root's parents, data and socket live below relocation_base and
/// `root/data` is a link to there.
Result<Layout> make_layout(const LayoutRequest& request, Account account);

/// Whether the account may pass every parent of the path (by mode bits).
bool parents_passable(const std::filesystem::path& path, const Account& account);

/// Hands a file or folder to the account (nothing to do when we are the account).
void give_to(const std::filesystem::path& path, const Account& account);

/// Hands a file we made as root to the owner of its folder, so that a clone stays its user's.
void match_owner(const std::filesystem::path& path);

/// A folder of the account, 0700.
Status make_private_folder(const std::filesystem::path& path, const Account& account);

/// The shape of every error of this folder.
Error pg_error(ErrorCode code, std::string reason, std::string message, std::string remedy,
               const std::filesystem::path& value = {});

}  // namespace carillon::embedded
