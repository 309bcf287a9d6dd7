#include "persistence/embedded/layout.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "engine/base/ids.h"

namespace carillon::embedded {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSocketName = "/.s.PGSQL.5432";

std::string user_name(uid_t uid) {
  const passwd* entry = ::getpwuid(uid);
  return entry != nullptr ? entry->pw_name : "with id " + std::to_string(uid);
}

bool fits_socket(const fs::path& folder) {
  return folder.native().size() + kSocketName.size() <= kLongestSocketPath;
}

Error foreign_files(const fs::path& path, uid_t owner) {
  const std::string us = user_name(::geteuid());
  return pg_error(
      ErrorCode::conflict, "PG_FOREIGN_FILES",
      path.string() + " belongs to user " + user_name(owner) + " and we are " + us,
      "Start as the user who started before (root, if it was root), or hand the files over: sudo chown -R " + us +
          " '" + path.string() + "'.",
      path);
}

Error unusable_folder(const fs::path& path, int reason) {
  return pg_error(ErrorCode::conflict, "PG_FOREIGN_FILES",
                  "The folder of the embedded database cannot be used: " + std::string(std::strerror(reason)),
                  "Name a folder that user " + user_name(::geteuid()) + " may write as `home`, or change its owner.",
                  path);
}

/// The closest existing folder at or above the path.
fs::path existing_parent(fs::path path) {
  while (!fs::exists(path) && path.has_relative_path()) path = path.parent_path();
  return path;
}

/// A folder that stays ours: the account may pass through it, and change nothing in it. So as root we never follow
/// anything that the account could have put there.
Status make_own_folder(const fs::path& path, const Account& account) {
  std::error_code problem;
  if (fs::is_directory(path, problem)) return ok();
  fs::create_directories(path, problem);
  if (problem) return unusable_folder(path, problem.value());
  if (::chmod(path.c_str(), account.change ? 0711 : 0700) != 0) return unusable_folder(path, errno);
  return ok();
}

/// A folder that is the account's, and that nobody else can have prepared for us.
bool is_private(const fs::path& path, const Account& account) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == account.uid &&
         (info.st_mode & 077) == 0;
}

/// A socket folder with a short name, remembered in the root so that a next start uses it again.
Result<fs::path> short_socket_dir(const fs::path& root, const Account& account) {
  const fs::path note = root / "socket_dir";
  std::string known;
  if (std::ifstream in(note); std::getline(in, known) && fits_socket(known) && is_private(known, account))
    return fs::path(known);
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  fs::path base = fs::temp_directory_path();
  if (!account.change && runtime != nullptr && is_private(runtime, account)) base = runtime;
  if (!fits_socket(base / "carillon-XXXXXX")) base = P_tmpdir;
  std::string name = (base / "carillon-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return unusable_folder(base, errno);
  give_to(name, account);
  std::ofstream(note, std::ios::trunc) << name << '\n';
  match_owner(note);
  return fs::path(name);
}

Result<fs::path> choose_data(const LayoutRequest& request, const fs::path& root, const Account& account) {
  const fs::path data = root / "data";
  std::error_code none;
  if (fs::is_symlink(data, none)) {
    const fs::path target = fs::read_symlink(data);
    CARILLON_CHECK(make_own_folder(target.parent_path(), account));
    return target;
  }
  if (!account.change || fs::exists(data, none) || parents_passable(data, account)) return data;
  CARILLON_CHECK(make_own_folder(request.relocation_base, account));
  char name[32];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(fnv1a(root.native())));
  const fs::path place = request.relocation_base / name;
  CARILLON_CHECK(make_own_folder(place, account));
  if (!parents_passable(place / "data", account)) return unusable_folder(place, EACCES);
  fs::create_directory_symlink(place / "data", data, none);
  if (none) return unusable_folder(data, none.value());
  return place / "data";
}

}  // namespace

