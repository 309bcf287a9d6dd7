#include "web/app/hub/sample.h"

#include "engine/base/clock.h"

namespace carillon {
namespace {

constexpr const char* kReport = R"(document:
  dsl: '1.0.0'
  namespace: acme
  name: sales-report
  version: '1.0.0'
  title: Sales report
  summary: Collects the figures of a region and names the report.
input:
  schema:
    format: json
    document:
      type: object
      required: [region, period]
      properties:
        region: { type: string, enum: [emea, amer, apac], title: Region }
        period: { type: string, enum: [day, week, month], title: Period }
        recipients: { type: array, items: { type: string, format: email }, maxItems: 20, title: Recipients }
      additionalProperties: false
do:
  - collect:
      set:
        region: ${ .region }
        period: ${ .period }
        rows: ${ (.region | length) * 7 }
  - pause:
      wait: { seconds: 1 }
  - render:
      set:
        title: ${ "Sales " + .region + " per " + .period }
        rows: ${ .rows }
)";

constexpr const char* kSync = R"(document:
  dsl: '1.0.0'
  namespace: acme
  name: order-sync
  version: '1.0.0'
  title: Order sync
  summary: Takes over a batch of orders.
input:
  schema:
    format: json
    document:
      type: object
      required: [shop]
      properties:
        shop: { type: string, minLength: 1, title: Shop }
        batch: { type: integer, minimum: 1, maximum: 1000, default: 100, title: Batch size }
do:
  - fetch:
      set:
        shop: ${ .shop }
        orders: ${ .batch // 100 }
  - store:
      set:
        stored: ${ .orders }
)";

/// What is published afterwards: the batch size becomes required, so payloads without one no longer fit.
constexpr const char* kSyncNext = R"(document:
  dsl: '1.0.0'
  namespace: acme
  name: order-sync
  version: '1.1.0'
  title: Order sync
  summary: Takes over a batch of orders.
input:
  schema:
    format: json
    document:
      type: object
      required: [shop, batch]
      properties:
        shop: { type: string, minLength: 1, title: Shop }
        batch: { type: integer, minimum: 1, maximum: 1000, title: Batch size }
do:
  - fetch:
      set:
        shop: ${ .shop }
        orders: ${ .batch }
  - store:
      set:
        stored: ${ .orders }
)";

constexpr const char* kCleanup = R"(document:
  dsl: '1.0.0'
  namespace: acme
  name: cleanup
  version: '1.0.0'
  title: Cleanup
  summary: Removes what is older than some days.
input:
  schema:
    format: json
    document:
      type: object
      properties:
        days: { type: integer, minimum: 1, default: 30, title: Days to keep }
do:
  - sweep:
      set:
        removed: ${ (.days // 30) * 3 }
)";

/// Calls actions and keeps the first failure.
class SampleMaker {
 public:
  SampleMaker(Hub& hub, TenantContext who) : hub_(hub), who_(std::move(who)) {}

  std::string workflow(const std::string& name, const std::string& description, const char* text) {
    Json made = call("workflows.create", {}, {{"name", name}, {"description", description}, {"text", text}, {"format", "yaml"}});
    const std::string id = made.value("id", "");
    call("workflows.publish", {{"id", id}}, {{"note", "First version"}});
    return id;
  }
  void republish(const std::string& id, const char* text) {
    call("workflows.save_draft", {{"id", id}}, {{"text", text}, {"format", "yaml"}}, 1);
    call("workflows.publish", {{"id", id}}, {{"note", "The batch size is required"}});
  }
  std::string schedule(const std::string& workflow, const std::string& name, Json timing, Json payload, Json more = Json::object()) {
    Json body{{"workflow_id", workflow}, {"name", name}, {"timing", std::move(timing)}, {"payload", std::move(payload)}};
    body.update(more);
    return call("schedules.create", {}, std::move(body)).value("id", "");
  }
  Json call(const std::string& action, std::map<std::string, std::string> params, Json body, std::optional<std::int64_t> if_match = {}) {
    if (!status) return Json::object();
    ActionRequest request{std::move(params), std::move(body), if_match, ""};
    auto answer = hub_.call(action, who_, request);
    if (answer) return answer->body;
    status = answer.error();
    return Json::object();
  }
  Status status;

 private:
  Hub& hub_;
  TenantContext who_;
};

/// 02:30 in the next night in which Berlin's clock goes forward (the last Sunday of March; Directive 2000/84/EC).
std::string next_spring_night(Instant now) {
  for (std::int64_t year = civil_from_days(now.seconds() / 86400).year;; ++year) {
    std::int64_t day = days_from_civil(year, 3, 31);
    day -= (day + 4) % 7;  // 1970-01-01 was a Thursday
    if (day * 86400 <= now.seconds() + 86400) continue;
    const CivilDate date = civil_from_days(day);
    return std::to_string(date.day);
  }
}

}  // namespace

