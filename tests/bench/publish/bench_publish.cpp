// Seconds that a publish over many schedules takes, how late other workflows fire meanwhile, and what the naive ways take.
//   bench_publish [--shape ticket|order] [--schedules N] [--unfit PERCENT] [--same] [--migrate] [--no-annotations] [--no-naive] [--statements]
#include <cstdio>
#include <fstream>
#include <pqxx/pqxx>
#include <stdexcept>

#include "engine/workflows/publisher.h"
#include "persistence/stores/pg_publish_store.h"
#include "plugins/schedules/publish_hook.h"
#include "tests/bench/publish/publish_data.h"
#include "tests/bench/publish/publish_probe.h"

namespace carillon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kNaiveRows = 2'000;  ///< of the row by row way; the rest is counted up
constexpr Duration kQuietBefore{2'000'000};

double seconds_since(SteadyClock::time_point begin) { return std::chrono::duration<double>(SteadyClock::now() - begin).count(); }

/// Lets the kernel find the most memory anew.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// How late others fired that were planned in the stretch, until their transaction began and until it was committed.
void print_lateness(const BenchDatabase& database, const char* title, Instant from, Instant to) {
  const std::string stretch = " FROM fires WHERE verdict = 'started' AND planned_at >= '" + format_instant(from) + "' AND planned_at < '" + format_instant(to) + "'";
  const auto late = [&](const char* moment, const char* percentile) {
    return database.value("SELECT round(percentile_disc(" + std::string(percentile) + ") WITHIN GROUP (ORDER BY extract(epoch FROM " + moment +
                          " - planned_at)) * 1000, 1)" + stretch);
  };
  std::printf("  %-16s %s of %lld fires; begun p50 %s p99 %s max %s ms late, committed p50 %s p99 %s max %s ms\n", title,
              database.value("SELECT count(*)" + stretch).c_str(), static_cast<long long>((to - from) / kEachFire), late("fired_at", "0.5").c_str(),
              late("fired_at", "0.99").c_str(), late("fired_at", "1").c_str(), late("pg_xact_commit_timestamp(xmin)", "0.5").c_str(),
              late("pg_xact_commit_timestamp(xmin)", "0.99").c_str(), late("pg_xact_commit_timestamp(xmin)", "1").c_str());
}

/// Publishes the schema, as the action does, while others fire. Answers seconds.
double publish(PublishData& data, const Clock& clock, Logger& log, const char* title, const Json& schema,
               const std::shared_ptr<const PayloadMigration>& migration) {
  Engine engine(data.database, data.options, clock, log);
  data.save_draft(engine, schema);
  CallTimes times;
  pg::PgPublishStore store;
  TimedPublishStore timed(store, times);
  PayloadSchemas schemas(engine.workflows);
  schedules::RebindHook rebind(engine.schedules, timed, engine.jobs, engine.lifecycle, engine.redaction, engine.secrets, engine.zones);
  TimedHook hook(rebind);
  Publisher publisher(engine.workflows, schemas, [&] { return std::vector<PublishHook*>{&hook}; });
  PublishRequest request;
  request.workflow = data.workflow;
  request.migration = migration;

  const Instant quiet = data.start_others();
  engine.start();
  Wakeup nobody;
  nobody.wait_for(quiet - engine.clock.now() + kQuietBefore);
  if (data.options.statements) data.database.reset_statements();
  forget_peak();
  const CpuMeter cpu(data.database);
  const Instant from = engine.clock.now();
  const auto begin = SteadyClock::now();
  auto answer = transact(engine.db, data.who.tenant, [&](Tx& tx) { return publisher.publish(tx, data.who, request); });
  if (!answer) throw std::runtime_error(answer.error().reason + ": " + answer.error().message);
  const auto committed = SteadyClock::now();
  const std::string text = dump_json(*answer);
  const double total = seconds_since(begin);
  const Instant to = engine.clock.now();
  const std::string memory = memory_of("self", "VmHWM");
  const double hub_cpu = cpu.hub(), server_cpu = cpu.server();
  nobody.wait_for(Duration{1'000'000});
  engine.stop();
  if (data.options.statements) data.database.print_statements();

  const auto span = [](auto a, auto b) { return std::chrono::duration<double>(b - a).count(); };
  std::printf("%s: %s\n", title, dump_json(answer->at("counts")).c_str());
  std::printf("  publish          %.3f s: %.3f before the lock, %.3f under it, %.3f to commit; answer %.1f KB; %.0f payloads/s\n", total,
              span(begin, hook.prepared_at()), span(hook.prepared_at(), hook.done_at()), span(hook.done_at(), committed),
              static_cast<double>(text.size()) / 1e3, data.options.schedules / total);
  times.print();
  std::printf("  cpu              hub %.2f s, server %.2f s; memory at most %s\n", hub_cpu, server_cpu, memory.c_str());
  print_lateness(data.database, "others before", quiet, from);
  print_lateness(data.database, "others meanwhile", from, to);
  return total;
}

