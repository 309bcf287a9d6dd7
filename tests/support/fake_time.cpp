#include "tests/support/fake_time.h"

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace carillon::test {

FakeTime::FakeTime(const std::filesystem::path& folder) : file_(folder / "clock") {
  if (!std::filesystem::exists(CARILLON_FAKETIME)) throw std::runtime_error("libfaketime is missing; install the Debian package faketime");
  shift(Duration{0});
}

std::vector<std::string> FakeTime::environment() const {
  return {std::string("LD_PRELOAD=") + CARILLON_FAKETIME, "FAKETIME_TIMESTAMP_FILE=" + file_.string(), "FAKETIME_NO_CACHE=1",
          "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"};
}

void FakeTime::shift(Duration offset) {
  offset_ = offset;
  char text[64];
  std::snprintf(text, sizeof text, "%+.6f\n", static_cast<double>(offset.count()) / 1e6);
  // Put in place whole: it is read at every look at the clock.
  const std::filesystem::path fresh = file_.native() + ".new";
  {
    std::ofstream out(fresh);
    out << text;
  }
  ::chmod(fresh.c_str(), 0644);
  std::filesystem::rename(fresh, file_);
}

}  // namespace carillon::test
