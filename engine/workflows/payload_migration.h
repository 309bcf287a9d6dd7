#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/json.h"
#include "engine/expr/expression.h"

namespace carillon {

/// What a publish changes in the payloads it finds: operations, applied in order. Immutable; any number of threads.
///   rename  from, to      moves a value; nothing where `from` is absent
///   default path, value   sets it where it is absent
///   drop    path          takes it out; nothing where it is absent
///   set     path, expr    sets what the jq expression gives for the whole payload
/// Paths are RFC 6901 pointers to a member of an object or to an element that an array has; parents that are absent are
/// made as objects by `to`, `default` and `set`.
class PayloadMigration {
 public:
  struct Rename { std::vector<std::string> from, to; };
  struct Default { std::vector<std::string> path; Json value; };
  struct Drop { std::vector<std::string> path; };
  struct Set { std::vector<std::string> path; std::size_t expression; };
  using Operation = std::variant<Rename, Default, Drop, Set>;

  /// Of the request's array; null for an empty one. invalid MIGRATION_MALFORMED, field /migration/<n>/…; at most 100.
  static Result<std::shared_ptr<const PayloadMigration>> parse(const Json& operations);
  /// `now` is what jq's `now` answers. invalid MIGRATION_FAILED, field /migration/<n>, when an operation does not apply
  /// to this payload.
  Result<Json> apply(Json payload, Instant now) const;
  /// Canonical text of the operations.
  const std::string& text() const { return text_; }

 private:
  PayloadMigration() = default;
  Status apply_one(std::size_t index, Json& payload, Instant now) const;
  std::vector<Operation> operations_;
  std::shared_ptr<const ExpressionSet> expressions_;  ///< null without `set`
  std::string text_;
};

/// What differs between two values, by pointer: [{pointer, kind: added|removed|changed, before?, after?}]; objects member
/// by member, anything else whole. At most `limit` entries.
Json json_changes(const Json& before, const Json& after, std::size_t limit = 200);

}  // namespace carillon
