#include <algorithm>
#include <map>

#include "tests/architecture/rules/sql_rules.h"
#include "tests/architecture/rules/sql_text.h"

namespace carillon::architecture {
namespace {

using Statement = std::vector<SqlToken>;

struct MigrationNever {
  std::string_view words, reason;
};
constexpr MigrationNever kMigrationNever[] = {
    {"create trigger", "No triggers: what C++ does not do is not seen there."},
    {"create constraint trigger", "No triggers: what C++ does not do is not seen there."},
    {"create event trigger", "No triggers: what C++ does not do is not seen there."},
    {"create rule", "No rules: what C++ does not do is not seen there."},
    {"security definer", "Isolation is by role; no function runs as somebody else."},
    {"force row level security", "The owner migrates; the hub logs in as roles that own nothing."},
    {"as restrictive", "A distributed table turns restrictive policies into permissive ones."},
    {"set null", "ON DELETE SET NULL is refused: it would clear tenant_id."},
    {"concurrently", "Not inside a migration's transaction, and not for partitions of distributed tables."},
    {"create sequence", "Sequences are not ordered across nodes."},
    {"serial", "Sequences are not ordered across nodes."},
    {"bigserial", "Sequences are not ordered across nodes."},
    {"generated always as identity", "Sequences are not ordered across nodes."},
    {"disable row level security", "Row-level security stays on."},
    {"bypassrls", "No role sees through row-level security."},
    {"to public", "Grants name a role."},
};

constexpr std::string_view kPolicy =
    "using ( tenant_id = nullif ( current_setting ( 'app.tenant_id' , true ) , '' ) :: uuid ) "
    "with check ( tenant_id = nullif ( current_setting ( 'app.tenant_id' , true ) , '' ) :: uuid )";

struct Table {
  std::string path;
  int line = 0;
  bool secured = false, policy = false, granted = false;
};

/// What the migrations say so far.
class MigrationReader {
 public:
  explicit MigrationReader(std::set<std::string> tenant_tables) : tenant_tables_(std::move(tenant_tables)) {}

  void read(const std::string& path, const Statement& s) {
    path_ = &path;
    s_ = &s;
    for (const auto& never : kMigrationNever)
      if (auto at = find_words(s, never.words); at != std::string::npos) found(at, "uses " + std::string(never.words), never.reason);
    if (follows(s, 0, "create table")) create_table();
    else if (follows(s, 0, "create unique index")) unique_index();
    else if (follows(s, 0, "alter table")) alter_table();
    else if (follows(s, 0, "create policy")) policy();
    else if (follows(s, 0, "grant")) grant();
    else if (follows(s, 0, "create view") && find_words(s, "security_invoker") == std::string::npos)
      found(0, "view without security_invoker", "A view would read with its owner's rights.");
  }

  Findings finish() {
    for (const auto& [name, table] : tables_) {
      const auto miss = [&](bool has, const char* what, const char* reason) {
        if (!has) out_.push_back({table.path, table.line, name + " " + what, reason});
      };
      miss(table.secured, "has row-level security off", "ALTER TABLE … ENABLE ROW LEVEL SECURITY for every tenant table.");
      miss(table.policy, "has no policy for carillon_app", "One permissive policy by app.tenant_id for every tenant table.");
      miss(table.granted, "is granted to nobody", "Without a grant the hub cannot use it, and a test would find out late.");
    }
    return std::move(out_);
  }

 private:
  const Statement& s() const { return *s_; }
  std::string word(std::size_t at) const { return at < s().size() ? s()[at].text : ""; }
  bool is_tenant_table(const std::string& name) const { return tenant_tables_.contains(name); }
  void found(std::size_t at, std::string what, std::string_view reason) {
    out_.push_back({*path_, at < s().size() ? s()[at].line : 0, std::move(what), std::string(reason)});
  }

  void create_table() {
    const std::size_t at = follows(s(), 2, "if not exists") ? 5 : 2;
    const std::string name = word(at);
    if (find_words(s(), "partition of") != std::string::npos) return;
    if (!is_tenant_table(name)) {
      for (std::size_t n = 0; n < s().size(); ++n)
        if (s()[n].text == "references" && is_tenant_table(word(n + 1)))
          found(n, name + " points at a tenant's table", "No foreign key from a shared table to a tenant table.");
      return;
    }
    tables_[name] = {*path_, s()[0].line};
    if (!follows(s(), at + 1, "( tenant_id uuid not null"))
      found(at, name + " does not begin with tenant_id uuid NOT NULL", "The first column says which tenant owns the row.");
    bool keyed = false;
    for (std::size_t n = at; n < s().size(); ++n) keyed = check_key(name, n) || keyed;
    if (!keyed) found(at, name + " has no primary key", "A row without a key cannot be found again on its node.");
  }

