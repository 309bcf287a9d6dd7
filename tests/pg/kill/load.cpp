#include "tests/pg/kill/load.h"

#include <thread>

namespace carillon::test {
namespace {

constexpr int kMakers = 4;
constexpr int kRehearsal = 100;

const char* const kQuickWorkflow =
    "document: {dsl: '1.0.0', namespace: load, name: quick, version: '1.0.0'}\n"
    "input: {schema: {format: json, document: {type: object}}}\n"
    "do: [{note: {set: {n: '${ .n }'}}}]\n";
const char* const kSlowWorkflow =
    "document: {dsl: '1.0.0', namespace: load, name: slow, version: '1.0.0'}\n"
    "input: {schema: {format: json, document: {type: object}}}\n"
    "do: [{rest: {wait: {seconds: 14}}}]\n";

/// Whole hours, half hours, three quarters, and on both sides of Greenwich: every minute is every minute everywhere.
constexpr const char* kZones[] = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"};

std::string tenant_slug(int tenant) { return "load-" + std::to_string(tenant); }

}  // namespace

/// Calls actions of one tenant.
class Load::Maker {
 public:
  Maker(Hub& hub, const std::string& slug) : hub_(hub), who_(hub.host_context(slug, "load").value()) {}
  Json call(const std::string& action, std::map<std::string, std::string> params, Json body) {
    ActionRequest request;
    request.params = std::move(params);
    request.body = std::move(body);
    auto answer = hub_.call(action, who_, request);
    if (!answer) throw std::runtime_error(action + " was refused: " + answer.error().reason + ": " + answer.error().message);
    return answer->body;
  }
  std::string workflow(const std::string& name, const std::string& text) {
    const std::string id = call("workflows.create", {}, {{"name", name}, {"text", text}, {"format", "yaml"}})["id"];
    call("workflows.publish", {{"id", id}}, Json::object());
    return id;
  }

 private:
  Hub& hub_;
  TenantContext who_;
};

LoadSchedule Load::one_time(int n) {
  LoadSchedule s;
  s.name = "Once " + std::to_string(n);
  s.bounded = false;
  s.due = {begin_ + std::chrono::milliseconds(rng_->below(static_cast<std::uint64_t>(size_.window.count() / 1000)))};
  s.timing = {{"kind", "once"}, {"run_at", format_instant(s.due[0])}};
  return s;
}

LoadSchedule Load::interval(int n) {
  constexpr int kSeconds[] = {10, 15, 20, 30, 45, 60}, kBrisk[] = {2, 3, 5};
  LoadSchedule s;
  s.name = "Interval " + std::to_string(n);
  int every = kSeconds[rng_->below(std::size(kSeconds))];
  if (rng_->below(50) == 0) every = kBrisk[rng_->below(std::size(kBrisk))];
  s.overlap_skip = rng_->below(10) == 0;
  s.slow = s.overlap_skip && rng_->below(3) == 0;
  const Instant anchor = begin_ + std::chrono::milliseconds(rng_->below(static_cast<std::uint64_t>(every) * 1000));
  for (Instant due = anchor; due < end(); due += std::chrono::seconds(every)) s.due.push_back(due);
  s.timing = {{"kind", "interval"}, {"every", every}, {"unit", "seconds"}, {"anchor", format_instant(anchor)}};
  return s;
}

LoadSchedule Load::cron(int n) {
  LoadSchedule s;
  s.name = "Cron " + std::to_string(n);
  const int step = rng_->below(4) == 0 ? 2 : 1;
  const std::string zone = step == 1 ? kZones[rng_->below(std::size(kZones))] : "UTC";
  const std::int64_t seconds = step * 60;
  for (std::int64_t t = (begin_.seconds() + seconds - 1) / seconds * seconds; Instant::from_seconds(t) < end(); t += seconds) s.due.push_back(Instant::from_seconds(t));
  s.timing = {{"kind", "cron"}, {"cron", step == 1 ? "* * * * *" : "*/2 * * * *"}, {"zone", zone}};
  return s;
}

void Load::invent() {
  for (int tenant = 0; tenant < size_.tenants; ++tenant)
    for (int n = 0; n < size_.schedules_per_tenant; ++n) {
      const std::uint64_t kind = rng_->below(10);
      LoadSchedule schedule = kind < 4 ? one_time(n) : kind < 9 ? interval(n) : cron(n);
      // In a short window some would never be due, and are refused.
      schedules_.push_back(schedule.due.empty() ? one_time(n) : std::move(schedule));
    }
}

void Load::create_of_tenant(Maker& maker, int tenant) {
  const std::string quick = maker.workflow("Quick", kQuickWorkflow), slow = maker.workflow("Slow", kSlowWorkflow);
  for (int n = 0; n < size_.schedules_per_tenant; ++n) {
    LoadSchedule& s = schedules_[static_cast<std::size_t>(tenant * size_.schedules_per_tenant + n)];
    Json body{{"workflow_id", s.slow ? slow : quick}, {"name", s.name}, {"timing", s.timing}, {"payload", {{"n", n}}},
              {"overlap_policy", s.overlap_skip ? "skip" : "allow"}};
    if (s.bounded) {
      body["start_at"] = format_instant(begin_);
      body["end_at"] = format_instant(end());
    }
    const Json made = maker.call("schedules.create", {}, std::move(body));
    s.id = made["id"];
    if (parse_instant(made["created_at"].get<std::string>()).value() >= begin_) throw std::runtime_error("making the schedules took longer than expected");
  }
}

void Load::create(const std::string& database_url) {
  TempDir home("carillon-load");
  TestLogger log;
  HubOptions options;
  options.config = hub_config(database_url, home.path(), {{"role", "web"}});
  options.serve_http = false;
  Hub hub(std::move(options), log);
  if (Status started = hub.start(); !started) throw std::runtime_error(started.error().message);
  query(database_url, "INSERT INTO tenants SELECT gen_random_uuid(), 'load-' || n, 'Tenant ' || n, 'UTC', now() FROM generate_series(0, " +
                          std::to_string(size_.tenants) + ") n");
  const auto clock = make_system_clock();
  {
    // One tenant more than the load has, to learn how fast this machine is today.
    Maker maker(hub, tenant_slug(size_.tenants));
    const std::string workflow = maker.workflow("Quick", kQuickWorkflow);
    const Duration from = clock->steady();
    for (int n = 0; n < kRehearsal; ++n)
      maker.call("schedules.create", {}, {{"workflow_id", workflow}, {"name", std::to_string(n)}, {"timing", {{"kind", "manual"}}}, {"payload", Json::object()}});
    const Duration each = (clock->steady() - from) / kRehearsal;
    const Duration ahead = each * (size_.tenants * size_.schedules_per_tenant) + size_.lead;
    begin_ = Instant::from_seconds((clock->now() + ahead).seconds());
  }
  invent();
  std::atomic<int> next{0};
  std::mutex mutex;
  std::string failure;
  {
    std::vector<std::jthread> makers;
    for (int m = 0; m < kMakers; ++m)
      makers.emplace_back([&] {
        try {
          for (int tenant = next++; tenant < size_.tenants; tenant = next++) {
            Maker maker(hub, tenant_slug(tenant));
            create_of_tenant(maker, tenant);
          }
        } catch (const std::exception& e) {
          std::lock_guard lock(mutex);
          failure = e.what();
        }
      });
  }
  hub.stop();
  if (!failure.empty()) throw std::runtime_error(failure);
}

std::size_t Load::due_times() const {
  std::size_t count = 0;
  for (const auto& s : schedules_) count += s.due.size();
  return count;
}

}  // namespace carillon::test
