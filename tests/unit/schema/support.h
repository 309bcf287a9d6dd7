#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/schema/schema.h"

namespace carillon::schema {

inline std::shared_ptr<const Schema> compiled(const Json& schema, const CompileOptions& options = {}) {
  auto result = Schema::compile(schema, options);
  EXPECT_TRUE(result.has_value()) << result.error().reason << ": " << result.error().message << " at " << result.error().field;
  return result.has_value() ? result.value() : nullptr;
}
inline std::shared_ptr<const Schema> compiled(const char* text) { return compiled(Json::parse(text)); }

inline Error refused(const Json& schema, const CompileOptions& options = {}) {
  auto result = Schema::compile(schema, options);
  EXPECT_FALSE(result.has_value()) << "was compiled: " << dump_json(schema).substr(0, 200);
  return result.has_value() ? Error{} : result.error();
}
inline Error refused(const char* text) { return refused(Json::parse(text)); }

inline bool accepts(const char* schema, std::string_view instance) {
  const auto s = compiled(schema);
  if (!s) return false;
  const Json value = Json::parse(instance);
  const bool valid = s->is_valid(value);
  const auto violations = s->validate(value);
  EXPECT_TRUE(violations.has_value());
  EXPECT_EQ(violations.has_value() && violations.value().empty(), valid) << "the two evaluators differ on " << instance;
  return valid;
}

/// "instance keyword schema" of each violation.
inline std::vector<std::string> places(const char* schema, std::string_view instance, const ValidateOptions& options = {}) {
  std::vector<std::string> out;
  const auto s = compiled(schema);
  if (!s) return out;
  const auto violations = s->validate(Json::parse(instance), options);
  EXPECT_TRUE(violations.has_value());
  if (violations.has_value())
    for (const Violation& v : violations.value()) out.push_back(v.instance + " " + v.keyword + " " + v.schema);
  return out;
}

}  // namespace carillon::schema
