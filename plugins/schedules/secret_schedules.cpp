#include "plugins/schedules/secret_schedules.h"

#include "engine/schema/secret_reference.h"

namespace carillon::schedules {

Result<std::vector<SecretUse>> SecretSchedules::uses(Tx& tx, TenantId tenant, const std::string& secret, int limit) {
  const std::string text = secret.empty() ? "\"$secret\":" : dump_json(schema::secret_reference(secret));
  CARILLON_TRY(const auto found, schedules_.payloads_with(tx, tenant, text, limit));
  std::vector<SecretUse> out;
  for (const auto& each : found) {
    std::set<std::string> names;
    for (const auto& place : schema::secret_places(parse_stored_json(each.payload)))
      if (secret.empty() || place.name == secret) names.insert(place.name);
    for (const auto& name : names) out.push_back({name, "schedule", each.id.value, each.name, each.workflow_name});
  }
  return out;
}

}  // namespace carillon::schedules
