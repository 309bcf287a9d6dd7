#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.h"
#include "engine/redaction/value_mask.h"
#include "engine/schema/schema.h"

namespace carillon {

/// Names of members whose values are hidden in every payload of a tenant: "*" stands for any text, "?" for one
/// character, letters match in either case. Immutable.
class KeyPatterns {
 public:
  /// invalid PATTERN_MALFORMED, field /patterns/<n>; TOO_MANY_PATTERNS. At most 100 of at most 100 bytes.
  static Result<std::shared_ptr<const KeyPatterns>> parse(const std::vector<std::string>& patterns);
  bool matches(std::string_view member) const;

 private:
  std::vector<std::string> patterns_;  ///< lower case
};

/// The one place that decides which values of a payload are hidden, and what is shown instead: values that a payload
/// schema marks (schema/marks.h) and values of members whose name matches a pattern. A secret reference is not a value:
/// it is shown. Immutable and cheap to copy; any number of threads.
///
/// Shown instead of a value is a *placeholder*: {"$redacted": {"at": pointer, "type": "string"}} with the place and the
/// JSON type of the value. No stored payload holds an object with a member "$redacted" (check_payload refuses it), so a
/// placeholder cannot be confused with a value.
class Redactor {
 public:
  /// Hides nothing.
  Redactor() = default;
  /// `schema` and `patterns` may be null; a schema without marks counts as null.
  Redactor(const std::shared_ptr<const schema::Schema>& schema, std::shared_ptr<const KeyPatterns> patterns);
  /// Hides what either hides.
  void also(const Redactor& other);

  /// Nothing is ever hidden; asking it costs nothing.
  bool idle() const { return schemas_.empty() && patterns_.empty(); }
  /// Pointers of the hidden values, in order, none below another.
  std::vector<std::string> places(const Json& value) const;
  /// `value` with placeholders.
  Json shown(Json value) const;
  /// What to look for where the hidden values may turn up again.
  ValueMask mask_of(const Json& value) const;
  /// `value` with placeholders where a member's name matches a pattern; for what is no payload, like a step's output.
  Json shown_by_name(Json value) const;
  /// A list of differences between two payloads, each with its pointer under `pointer_member` (after `prefix`), perhaps
  /// `before` and `after`: with placeholders, and one entry for all that lies below a hidden value.
  Json shown_changes(const Json& changes, const Json& before, const Json& after, const std::string& pointer_member,
                     const std::string& prefix) const;

 private:
  std::vector<std::shared_ptr<const schema::Schema>> schemas_;
  std::vector<std::shared_ptr<const KeyPatterns>> patterns_;
};

/// Whether a value holds an object with a member "$redacted".
bool holds_placeholders(const Json& value);
/// Pointers of such objects.
std::vector<std::string> placeholder_places(const Json& value);

/// The payload that somebody means who edited what a redactor showed: each placeholder is replaced by the stored value
/// that it stands for, wherever it was moved to. Refused (invalid, field below `field`, the pointer of the placeholder):
///   PLACEHOLDER_MALFORMED   it is not of the shape of one
///   PLACEHOLDER_UNKNOWN     there is no hidden value at its place: nothing is stored (`stored` null), or something else
///   PLACEHOLDER_SHOWN       the value would be shown where it was put, by `target`
Result<Json> restore_hidden(Json edited, const Json* stored, const Redactor& hidden_by, const Redactor& target, const std::string& field);

/// Violations of a payload without what lies in the marked values of its schema: those at or below one say only which
/// keyword failed, at the place of the value.
std::vector<Violation> without_hidden(std::vector<Violation> violations, const schema::Schema& schema, const Json& payload);

}  // namespace carillon
