#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/result.h"

namespace carillon::embedded {

/// Who a program runs as. `change` is false when that is who we are already.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
  bool change = false;
};

struct ChildRequest {
  std::vector<std::string> argv;         ///< argv[0] is the absolute path of the program
  std::vector<std::string> environment;  ///< NAME=value, and nothing else is inherited
  Account account = {};
  int output_fd = -1;    ///< standard output and error; standard input is empty
  int death_signal = 0;  ///< sent by the kernel when the thread that called spawn() ends
};

/// A direct child in a session of its own. Reaped by wait() or, if still running, killed and reaped by the destructor.
class Child {
 public:
  Child() = default;
  Child(pid_t pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  enum class Event { ended, woken, timed_out };
  /// Waits for the end, for wake_fd to be readable (-1: none), or for the limit. After `ended`, status() is set.
  Event wait(int wake_fd, Duration limit);
  void signal(int number) const;
  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }
  /// "exit code 1" or "signal 9 (Killed)".
  const std::string& status() const { return status_; }
  bool succeeded() const { return succeeded_; }

 private:
  void reap(int options);
  pid_t pid_ = 0;
  int pidfd_ = -1;
  std::string status_;
  bool succeeded_ = false;
};

/// Starts a program. From a thread that lives as long as the child shall (see death_signal). Fails with reason
/// PG_SPAWN_FAILED when the program could not be executed.
Result<Child> spawn(const ChildRequest& request);

/// Waits for wake_fd to be readable; false when the limit passed first.
bool wait_for_wake(int wake_fd, Duration limit);

}  // namespace carillon::embedded
