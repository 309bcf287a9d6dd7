#include <algorithm>

#include "tests/architecture/rules/sql_rules.h"
#include "tests/architecture/rules/sql_text.h"

namespace carillon::architecture {
namespace {

struct Never {
  std::string_view words, reason;
};

constexpr std::string_view kClock = "Times are parameters, from the database clock read once: a distributed plan may not evaluate it per node.";
constexpr Never kNever[] = {
    {"now (", kClock},
    {"clock_timestamp (", kClock},
    {"statement_timestamp (", kClock},
    {"transaction_timestamp (", kClock},
    {"current_timestamp", kClock},
    {"localtimestamp", kClock},
    {"current_date", kClock},
    {"random (", "Volatile functions are refused in distributed writes; make the value in C++."},
    {"gen_random_uuid (", "Ids are UUIDv7 made in C++, so they stay global and ordered."},
    {"nextval (", "Sequences are not ordered across nodes."},
    {"set_config (", "The tenant is set with SET LOCAL; set_config runs on one node only."},
    {"current_setting (", "Bind the tenant; the setting is for the policies alone."},
    {"merge into", "MERGE is not supported on distributed tables."},
    {"rollup (", "Not supported across tenants."},
    {"cube (", "Not supported across tenants."},
    {"grouping sets", "Not supported across tenants."},
    {"with recursive", "Not supported across tenants."},
    {"lateral", "LATERAL with LIMIT is not supported across tenants."},
    {"due_at +", "The next due time is computed in C++, by the zone's rules."},
    {"planned_at +", "The next planned time is computed in C++."},
    {"interval '", "Times are computed in C++."},
    {"pg_advisory_lock", "Advisory locks work on one node: for migrations only."},
    {"pg_advisory_xact_lock", "Advisory locks work on one node: for migrations only."},
    {"pg_try_advisory_lock", "Advisory locks work on one node: for migrations only."},
    {"force_generic_plan", "Prevents pruning to one node."},
    {"copy", "COPY into a table with row-level security is refused."},
    {"truncate", "Retention drops partitions; nothing truncates."},
    {"security definer", "Isolation is by role."},
};

/// System statements that read all tenants on purpose.
constexpr Never kAcrossTenants[] = {
    {"due_scan", "the unlocked scan that finds what is due"},
    {"due_beside", "what a herd would hide of other tenants"},
    {"next_registration", "when the planner has to wake"},
    {"listeners_behind", "whose change stream a listener has not heard to its end"},
    {"unpark_all_registrations", "the end of maintenance of the whole hub, by an operator"},
    {"open_bulk_jobs", "the few bulk jobs of all tenants that somebody has to work on"},
    {"next_visible", "when the worker has to wake"},
    {"pick_runs", "one PostgreSQL: the queue is taken in one statement; by tenant on a distributed one"},
    {"tenant_by_slug", "signing in, before the tenant is known"},
    {"actors_by_email", "signing in, before the tenant is known"},
    {"secrets_under_other_keys", "rotation of the hub's key, by an operator"},
    {"secret_key_ids", "rotation of the hub's key, by an operator"},
};
/// System statements that lock rows of several tenants, which exists on one PostgreSQL only.
constexpr Never kLocksAcrossTenants[] = {
    {"pick_runs", "SKIP LOCKED over the queue of all tenants"},
    {"lock_due", "a batch of registrations; one tenant where tenants_per_transaction is 1"},
    {"try_lock_registrations", "a batch of backlogs; one tenant where tenants_per_transaction is 1"},
    {"put_registrations_sooner", "a batch of backlogs; one tenant where tenants_per_transaction is 1"},
    {"hold_maintenance_of_tenants", "the maintenance of a batch; one tenant where tenants_per_transaction is 1"},
    {"hold_registrations", "a batch of backlogs whose rooms became free; a worker's batch is of several tenants"},
    {"cancel_rooms", "a batch of rooms; one tenant where tenants_per_transaction is 1"},
    {"empty_rooms", "one room at a time"},
    {"lock_overfailed", "SKIP LOCKED over a worker's batch, which is of several tenants"},
    {"hold_overlap_scopes", "a batch of shared rooms; one tenant where tenants_per_transaction is 1"},
    {"try_lock_backfills", "a batch of backfills; one tenant where tenants_per_transaction is 1"},
    {"put_holds", "a batch of schedules that a fire changed; one tenant where tenants_per_transaction is 1"},
};

bool listed(const auto& list, std::string_view name) { return std::ranges::find(list, name, &Never::words) != std::end(list); }

struct TableUse {
  std::string table, alias;
  std::size_t at;
  bool inserted;
};

bool is_name(const std::string& text) {
  static const std::set<std::string> keywords = {"where", "on",   "set",   "join",  "left",   "inner",  "using", "order",    "group", "limit",
                                                 "for",   "as",   "from",  "union", "values", "select", "cross", "returning", "right", "full"};
  return !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '_') && !keywords.contains(text);
}

std::vector<TableUse> tables_in(const std::vector<SqlToken>& t, const std::set<std::string>& tenant_tables) {
  std::vector<TableUse> out;
  for (std::size_t n = 1; n < t.size(); ++n) {
    static const std::set<std::string> before = {"from", "join", "update", "into", "using", ","};
    if (!before.contains(t[n - 1].text) || !tenant_tables.contains(t[n].text)) continue;
    if (n + 1 < t.size() && t[n + 1].text == ".") continue;  // a column, in a list
    std::string alias = t[n].text;
    if (n + 2 < t.size() && t[n + 1].text == "as") alias = t[n + 2].text;
    else if (n + 1 < t.size() && is_name(t[n + 1].text)) alias = t[n + 1].text;
    out.push_back({t[n].text, alias, n, t[n - 1].text == "into"});
  }
  return out;
}

/// Is there "alias.tenant_id = X" (or turned round, or as the first of a row comparison) in the same query?
bool is_bound(const std::vector<SqlToken>& t, const TableUse& use, bool alone, bool by_parameter) {
  const auto right = [&](std::size_t at) {
    if (at >= t.size()) return false;
    if (t[at].text[0] == '$') return true;
    return !by_parameter && at + 2 < t.size() && t[at + 1].text == "." && t[at + 2].text != use.alias;
  };
  for (std::size_t n = 0; n < t.size(); ++n) {
    if (t[n].query != t[use.at].query || t[n].text != "tenant_id") continue;
    const bool qualified = n >= 2 && t[n - 1].text == ".";
    if (qualified ? t[n - 2].text != use.alias : !alone) continue;
    const std::size_t first = qualified ? n - 2 : n;
    if (n + 1 < t.size() && t[n + 1].text == "=" && right(n + 2)) return true;
    if (first >= 2 && t[first - 1].text == "=" && (t[first - 2].text[0] == '$' || (!by_parameter && first >= 4 && t[first - 3].text == "."))) return true;
    if (!by_parameter && first >= 1 && t[first - 1].text == "(" && find_words(t, ") in (") != std::string::npos) return true;
  }
  return false;
}

void check_insert(const std::string& name, const std::vector<SqlToken>& t, const TableUse& use, SqlScope scope, Findings& out) {
  std::size_t list = use.at + 1;
  if (t[list].text == "as") list += 2;
  if (!follows(t, list, "( tenant_id"))
    out.push_back({name, 0, "inserts into " + use.table + " without tenant_id first", "The row has to be routed by its tenant."});
  const auto values = find_words(t, "values (");
  if (scope == SqlScope::app && values != std::string::npos && t[values + 2].text[0] != '$')
    out.push_back({name, 0, "inserts a tenant that is not bound", "tenant_id is a parameter in every app statement."});
  const bool selects = values == std::string::npos;
  if (selects && find_words(t, "on conflict") == std::string::npos && find_words(t, "returning") == std::string::npos)
    out.push_back({name, 0, "INSERT … SELECT without ON CONFLICT or RETURNING", "Refused under row-level security on a distributed table."});
}

void check_locks(const std::string& name, const std::vector<SqlToken>& t, const std::vector<TableUse>& uses, Findings& out) {
  for (std::size_t n = 0; n < t.size(); ++n) {
    const bool lock = follows(t, n, "for update") || follows(t, n, "for share") || follows(t, n, "for no key update");
    if (!lock || listed(kLocksAcrossTenants, name)) continue;
    for (const auto& use : uses)
      if (t[use.at].query == t[n].query && !is_bound(t, use, uses.size() == 1, true))
        out.push_back({name, 0, "locks rows of " + use.table + " of several tenants", "Row locks over more than one tenant do not exist on a distributed table."});
  }
}

}  // namespace

