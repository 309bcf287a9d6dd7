#pragma once
#include <span>

namespace carillon::pg {

/// Which role a statement is written for: app statements bind tenant_id on every table, system ones may cross tenants.
enum class Scope { app, system, owner };

/// A named SQL constant. Every statement the hub sends is one of these; a test PREPAREs them all against the migrated
/// schema and the lint of citus.md reads them.
struct Sql {
  const char* name;
  const char* text;
  Scope scope = Scope::app;
  bool writes = false;
};

/// Every statement of every store, for the tests.
std::span<const Sql* const> all_statements();

}  // namespace carillon::pg
