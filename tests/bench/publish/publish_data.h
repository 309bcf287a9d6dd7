#pragma once
#include "engine/tenancy/tenancy.h"
#include "tests/bench/schema/payload_shapes.h"
#include "tests/bench/support/bench_engine.h"

namespace carillon::bench {

struct PublishOptions : EngineOptions {
  std::string shape = "ticket";
  int schedules = 100'000;
  int unfit_percent = 0;   ///< of the schedules, whose payload the new version refuses
  bool same = false;       ///< all payloads are equal
  bool migrate = false;    ///< the publish changes every payload
  bool annotations = true; ///< then publish once more, with another description only
  bool naive = true;       ///< then the naive ways
};

inline constexpr int kOtherTenants = 40;      ///< the publishing tenant is one more of them
inline constexpr Duration kEachFire{10'000};  ///< one of the other workflows fires this often
inline constexpr int kOthers = 200;           ///< schedules of other workflows, in turn

/// A workflow with its schedules, none due soon, and others that fire meanwhile.
struct PublishData {
  PublishData(Engine& engine, BenchDatabase& database, const PublishOptions& options);
  /// On a tidied database: the other schedules are due one after the other from half a second from now on.
  Instant start_others();
  /// Makes the schema the workflow's draft.
  void save_draft(Engine& engine, const Json& schema);

  BenchDatabase& database;
  const PublishOptions& options;
  Shape shape;
  TenantContext who;
  WorkflowId workflow;
};

/// What is published first: an optional property more, one member of an enum less.
Json changed_schema(const Shape& shape);
/// The operations of PublishOptions::migrate.
Json migration_operations();
/// The workflow definition around a payload schema, as JSON text.
std::string definition_with(const Json& schema);

}  // namespace carillon::bench
