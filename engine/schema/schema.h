#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.h"
#include "engine/base/result.h"

/// JSON Schema, drafts 2020-12 and draft-07 (json-schema.org), compiled once and asked often.
namespace carillon::schema {

enum class Dialect { draft2020_12, draft07 };

/// "2020-12" / "draft-07".
std::string_view dialect_name(Dialect dialect);
/// The inverse of dialect_name; nothing for any other text.
std::optional<Dialect> parse_dialect(std::string_view name);

struct CompileLimits {
  int depth = 128;                    ///< nesting of arrays and objects in the schema
  std::size_t subschemas = 50'000;    ///< compiled subschemas, those of remotes included
  std::size_t patterns = 500;         ///< different ones; each may hold a mebibyte of automaton while in use
  std::size_t violations = 50;        ///< metaschema violations listed in the error
};

struct CompileOptions {
  /// The dialect of a schema without `$schema`. Without it: 2020-12, unless array `items`, `additionalItems` or
  /// `dependencies` show draft-07. A `$schema` in the document always wins.
  std::optional<Dialect> dialect;
  /// Documents that references may name, by absolute URI. There is no network. A custom metaschema goes here, too.
  std::map<std::string, Json> remotes;
  /// False turns `format` into an annotation.
  bool assert_formats = true;
  CompileLimits limits;
};

struct ValidateOptions {
  std::size_t max_violations = 100;     ///< the first ones in document order are kept
  std::uint64_t step_budget = 10'000'000;  ///< work per payload; a step is about one keyword group on one value
};

enum class Verdict { valid, invalid, budget_exceeded };

/// Something publishing must tell the author about; the schema works nevertheless.
struct Warning {
  std::string pointer;  ///< RFC 6901 pointer into the schema
  std::string reason;   ///< SCHEMA_PATTERN_SLOW, SCHEMA_FORMAT_UNKNOWN, SCHEMA_REF_SIBLINGS_IGNORED
  std::string message;
};

struct Program;

/// A compiled schema: immutable, so any number of threads may share one.
class Schema {
 public:
  /// Compiles and checks a schema. Every failure is ErrorCode::invalid with `field` = RFC 6901 pointer into the schema:
  /// SCHEMA_INVALID (refused by the metaschema; violations listed), SCHEMA_UNSUPPORTED_DIALECT,
  /// SCHEMA_UNSUPPORTED_KEYWORD (a keyword of another draft or vocabulary that would silently not be checked),
  /// SCHEMA_REF_UNRESOLVED, SCHEMA_REF_LOOP, SCHEMA_PATTERN_INVALID, SCHEMA_TOO_DEEP, SCHEMA_TOO_LARGE.
  /// Keywords of no vocabulary (x-…) are annotations.
  static Result<std::shared_ptr<const Schema>> compile(const Json& schema, const CompileOptions& options = {});

  /// Yes or no, without collecting; false, too, when the step budget ends first (see verdict).
  bool is_valid(const Json& instance) const { return verdict(instance) == Verdict::valid; }
  Verdict verdict(const Json& instance, const ValidateOptions& options = {}) const;

  /// All violations in document order (object members in key order), none if valid. oneOf/anyOf report the branch that a
  /// const/enum member chooses, else the closest one. Fails with invalid SCHEMA_BUDGET_EXCEEDED when the payload needs
  /// more steps, nesting or regex work than allowed.
  Result<std::vector<Violation>> validate(const Json& instance, const ValidateOptions& options = {}) const;

  Dialect dialect() const;
  /// The schema it was compiled from.
  const Json& document() const;
  /// 64-bit hash of the canonical text of document(); equal hashes do not prove equal schemas.
  std::uint64_t hash() const;
  const std::vector<Warning>& warnings() const;

  ~Schema();
  explicit Schema(std::unique_ptr<const Program> program);
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  /// For the evaluators of this folder.
  const Program& program() const { return *program_; }

 private:
  std::unique_ptr<const Program> program_;
};

/// Validates stored canonical text (dump_json) without building a tree; holds the parser's buffers, so keep one per
/// thread. Not thread-safe. Text that is not canonical gets the right answer, slower.
class TextValidator {
 public:
  TextValidator();
  ~TextValidator();
  TextValidator(TextValidator&&) noexcept;
  TextValidator& operator=(TextValidator&&) noexcept;

  /// Fails with malformed (reasons as parse_json) for what is not JSON or nested deeper than 128.
  Result<Verdict> verdict(const Schema& schema, std::string_view canonical_json, const ValidateOptions& options = {});
  /// As Schema::validate.
  Result<std::vector<Violation>> validate(const Schema& schema, std::string_view canonical_json,
                                          const ValidateOptions& options = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// TextValidator::validate with a validator of its own; for single payloads.
Result<std::vector<Violation>> validate_text(const Schema& schema, std::string_view canonical_json,
                                             const ValidateOptions& options = {});

/// True when the schemas differ in annotations only (title, description, examples, default, $comment, readOnly,
/// writeOnly, deprecated, x-…), so that what one accepts the other accepts. Conservative: false when in doubt.
bool annotations_equal(const Json& a, const Json& b);

}  // namespace carillon::schema
