#pragma once
#include "tests/bench/support/bench_database.h"

namespace carillon::bench {

/// The least a durable fire can cost here: two connections that claim, move and insert fire, run and queue entry in
/// batches with one commit each, all values made by the server, as a role without row-level security. Answers seconds
/// from the first claim until all that was due is fired.
double run_baseline(BenchDatabase& database, int batch, Instant due);

}  // namespace carillon::bench