Status load_sample(Hub& hub, const Clock& clock) {
  CARILLON_TRY(bool known, hub.tenant_exists(kSampleSlug));
  if (known) return ok();
  CARILLON_TRY([[maybe_unused]] auto tenant, hub.create_tenant(kSampleSlug, "Acme", "Europe/Berlin", kSampleEmail, kSamplePassword));
  CARILLON_TRY(auto who, hub.host_context(kSampleSlug, "Sample loader"));
  SampleMaker make(hub, who);
  const std::string report = make.workflow("Sales report", "Figures of a region, every day, week or month.", kReport);
  const std::string sync = make.workflow("Order sync", "Takes over orders of a shop.", kSync);
  const std::string cleanup = make.workflow("Cleanup", "Removes what is no longer needed.", kCleanup);
  auto cron = [](const char* expression, const char* zone) { return Json{{"kind", "cron"}, {"cron", expression}, {"zone", zone}}; };
  make.schedule(report, "Weekday morning, EMEA", cron("0 9 * * 1-5", "Europe/Berlin"),
                {{"region", "emea"}, {"period", "day"}, {"recipients", {"sales@acme.example"}}}, {{"labels", {"sales", "daily"}}});
  make.schedule(report, "Month end, Americas", cron("30 18 L * *", "America/New_York"), {{"region", "amer"}, {"period", "month"}},
                {{"labels", {"sales"}}});
  make.schedule(report, "Once in the clock-change night", cron(("30 2 " + next_spring_night(clock.now()) + " 3 *").c_str(), "Europe/Berlin"),
                {{"region", "apac"}, {"period", "week"}},
                {{"description", "02:30 does not exist that night in Berlin: it fires at 03:00."}});
  make.schedule(sync, "Web shop, every two minutes", {{"kind", "interval"}, {"every", 2}, {"unit", "minutes"}}, {{"shop", "web"}, {"batch", 50}},
                {{"labels", {"orders"}}});
  make.schedule(sync, "Branch shops, hourly", cron("5 * * * *", "Europe/Berlin"), {{"shop", "branches"}},
                {{"description", "Its payload names no batch size, which version 2 requires."}, {"labels", {"orders"}}});
  const std::string paused = make.schedule(cleanup, "Weekly sweep", cron("0 3 * * 0", "Europe/Berlin"), {{"days", 30}});
  make.schedule(cleanup, "Sweep after the migration", {{"kind", "once"}, {"run_at", format_instant(Instant::from_seconds(clock.now().seconds() + 300))}},
                {{"days", 1}});
  make.schedule(cleanup, "Sweep on demand", {{"kind", "manual"}}, {{"days", 7}});
  make.call("schedules.pause", {{"id", paused}}, {{"reason", "Waits for the new storage."}});
  make.republish(sync, kSyncNext);
  return make.status;
}

}  // namespace carillon
