#include "persistence/embedded/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>

namespace carillon::embedded {
namespace {

int poll_timeout_ms(Duration limit) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, std::numeric_limits<int>::max()));
}

/// What the child needs, laid out before fork(): between fork() and exec() only async-signal-safe calls are allowed.
struct ChildPlan {
  std::vector<char*> argv, envp;
  const ChildRequest* request;
  pid_t parent;
  int report_fd;
};

[[noreturn]] void fail_child(int report_fd) {
  const int reason = errno;
  [[maybe_unused]] const auto written = ::write(report_fd, &reason, sizeof reason);
  ::_exit(127);
}

/// Raw system calls: the library's wrappers want to tell the other threads, which do not exist after fork().
bool become(const Account& account) {
  if (!account.change) return true;
  return ::syscall(SYS_setgroups, 0, nullptr) == 0 &&
         ::syscall(SYS_setresgid, account.gid, account.gid, account.gid) == 0 &&
         ::syscall(SYS_setresuid, account.uid, account.uid, account.uid) == 0;
}

[[noreturn]] void run_child(const ChildPlan& plan) {
  const ChildRequest& request = *plan.request;
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setsid();
  ::umask(077);
  const int empty = ::open("/dev/null", O_RDONLY);
  if (empty < 0 || ::dup2(empty, 0) < 0) fail_child(plan.report_fd);
  if (request.output_fd >= 0 && (::dup2(request.output_fd, 1) < 0 || ::dup2(request.output_fd, 2) < 0))
    fail_child(plan.report_fd);
  // Whatever the hub has open (its listening socket, its connections) is none of the child's business.
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  if (::chdir("/") != 0 || !become(request.account)) fail_child(plan.report_fd);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // After the change of user, which would clear it. The parent may have died in between: then nobody would tell us.
  if (request.death_signal != 0 && ::prctl(PR_SET_PDEATHSIG, request.death_signal, 0, 0, 0) != 0)
    fail_child(plan.report_fd);
  if (::getppid() != plan.parent) ::_exit(127);
  ::execve(plan.argv[0], plan.argv.data(), plan.envp.data());
  fail_child(plan.report_fd);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

Error spawn_error(const std::string& program, int reason) {
  return {.code = ErrorCode::internal,
          .reason = "PG_SPAWN_FAILED",
          .message = program + " could not be started: " + std::strerror(reason),
          .field = {},
          .value = program,
          .remedy = "Check that the program exists and may be executed.",
          .violations = {}};
}

}  // namespace

Child::Child(Child&& other) noexcept {
  *this = std::move(other);
}

Child& Child::operator=(Child&& other) noexcept {
  if (this == &other) return *this;
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(status_, other.status_);
  std::swap(succeeded_, other.succeeded_);
  return *this;
}

Child::~Child() {
  if (running()) {
    signal(SIGKILL);
    reap(0);
  }
}

void Child::signal(int number) const {
  if (running()) ::kill(pid_, number);
}

void Child::reap(int options) {
  int status = 0;
  pid_t got;
  do {
    got = ::waitpid(pid_, &status, options);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return;
  succeeded_ = got > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (got < 0)
    status_ = "an end nobody saw";
  else if (WIFSIGNALED(status))
    status_ = "signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
  else
    status_ = "exit code " + std::to_string(WEXITSTATUS(status));
  pid_ = 0;
  if (pidfd_ >= 0) ::close(pidfd_);
  pidfd_ = -1;
}

Child::Event Child::wait(int wake_fd, Duration limit) {
  if (!running()) return Event::ended;
  pollfd watched[2] = {{pidfd_, POLLIN, 0}, {wake_fd, POLLIN, 0}};
  // A sandbox may refuse pidfd_open; then the end is looked for often instead of being told.
  if (pidfd_ < 0) limit = std::min<Duration>(limit, std::chrono::milliseconds(50));
  const int count = ::poll(watched, 2, poll_timeout_ms(limit));
  reap(WNOHANG);
  if (!running()) return Event::ended;
  return count > 0 && watched[1].revents != 0 ? Event::woken : Event::timed_out;
}

bool wait_for_wake(int wake_fd, Duration limit) {
  pollfd watched{wake_fd, POLLIN, 0};
  return ::poll(&watched, 1, poll_timeout_ms(limit)) > 0;
}

Result<Child> spawn(const ChildRequest& request) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return spawn_error(request.argv[0], errno);
  const ChildPlan plan{pointers(request.argv), pointers(request.environment), &request, ::getpid(), report[1]};
  const pid_t pid = ::fork();
  if (pid == 0) run_child(plan);
  const int fork_errno = errno;
  ::close(report[1]);
  int reason = 0;
  const bool failed = pid > 0 && ::read(report[0], &reason, sizeof reason) == sizeof reason;
  ::close(report[0]);
  if (pid < 0) return spawn_error(request.argv[0], fork_errno);
  Child child(pid, static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (failed) return spawn_error(request.argv[0], reason);
  return child;
}

}  // namespace carillon::embedded
