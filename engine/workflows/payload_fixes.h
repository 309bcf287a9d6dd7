#pragma once
#include <map>
#include <memory>
#include <string>

#include "engine/base/json.h"

namespace carillon {

/// A payload that replaces one that a publish finds. The migration is not applied to it.
struct PayloadFix {
  std::int64_t revision = 0;  ///< of what holds the payload, as it was read; with another one the fix is stale
  std::string payload;        ///< canonical text
};

/// Payloads that come with a publish, by the id of what holds them, which is the hooks' to know: such a payload fits
/// the new schema and perhaps not the old one, so it cannot be saved before the publish. Immutable; any number of threads.
class PayloadFixes {
 public:
  /// Of the request's object {id: {revision, payload}}; null for an empty one. invalid FIXES_MALFORMED, field
  /// /payload_fixes/…; at most 500.
  static Result<std::shared_ptr<const PayloadFixes>> parse(const Json& fixes);
  const PayloadFix* find(const std::string& id) const {
    auto it = fixes_.find(id);
    return it == fixes_.end() ? nullptr : &it->second;
  }
  const std::map<std::string, PayloadFix>& all() const { return fixes_; }
  /// Canonical text of the request's object.
  const std::string& text() const { return text_; }

 private:
  PayloadFixes() = default;
  std::map<std::string, PayloadFix> fixes_;
  std::string text_;
};

}  // namespace carillon
