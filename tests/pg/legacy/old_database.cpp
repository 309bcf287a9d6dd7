#include "tests/pg/legacy/old_database.h"

#include <gtest/gtest.h>

#include <fstream>

namespace carillon::test {

std::string legacy_file(const std::string& name) {
  std::ifstream in(std::string(CARILLON_TEST_DATA) + "/legacy/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string row_id(const std::string& last) { return "a0000000-0000-4000-8000-0000000000" + last; }
std::string workflow_id(const std::string& last) { return "00000000-0000-4000-8000-0000000000" + last; }

LegacyReport OldDatabase::import(LegacyRequest request) const {
  NullLogger quiet;
  auto report = import_legacy(url(), request, quiet);
  if (!report) throw std::runtime_error(report.error().reason + ": " + report.error().message);
  return std::move(*report);
}

std::string OldDatabase::contents() const {
  std::string out;
  for (const auto& row : query(url(), "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                                      "WHERE schemaname IN ('public', 'legacy') ORDER BY 1"))
    out += row[0] + " " + sql("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM " + row[0] + " t") + "\n";
  return out;
}

Json line_of(const Json& report, const std::string& old_id) {
  Json found;
  int count = 0;
  for (const auto& tenant : report["tenants"])
    for (const auto& line : tenant["lines"])
      if (line["old_id"] == old_id) {
        found = line;
        ++count;
      }
  return count == 1 ? found : Json(nullptr);
}

}  // namespace carillon::test
