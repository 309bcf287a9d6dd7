#include "persistence/embedded/cluster.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <deque>
#include <fstream>
#include <optional>

namespace carillon::embedded {
namespace fs = std::filesystem;
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kDebianRoot = "/usr/lib/postgresql";
constexpr int kPreferredMajor = 15;
constexpr std::uintmax_t kLogLimit = 8U << 20;

bool has_programs(const fs::path& bin) {
  return ::access((bin / "initdb").c_str(), X_OK) == 0 && ::access((bin / "postgres").c_str(), X_OK) == 0;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> data_major(const fs::path& data) {
  std::ifstream in(data / "PG_VERSION");
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return whole_number(line);
}

fs::path debian_bin(int major) {
  return fs::path(kDebianRoot) / std::to_string(major) / "bin";
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

pid_t recorded_postmaster(const fs::path& data) {
  const auto lines = lines_of(data / "postmaster.pid");
  return lines.empty() ? 0 : whole_number(lines[0]).value_or(0);
}

fs::path link_target(const fs::path& link) {
  std::error_code none;
  return fs::read_symlink(link, none);
}

/// Every running postgres process whose working directory is the data directory. Zombies have no working directory.
std::vector<pid_t> processes_on(const fs::path& data) {
  std::vector<pid_t> found;
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return found;
  while (const dirent* entry = ::readdir(proc)) {
    const auto pid = whole_number(entry->d_name);
    if (!pid) continue;
    const fs::path process = fs::path("/proc") / entry->d_name;
    if (link_target(process / "cwd") != data) continue;
    const std::string program = link_target(process / "exe").filename();
    if (program.starts_with("postgres")) found.push_back(*pid);
  }
  ::closedir(proc);
  return found;
}

Error stopped_meanwhile() {
  return pg_error(ErrorCode::unavailable, "PG_STOPPED", "The embedded database was stopped while it started",
                  "Start again.");
}

/// Waits until nobody works on the data any more. False when the limit passed.
Result<bool> wait_for_nobody(const fs::path& data, const Surroundings& around, Duration limit) {
  const Duration until = around.clock.steady() + limit;
  while (!processes_on(data).empty()) {
    if (around.clock.steady() >= until) return false;
    if (wait_for_wake(around.wake_fd, milliseconds(20))) return stopped_meanwhile();
  }
  return true;
}

void signal_leftovers(const fs::path& data, int number) {
  const pid_t postmaster = recorded_postmaster(data);
  const auto all = processes_on(data);
  const bool has_postmaster = std::find(all.begin(), all.end(), postmaster) != all.end();
  for (const pid_t pid : all)
    if (!has_postmaster || pid == postmaster) ::kill(pid, number);
}

void sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

std::vector<std::string> program_environment() {
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC"};
}

Result<fs::path> find_binaries(const fs::path& named, const Layout& layout, Logger& log) {
  const auto major = data_major(layout.data);
  if (!named.empty()) {
    if (has_programs(named)) return named;
    return pg_error(ErrorCode::internal, "PG_BINARIES_MISSING", "There is no initdb and postgres in the folder named",
                    "Name the folder that holds them, or none to have it found.", named);
  }
  if (major) {
    if (has_programs(debian_bin(*major))) return debian_bin(*major);
    return pg_error(ErrorCode::internal, "PG_VERSION_MISSING",
                    "The data was made by PostgreSQL " + std::to_string(*major) + ", which is not installed",
                    "Install postgresql-" + std::to_string(*major) + ", or move the data with pg_upgrade.",
                    layout.data);
  }
  if (has_programs(debian_bin(kPreferredMajor))) return debian_bin(kPreferredMajor);
  int newest = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(kDebianRoot, none)) {
    const int found = whole_number(entry.path().filename().native()).value_or(0);
    if (found > newest && found >= kPreferredMajor && has_programs(entry.path() / "bin")) newest = found;
  }
  if (newest > 0) {
    log.warn("postgres 15 is not installed, a newer one is used", {{"version", newest}});
    return debian_bin(newest);
  }
  return pg_error(ErrorCode::internal, "PG_BINARIES_MISSING", "PostgreSQL is not installed",
                  "Install the package postgresql-15, or set `database_url` to a server that runs elsewhere.",
                  kDebianRoot);
}

Status make_cluster(const Layout& layout, const fs::path& bin_dir, const std::string& superuser,
                    const Surroundings& around) {
  std::error_code problem;
  const fs::path unfinished = layout.data.native() + ".new";
  // The helper of a killed initdb ends by itself, a moment later.
  CARILLON_TRY([[maybe_unused]] const bool quiet,
               wait_for_nobody(fs::weakly_canonical(unfinished), around, seconds(5)));
  fs::remove_all(unfinished, problem);
  if (data_major(layout.data)) return ok();
  // A folder without PG_VERSION never was a database; if it holds anything it is not ours to remove.
  if (fs::exists(layout.data, problem) && !fs::remove(layout.data, problem))
    return pg_error(ErrorCode::conflict, "PG_FOREIGN_FILES", "The data folder holds files that are not a database",
                    "Move them away.", layout.data);
  around.log.info("embedded database is made", {{"folder", layout.data.string()}, {"user", layout.account.name}});
  CARILLON_CHECK(make_private_folder(unfinished, layout.account));
  const int log_fd = open_log(layout);
  auto child = spawn({.argv = {(bin_dir / "initdb").string(), "-D", unfinished.string(), "-U", superuser, "-E", "UTF8",
                               "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject", "--no-instructions"},
                      .environment = program_environment(),
                      .account = layout.account,
                      .output_fd = log_fd,
                      .death_signal = SIGKILL});
  if (log_fd >= 0) ::close(log_fd);
  if (!child) return std::move(child).error();
  const auto event = child->wait(around.wake_fd, seconds(300));
  if (event == Child::Event::woken) return stopped_meanwhile();
  if (event == Child::Event::timed_out || !child->succeeded())
    return pg_error(ErrorCode::internal, "PG_INIT_FAILED",
                    "initdb ended with " + (child->running() ? "no result in 300 s" : child->status()) + ":\n" +
                        tail_of(layout.log_file),
                    "See " + layout.log_file.string() + "; the next start tries again.", layout.data);
  fs::rename(unfinished, layout.data, problem);
  if (problem)
    return pg_error(ErrorCode::internal, "PG_INIT_FAILED",
                    "The new database cannot be moved to its place: " + problem.message(),
                    "Check the folder's owner and free space.", layout.data);
  sync_folder(layout.data.parent_path());
  return ok();
}

Status clear_leftovers(const Layout& layout, const Surroundings& around) {
  std::error_code problem;
  const fs::path data = fs::canonical(layout.data, problem);
  if (problem) return ok();
  struct Attempt {
    int signal;
    seconds patience;
  };
  // A server whose hub was killed is already on its way down, so at first it is only waited for.
  for (const Attempt attempt :
       {Attempt{0, seconds(2)}, {SIGINT, seconds(20)}, {SIGQUIT, seconds(10)}, {SIGKILL, seconds(5)}}) {
    const auto left = processes_on(data);
    if (left.empty()) break;
    around.log.warn("a postgres of an earlier hub still runs on our data",
                    {{"processes", left.size()}, {"signal", attempt.signal}});
    if (attempt.signal != 0) signal_leftovers(data, attempt.signal);
    CARILLON_TRY(const bool gone, wait_for_nobody(data, around, attempt.patience));
    if (gone) break;
  }
  if (!processes_on(data).empty())
    return pg_error(ErrorCode::conflict, "PG_LEFTOVER",
                    "Processes of an earlier start still work on the data and do not end",
                    "Look for them with `ps -ef | grep postgres` and end them.", data);
  // PostgreSQL removes a stale file by itself, unless its process id belongs to somebody else by now or to a zombie.
  const pid_t recorded = recorded_postmaster(data);
  if (recorded > 0 && ::kill(recorded, 0) == 0) fs::remove(data / "postmaster.pid", problem);
  return ok();
}

bool accepts_connections(const fs::path& data, pid_t postmaster) {
  // Line 1 is the process id, line 8 the state (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*).
  const auto lines = lines_of(data / "postmaster.pid");
  return lines.size() >= 8 && whole_number(lines[0]) == postmaster && lines[7].starts_with("ready");
}

std::string tail_of(const fs::path& file, std::size_t lines) {
  std::deque<std::string> last;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    last.push_back(std::move(line));
    if (last.size() > lines) last.pop_front();
  }
  std::string text;
  for (const std::string& line : last) text += "  " + line + "\n";
  return text;
}

int open_log(const Layout& layout) {
  std::error_code problem;
  if (fs::file_size(layout.log_file, problem) > kLogLimit && !problem)
    fs::rename(layout.log_file, layout.log_file.native() + ".1", problem);
  const int fd = ::open(layout.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd >= 0) match_owner(layout.log_file);
  return fd;
}

}  // namespace carillon::embedded
