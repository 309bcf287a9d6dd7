#include "tests/pg/plugin/greetings.h"

namespace carillon::test {
namespace {

constexpr const char* kGreetKind = "greet";

class GreetHandler final : public JobHandler {
 public:
  explicit GreetHandler(GreetingsSeen& seen) : seen_(seen) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override {
    std::vector<JobMove> moves;
    for (const auto& job : jobs) {
      moves.push_back({job.tenant, job.id, {}, {}, "", {}});
      tx.after_commit([this] { ++seen_.rounds; });
    }
    return moves;
  }

 private:
  GreetingsSeen& seen_;
};

class NoteHook final : public PublishHook {
 public:
  explicit NoteHook(GreetingsSeen& seen) : seen_(seen) {}
  Status on_publish(Tx& tx, const PublishContext& context, Json& answer) override {
    if (context.version.note == "rude")
      return Error{ErrorCode::conflict, "RUDE_NOTE", "The note is rude.", "/note", context.version.note, "Be kind.", {}};
    answer["greeting"] = "Hello, version " + std::to_string(context.version.number);
    const std::int64_t number = context.version.number;
    tx.after_commit([this, number] {
      std::lock_guard lock(seen_.mutex);
      seen_.published.push_back(number);
    });
    return ok();
  }

 private:
  GreetingsSeen& seen_;
};

class CountHook final : public RunHook {
 public:
  explicit CountHook(GreetingsSeen& seen) : seen_(seen) {}
  Status on_finished(Tx& tx, std::span<const FinishedRun> runs) override {
    const int count = static_cast<int>(runs.size());
    tx.after_commit([this, count] { seen_.finished += count; });
    return ok();
  }

 private:
  GreetingsSeen& seen_;
};

class GreetingDecorator final : public WorkflowDecorator {
 public:
  Status decorate(Tx&, TenantId, std::vector<Json>& views) override {
    for (auto& view : views) view["greeting"] = "Hello, " + view["name"].get<std::string>();
    return ok();
  }
};

class NameListener final : public Listener {
 public:
  explicit NameListener(GreetingsSeen& seen) : seen_(seen) {}
  std::string name() const override { return "greetings.names"; }
  void on_events(const EventBatch& batch) override {
    for (const auto& event : batch.events) {
      if (event["topic"] != "workflows" || event["kind"] != "created") continue;
      if (seen_.stumbles.fetch_sub(1) > 0) throw std::runtime_error("stumbled over " + event["patch"]["name"].get<std::string>());
      std::lock_guard lock(seen_.mutex);
      seen_.heard.push_back(event["patch"]["name"]);
    }
  }

 private:
  GreetingsSeen& seen_;
};

class GreetingService final : public Service {
 public:
  explicit GreetingService(GreetingsSeen& seen) : seen_(seen) {}
  std::string_view name() const override { return "greetings"; }
  void start() override { seen_.serving = true; }
  void stop() override { seen_.serving = false; }

 private:
  GreetingsSeen& seen_;
};

}  // namespace

Result<ActionResponse> GreetingsPlugin::start(Tx& tx, const TenantContext& who) {
  const RegistrationId id{parts_.ids.next()};
  CARILLON_CHECK(parts_.jobs.register_recurring(tx, who.tenant, id, kGreetKind, Interval{std::chrono::seconds(1), tx.now()}));
  tx.audit(who.tenant, {who.actor, who.actor_name, "greetings.start", "greeting", id.value, who.request_id, Json::object()});
  return ActionResponse{{{"id", id.to_string()}}, {}};
}

void GreetingsPlugin::contribute(PluginHost& host) {
  host.permission("greetings.manage", "editor");
  host.action({"greetings.start", "greetings.manage", "", true, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest&) { return start(tx, who); }});
  host.route({"POST", "/api/v1/greetings", "greetings.start", 201});
  host.job_handler(kGreetKind, std::make_unique<GreetHandler>(seen_));
  host.publish_hook(std::make_unique<NoteHook>(seen_));
  host.run_hook(std::make_unique<CountHook>(seen_));
  host.workflow_decorator(std::make_unique<GreetingDecorator>());
  host.listener(std::make_unique<NameListener>(seen_));
  host.navigation({"greetings", "Greetings", "/greetings", "greetings.manage"});
  host.service(std::make_unique<GreetingService>(seen_));
}

}  // namespace carillon::test
