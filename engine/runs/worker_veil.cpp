// What a worker reads so that nothing secret is stored or logged: the veils of the runs it takes, and the secrets of those
// that are about to send something.
#include <algorithm>

#include "engine/runs/worker.h"

namespace carillon {

Status Worker::veil(Tx& tx, std::vector<Active>& adopted) {
  if (adopted.empty()) return ok();
  std::vector<TenantId> tenants;
  for (const auto& active : adopted) tenants.push_back(active.claimed.tenant);
  std::ranges::sort(tenants);
  const auto rest = std::ranges::unique(tenants);
  tenants.erase(rest.begin(), rest.end());
  CARILLON_TRY(const auto patterns, redaction_.patterns_of(tx, tenants));
  for (auto& active : adopted) {
    const auto named = patterns.find(active.claimed.tenant);
    active.veil = RunVeil::over(active.claimed.input, Redactor(active.version->marks, named == patterns.end() ? nullptr : named->second), ids_);
  }
  return ok();
}

Result<Worker::ReadSecrets> Worker::read_secrets(Tx& tx, const std::vector<Active>& adopted) {
  std::vector<SecretKey> keys;
  const auto want = [&](const Active& active) {
    if (!active.veil) return;
    for (const auto& name : active.veil->secrets()) keys.push_back({active.claimed.tenant, name});
  };
  for (const auto& [id, out] : outgoing_) {
    const bool sends = std::ranges::any_of(out.effects, [](const Effect& e) { return std::holds_alternative<HttpCall>(e); });
    if (auto it = active_.find(id); sends && it != active_.end()) want(it->second);
  }
  for (const auto& active : adopted)
    if (!active.claimed.checkpoint.empty()) want(active);
  if (keys.empty()) return ReadSecrets();
  std::ranges::sort(keys);
  const auto rest = std::ranges::unique(keys);
  keys.erase(rest.begin(), rest.end());
  CARILLON_TRY(auto read, secrets_.read(tx, keys));
  for (const auto& key : keys)
    read.emplace(key, Error{ErrorCode::invalid, "SECRET_UNKNOWN", "There is no secret \"" + key.name + "\" (any more).", "", key.name,
                            "Put it (PUT /api/v1/secrets/" + key.name + "), then retry the run.", {}});
  return read;
}

void Worker::learn(const ReadSecrets& secrets, std::vector<Active>& adopted) {
  if (secrets.empty()) return;
  const auto tell = [&](Active& active) {
    if (!active.veil) return;
    for (const auto& name : active.veil->secrets())
      if (auto it = secrets.find({active.claimed.tenant, name}); it != secrets.end()) active.veil->learn(name, it->second);
  };
  for (auto& [_, active] : active_) tell(active);
  for (auto& active : adopted) tell(active);
}

}  // namespace carillon
