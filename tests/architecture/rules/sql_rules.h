#pragma once
#include <set>

#include "tests/architecture/rules/source_tree.h"

namespace carillon::architecture {

/// Who a statement is written for; the same as carillon::pg::Scope.
enum class SqlScope { app, system, owner };

/// A statement of the catalogue against the shape that runs on one PostgreSQL and on one distributed by tenant.
/// `tenant_tables`: those with a tenant_id.
Findings check_statement(const std::string& name, std::string_view sql, SqlScope scope, const std::set<std::string>& tenant_tables);

/// All migration files together, in order: keys, row-level security, grants, and what may not be used.
Findings check_migrations(const std::vector<SourceFile>& files);
std::set<std::string> tenant_tables_of(const std::vector<SourceFile>& files);

}  // namespace carillon::architecture