Error pg_error(ErrorCode code, std::string reason, std::string message, std::string remedy, const fs::path& value) {
  return {.code = code,
          .reason = std::move(reason),
          .message = std::move(message),
          .field = {},
          .value = value.string(),
          .remedy = std::move(remedy),
          .violations = {}};
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FolderLock> FolderLock::take(const fs::path& folder) {
  const fs::path file = folder / "lock";
  FolderLock lock;
  lock.fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock.fd_ < 0) return unusable_folder(file, errno);
  match_owner(file);
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const auto length = ::pread(lock.fd_, holder, sizeof holder - 1, 0);
    const std::string who = length > 0 ? "process " + std::to_string(std::atol(holder)) : "another process";
    return pg_error(ErrorCode::conflict, "PG_IN_USE",
                    "The embedded database in " + folder.string() + " is already used by " + who,
                    "Stop that hub first, or give this one a folder of its own (setting `home`).", folder);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.fd_, 0) != 0 || ::pwrite(lock.fd_, pid.data(), pid.size(), 0) < 0)
    return unusable_folder(file, errno);
  return lock;
}

bool parents_passable(const fs::path& path, const Account& account) {
  const fs::path full = existing_parent(fs::absolute(path).parent_path());
  for (fs::path at = fs::canonical(full);; at = at.parent_path()) {
    struct stat info{};
    if (::stat(at.c_str(), &info) != 0) return false;
    const mode_t needed = info.st_uid == account.uid ? S_IXUSR : info.st_gid == account.gid ? S_IXGRP : S_IXOTH;
    if ((info.st_mode & needed) == 0) return false;
    if (!at.has_relative_path()) return true;
  }
}

void give_to(const fs::path& path, const Account& account) {
  if (account.change) [[maybe_unused]]
    const int unchanged = ::lchown(path.c_str(), account.uid, account.gid);
}

void match_owner(const fs::path& path) {
  struct stat folder{};
  if (::geteuid() == 0 && ::stat(path.parent_path().c_str(), &folder) == 0) [[maybe_unused]]
    const int unchanged = ::lchown(path.c_str(), folder.st_uid, folder.st_gid);
}

Status make_private_folder(const fs::path& path, const Account& account) {
  if (is_private(path, account)) return ok();
  std::error_code problem;
  fs::create_directory(path, problem);
  if (problem) return unusable_folder(path, problem.value());
  give_to(path, account);
  if (::chmod(path.c_str(), 0700) != 0) return unusable_folder(path, errno);
  return ok();
}

Result<Account> choose_account(const LayoutRequest& request) {
  const fs::path root = fs::absolute(request.root);
  const uid_t us = ::geteuid();
  CARILLON_CHECK(make_own_folder(root, Account{us, ::getegid(), {}, us == 0}));
  struct stat info{};
  const bool has_data = ::stat((root / "data").c_str(), &info) == 0;
  if (us != 0) {
    if (has_data && info.st_uid != us) return foreign_files(root, info.st_uid);
    if (::access(root.c_str(), R_OK | W_OK | X_OK) != 0) {
      if (::stat(root.c_str(), &info) == 0 && info.st_uid != us) return foreign_files(root, info.st_uid);
      return unusable_folder(root, EACCES);
    }
    return Account{us, ::getegid(), user_name(us), false};
  }
  if (has_data && info.st_uid != 0) return Account{info.st_uid, info.st_gid, user_name(info.st_uid), true};
  const passwd* entry = ::getpwnam(request.run_as.c_str());
  if (entry == nullptr || entry->pw_uid == 0)
    return pg_error(ErrorCode::internal, "PG_ACCOUNT_MISSING",
                    "PostgreSQL refuses to run as root and there is no user " + request.run_as,
                    "Install the package postgresql-15, which makes that user, or start as a normal user.",
                    request.run_as);
  return Account{entry->pw_uid, entry->pw_gid, entry->pw_name, true};
}

Result<Layout> make_layout(const LayoutRequest& request, Account account) {
  Layout layout;
  layout.root = fs::absolute(request.root).lexically_normal();
  CARILLON_TRY(layout.data, choose_data(request, layout.root, account));
  layout.log_file = layout.root / "postgres.log";
  layout.socket_dir = layout.data.parent_path() / "socket";
  if (fits_socket(layout.socket_dir)) {
    CARILLON_CHECK(make_private_folder(layout.socket_dir, account));
  } else {
    CARILLON_TRY(layout.socket_dir, short_socket_dir(layout.root, account));
  }
  layout.account = std::move(account);
  return layout;
}

}  // namespace carillon::embedded