  /// True for a primary key.
  bool check_key(const std::string& name, std::size_t n) {
    const bool inline_tenant_key = follows(s(), n, "primary key") && follows(s(), n - 4, "tenant_id uuid not null");
    if (inline_tenant_key) return true;
    if (follows(s(), n, "primary key") || follows(s(), n, "foreign key")) {
      if (!follows(s(), n + 2, "( tenant_id"))
        found(n, name + ": " + word(n) + " key without tenant_id first", "Keys of tenant tables begin with tenant_id.");
      return word(n) == "primary";
    }
    if (word(n) == "unique" && !follows(s(), n + 1, "( tenant_id") && !follows(s(), n + 1, "nulls"))
      found(n, name + ": unique without tenant_id first", "Unique means unique within a tenant.");
    if (word(n) == "references") {
      if (!is_tenant_table(word(n + 1)) || !follows(s(), n + 2, "( tenant_id"))
        found(n, name + ": reference without tenant_id first", "A reference stays within its tenant: (tenant_id, …) REFERENCES t (tenant_id, …).");
      if (word(n - 1) != ")") found(n, name + ": reference of one column", "Write FOREIGN KEY (tenant_id, …) REFERENCES …");
    }
    return false;
  }

  void unique_index() {
    const auto on = find_words(s(), "on");
    if (on != std::string::npos && is_tenant_table(word(on + 1)) && !follows(s(), on + 2, "( tenant_id"))
      found(on, "unique index on " + word(on + 1) + " without tenant_id first", "Unique means unique within a tenant.");
  }

  void alter_table() {
    const std::string name = word(2);
    if (auto it = tables_.find(name); it != tables_.end()) it->second.secured |= follows(s(), 3, "enable row level security");
    if (!is_tenant_table(name)) return;
    for (std::size_t n = 3; n < s().size(); ++n) check_key(name, n);
  }

  /// CREATE POLICY name ON table TO role USING … WITH CHECK …
  void policy() {
    const auto it = tables_.find(word(4));
    const bool known_shape = word(3) == "on" && word(5) == "to";
    if (!known_shape || it == tables_.end()) return found(0, "policy of an unknown shape", "CREATE POLICY name ON table TO role USING (…) WITH CHECK (…).");
    const std::string rest = joined(Statement(s().begin() + 7, s().end()));
    if (word(6) == "carillon_app") {
      if (it->second.policy) found(0, "second policy for carillon_app on " + word(4), "Permissive policies add up: one each.");
      it->second.policy = rest == kPolicy;
      if (rest != kPolicy) found(0, "policy on " + word(4) + " is not the one by app.tenant_id", "All tenant tables have the same policy, word for word.");
    } else if (word(6) != "carillon_system") {
      found(0, "policy for " + word(6), "Only carillon_app and carillon_system have policies.");
    }
  }

  void grant() {
    const auto on = find_words(s(), "on");
    if (find_words(s(), "to carillon_app") == std::string::npos && find_words(s(), "to carillon_system") == std::string::npos) return;
    for (std::size_t n = on; n < s().size() && word(n) != "to"; ++n)
      if (auto it = tables_.find(word(n)); it != tables_.end()) it->second.granted = true;
  }

  std::set<std::string> tenant_tables_;
  std::map<std::string, Table> tables_;
  Findings out_;
  const std::string* path_ = nullptr;
  const Statement* s_ = nullptr;
};

bool is_migration(const SourceFile& file) { return is_under(file.path, "migrations") && file.path.ends_with(".sql"); }

}  // namespace

std::set<std::string> tenant_tables_of(const std::vector<SourceFile>& files) {
  std::set<std::string> out;
  for (const auto& file : files) {
    if (!is_migration(file)) continue;
    for (const auto& statement : statements_of(file.text))
      if (follows(statement, 0, "create table") && find_words(statement, "tenant_id uuid") != std::string::npos)
        out.insert(statement[follows(statement, 2, "if not exists") ? 5 : 2].text);
  }
  return out;
}

Findings check_migrations(const std::vector<SourceFile>& files) {
  MigrationReader reader(tenant_tables_of(files));
  for (const auto& file : files)
    if (is_migration(file))
      for (const auto& statement : statements_of(file.text)) reader.read(file.path, statement);
  return reader.finish();
}

}  // namespace carillon::architecture
