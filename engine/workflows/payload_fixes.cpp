#include "engine/workflows/payload_fixes.h"

namespace carillon {
namespace {

constexpr std::size_t kMostFixes = 500;

Error malformed_fix(const std::string& field, const std::string& message, const std::string& remedy) {
  return Error{ErrorCode::invalid, "FIXES_MALFORMED", message, field, "", remedy, {}};
}

}  // namespace

Result<std::shared_ptr<const PayloadFixes>> PayloadFixes::parse(const Json& fixes) {
  if (!fixes.is_object() || fixes.size() > kMostFixes)
    return malformed_fix("/payload_fixes", "Payload fixes are an object of at most " + std::to_string(kMostFixes) + " members.",
                         "Send {id: {revision, payload}}; change more payloads with a migration.");
  if (fixes.empty()) return std::shared_ptr<const PayloadFixes>();
  std::shared_ptr<PayloadFixes> out(new PayloadFixes());
  for (const auto& [id, fix] : fixes.items()) {
    const std::string at = pointer_append("/payload_fixes", id);
    if (!fix.is_object() || !fix.contains("payload") || !fix.contains("revision") || !fix.at("revision").is_number_integer())
      return malformed_fix(at, "A payload fix needs \"revision\" and \"payload\".", "Send the revision at which you read the payload.");
    out->fixes_[id] = {fix.at("revision").get<std::int64_t>(), dump_json(fix.at("payload"))};
  }
  out->text_ = dump_json(fixes);
  return std::shared_ptr<const PayloadFixes>(std::move(out));
}

}  // namespace carillon
