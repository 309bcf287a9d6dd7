#include "engine/workflows/payload_schemas.h"

#include "engine/redaction/redactor.h"
#include "engine/schema/secret_reference.h"

namespace carillon {
Result<std::shared_ptr<const schema::Schema>> PayloadSchemas::of_version(Tx& tx, TenantId tenant, WorkflowId workflow,
                                                                         std::int64_t number) {
  CARILLON_TRY(auto version, store_.version(tx, tenant, workflow, number));
  return of_text(version.payload_schema);
}

Result<std::shared_ptr<const schema::Schema>> PayloadSchemas::of_text(const std::string& text) {
  if (text.empty()) return std::shared_ptr<const schema::Schema>();
  return cache_.get(text);
}

Status check_payload(const schema::Schema& schema, const Json& payload, const std::string& field) {
  auto checked = schema::holds_secrets(payload) ? schema::validate_with_secrets(schema, payload) : schema.validate(payload);
  if (!checked) return checked.error();
  auto violations = without_hidden(std::move(*checked), schema, payload);
  for (const auto& place : placeholder_places(payload))
    violations.push_back({place, "", "$redacted", "must not have the property \"$redacted\": it stands for a hidden value", "{}"});
  if (violations.empty()) return ok();
  const Violation& first = violations.front();
  std::string where = first.instance.empty() ? "the root" : first.instance;
  std::string more = violations.size() > 1 ? " (and " + std::to_string(violations.size() - 1) + " more)" : "";
  return Error{ErrorCode::invalid, "PAYLOAD_INVALID", "The payload does not fit the payload schema: " + where + ": " + first.message + more,
               field, "", "Correct the payload at the named places; nothing was saved.", std::move(violations)};
}

}  // namespace carillon
