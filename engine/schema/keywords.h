#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/json.h"
#include "engine/schema/schema.h"

namespace carillon::schema {

/// Vocabularies of draft 2020-12 as bits; a custom metaschema may leave some out. Draft-07 always has all of its own.
enum Vocabulary : std::uint8_t {
  kCore = 1,
  kApplicator = 2,
  kUnevaluated = 4,
  kValidation = 8,
  kMetaData = 16,
  kFormat = 32,
  kContent = 64,
  kAllVocabularies = 127,
};

/// How a document is to be read.
struct Reading {
  Dialect dialect = Dialect::draft2020_12;
  std::uint8_t vocabularies = kAllVocabularies;
  bool assert_formats = true;
  bool operator==(const Reading&) const = default;
};

/// What a keyword's value holds subschemas as.
enum class Shape : std::uint8_t { none, schema, array, map, schema_or_array, dependencies };

struct Keyword {
  std::string_view name;
  std::uint8_t vocabulary;
  bool in_2020_12;
  bool in_draft07;
  Shape shape;
};

/// The keyword of either draft, or null.
const Keyword* find_keyword(std::string_view name);

inline bool belongs(const Keyword& k, Dialect d) { return d == Dialect::draft07 ? k.in_draft07 : k.in_2020_12; }

/// Calls `visit(pointer suffix, subschema)` for the direct subschemas of `schema`, an object, in the dialect.
void each_subschema(const Json& schema, Dialect dialect, const std::function<void(const std::string&, const Json&)>& visit);

}  // namespace carillon::schema