/// Seconds of the least there is: all rows bound to a new version in one statement that knows nothing of payloads.
double bind_in_one_statement(PublishData& data, std::int64_t version) {
  pqxx::connection connection(data.database.owner_url());
  pqxx::nontransaction(connection).exec("VACUUM ANALYZE schedules");
  pqxx::nontransaction(connection).exec("CHECKPOINT");
  const auto begin = SteadyClock::now();
  pqxx::work tx(connection);
  const std::string tenant = data.who.tenant.to_string(), workflow = data.workflow.to_string();
  tx.exec_params("INSERT INTO workflow_versions SELECT tenant_id, workflow_id, $3, text, format, payload_schema, dialect, note, now(), published_by "
                 "FROM workflow_versions WHERE tenant_id = $1 AND workflow_id = $2 AND number = 1", tenant, workflow, version);
  tx.exec_params("UPDATE schedules SET bound_version = $3, revision = revision + 1 WHERE tenant_id = $1 AND workflow_id = $2", tenant, workflow, version);
  tx.commit();
  return seconds_since(begin);
}

/// Seconds of the simplest right way: each payload parsed and checked, each row written, one after the other, in one transaction.
double row_by_row(PublishData& data, const schema::Schema& schema, std::int64_t version) {
  pqxx::connection connection(data.database.owner_url());
  connection.prepare("bind", "UPDATE schedules SET bound_version = $3, revision = revision + 1, updated_at = now() WHERE tenant_id = $1 AND id = $2");
  const auto begin = SteadyClock::now();
  pqxx::work tx(connection);
  const std::string tenant = data.who.tenant.to_string();
  const auto rows = tx.exec_params("SELECT id, payload FROM schedules WHERE tenant_id = $1 AND workflow_id = $2 ORDER BY id LIMIT $3 FOR UPDATE", tenant,
                                   data.workflow.to_string(), kNaiveRows);
  for (const auto& row : rows) {
    auto violations = schema.validate(parse_stored_json(row[1].as<std::string>()));
    if (violations && violations->empty()) tx.exec_prepared("bind", tenant, row[0].c_str(), version);
  }
  tx.commit();
  return seconds_since(begin) * data.options.schedules / static_cast<double>(rows.size());
}

void run(const PublishOptions& options) {
  auto clock = make_system_clock();
  StderrLogger log;
  BenchDatabase database(options, *clock, log);
  std::shared_ptr<const PayloadMigration> migration;
  if (options.migrate) migration = PayloadMigration::parse(migration_operations()).value();
  Engine filling(database, options, *clock, log);
  PublishData data(filling, database, options);
  std::printf("%d schedules, %s (%zu bytes)%s, %d %% do not fit\n", options.schedules, data.shape.name, dump_json(data.shape.payload).size(),
              options.same ? ", all the same" : "", options.unfit_percent);
  Json schema = changed_schema(data.shape);
  const double took = publish(data, *clock, log, options.migrate ? "another schema, a migration" : "another schema", schema, migration);
  if (options.annotations) {
    schema["description"] = "Nothing but an annotation is new.";
    publish(data, *clock, log, "another annotation", schema, nullptr);
  }
  if (!options.naive) return;
  const double floor = bind_in_one_statement(data, 4), naive = row_by_row(data, *schema::Schema::compile(schema).value(), 2);
  std::printf("naive ways\n  one statement    %.3f s to bind all, payloads unseen; the publish takes %.1f times that\n", floor, took / floor);
  std::printf("  row by row       %.3f s, from %d of them; %.1f times the publish\n", naive, std::min(kNaiveRows, options.schedules), naive / took);
}

PublishOptions options_of(int argc, char** argv) {
  PublishOptions options;
  const auto number = [&](int& at) {
    if (at + 1 >= argc) throw std::invalid_argument(std::string(argv[at]) + " needs a number");
    return std::stoi(argv[++at]);
  };
  for (int at = 1; at < argc; ++at) {
    const std::string_view flag = argv[at];
    if (flag == "--schedules") options.schedules = number(at);
    else if (flag == "--unfit") options.unfit_percent = number(at);
    else if (flag == "--shape" && at + 1 < argc) options.shape = argv[++at];
    else if (flag == "--statements") options.statements = true;
    else if (flag == "--same") options.same = true;
    else if (flag == "--migrate") options.migrate = true;
    else if (flag == "--no-annotations") options.annotations = false;
    else if (flag == "--no-naive") options.naive = false;
    else throw std::invalid_argument("what is " + std::string(flag) + "?");
  }
  return options;
}

}  // namespace
}  // namespace carillon::bench

int main(int argc, char** argv) {
  try {
    carillon::bench::run(carillon::bench::options_of(argc, argv));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_publish: %s\n", e.what());
    return 1;
  }
}
