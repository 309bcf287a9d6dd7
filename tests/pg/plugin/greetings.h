#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "web/app/hub/hub.h"

namespace carillon::test {

/// What the plugin below has seen, for the test to look at.
struct GreetingsSeen {
  std::atomic<int> rounds{0}, finished{0};
  std::atomic<bool> serving{false};
  std::mutex mutex;
  std::vector<std::int64_t> published;
  std::vector<std::string> heard;  ///< names of created workflows
  std::atomic<int> stumbles{1};    ///< how often the listener still fails
};

/// A second plugin, as somebody else would write one: its own permission, server actions, routes, a recurring job, a
/// publish hook that may say no, a run hook, a decorator, a listener, a service and a menu entry. Nothing of it needs the hub's
/// own code to know of it.
class GreetingsPlugin final : public Plugin {
 public:
  GreetingsPlugin(const HubParts& parts, GreetingsSeen& seen) : parts_(parts), seen_(seen) {}
  std::string id() const override { return "greetings"; }
  std::string version() const override { return "1"; }
  void contribute(PluginHost& host) override;

 private:
  Result<ActionResponse> start(Tx& tx, const TenantContext& who);
  HubParts parts_;
  GreetingsSeen& seen_;
};

}  // namespace carillon::test