Findings check_statement(const std::string& name, std::string_view sql, SqlScope scope, const std::set<std::string>& tenant_tables) {
  Findings out;
  const auto t = tokens_of(sql);
  if (std::ranges::any_of(t, [](const SqlToken& token) { return token.text == ";"; }))
    out.push_back({name, 0, "holds several statements", "A prepared statement is one statement."});
  for (const auto& never : kNever) {
    // A quoted text begins with its quote, so "interval '" is matched by its first sign.
    const bool quote = never.words.ends_with(" '");
    const auto at = find_words(t, quote ? never.words.substr(0, never.words.size() - 2) : never.words);
    if (at == std::string::npos || (quote && (at + 1 >= t.size() || t[at + 1].text[0] != '\''))) continue;
    out.push_back({name, 0, "uses " + std::string(never.words), std::string(never.reason)});
  }
  if (t[0].text == "with" && std::ranges::any_of(t, [](const SqlToken& token) {
        return token.text == "insert" || token.text == "update" || token.text == "delete";
      }))
    out.push_back({name, 0, "writes in a WITH", "A data-modifying WITH is ten times slower on a distributed table; send plain statements."});
  if (find_words(t, "pg_notify (") != std::string::npos && find_words(t, "from") != std::string::npos)
    out.push_back({name, 0, "notifies from a table", "SELECT pg_notify(…) has no FROM, so that it runs on the coordinator."});

  const auto uses = tables_in(t, tenant_tables);
  for (const auto& use : uses) {
    if (use.inserted) {
      check_insert(name, t, use, scope, out);
      continue;
    }
    const auto in_query = std::ranges::count_if(uses, [&](const TableUse& other) { return t[other.at].query == t[use.at].query; });
    const bool app = scope == SqlScope::app;
    if (!app && listed(kAcrossTenants, name)) continue;
    if (!is_bound(t, use, in_query == 1, app))
      out.push_back({name, 0, "does not " + std::string(app ? "bind" : "join on") + " tenant_id of " + use.table,
                     app ? "Every table reference has tenant_id = $n, so that it runs on one node and never sees another tenant."
                         : "A system statement over all tenants is named, with its reason, in kAcrossTenants."});
  }
  check_locks(name, t, uses, out);
  return out;
}

}  // namespace carillon::architecture
