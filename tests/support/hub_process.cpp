#include "tests/support/hub_process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "persistence/embedded/cluster.h"
#include "tests/support/hub_fixture.h"

namespace carillon::test {
namespace {

constexpr Duration kPatience = std::chrono::seconds(60);

}  // namespace

HubProcess::HubProcess(HubProcessOptions options) : options_(std::move(options)) { std::filesystem::create_directories(options_.home); }

HubProcess::~HubProcess() {
  child_.signal(SIGTERM);
  child_.wait(-1, std::chrono::seconds(15));
}

std::filesystem::path HubProcess::log_file(int start) const { return options_.home / ("hub-" + std::to_string(start) + ".log"); }

void HubProcess::start() {
  port_ = 0;
  ++starts_;
  embedded::ChildRequest request;
  request.argv = {options_.program.string(), "serve", "--home", options_.home.string(), "--port", "0", "--log-format", "json",
                  "--database-url", options_.database_url};
  request.argv.insert(request.argv.end(), options_.flags.begin(), options_.flags.end());
  request.environment = embedded::program_environment();
  request.environment.push_back(std::string("CARILLON_JWT_KEYS=") + kTestKeyId + ":" + kTestKeySecret);
  request.environment.insert(request.environment.end(), options_.environment.begin(), options_.environment.end());
  request.death_signal = SIGKILL;
  request.output_fd = ::open(log_file(starts_).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto child = embedded::spawn(request);
  ::close(request.output_fd);
  if (!child) throw std::runtime_error(child.error().message);
  child_ = std::move(*child);
}

void HubProcess::kill_hard() {
  child_.signal(SIGKILL);
  child_.wait(-1, kPatience);
}

void HubProcess::await_ready() {
  const bool ready = eventually([this] { return port() != 0 || child_.wait(-1, Duration{0}) == embedded::Child::Event::ended; }, kPatience);
  if (!ready || port_ == 0) throw std::runtime_error("the node does not start (" + child_.status() + "):\n" + log_text());
}

std::uint16_t HubProcess::port() {
  if (port_ != 0) return port_;
  const std::string text = log_text(), mark = "ready at http://127.0.0.1:";
  const auto at = text.find(mark);
  // Whole only when its line is.
  if (at == std::string::npos || text.find('\n', at) == std::string::npos) return 0;
  return port_ = static_cast<std::uint16_t>(std::stoi(text.substr(at + mark.size())));
}

std::string HubProcess::log_text() const {
  std::ifstream in(log_file(starts_));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> HubProcess::errors() const {
  std::vector<std::string> out;
  for (int start = 1; start <= starts_; ++start) {
    std::ifstream in(log_file(start));
    for (std::string line; std::getline(in, line);)
      if (line.find("\"level\":\"error\"") != std::string::npos) out.push_back(line);
  }
  return out;
}

}  // namespace carillon::test
