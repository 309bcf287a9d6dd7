#include "engine/secrets/secret_control.h"

#include <algorithm>

#include "engine/schema/secret_reference.h"

namespace carillon {
namespace {

constexpr int kMostUses = 1'000;
constexpr std::size_t kUsesNamed = 5;

/// Insertions, deletions and replacements between two names.
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j)
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)}));
  }
  return row[b.size()];
}

std::string nearest_secret(const std::string& name, const std::vector<SecretInfo>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(name.size() / 3, 2) + 1;
  for (const auto& each : known)
    if (const auto slips = slips_between(name, each.name); slips < least) {
      least = slips;
      best = each.name;
    }
  return best;
}

AuditEntry secret_audit(const TenantContext& who, const std::string& action, Json detail) {
  return {who.actor, who.actor_name, action, "secret", Uuid{}, who.request_id, std::move(detail)};
}

}  // namespace

Json to_json(const SecretView& view) {
  Json uses = Json::array();
  for (const auto& use : view.uses)
    uses.push_back({{"type", use.type}, {"id", use.id.to_string()}, {"name", use.name}, {"workflow_name", use.workflow_name}});
  return {{"name", view.info.name}, {"created_at", format_instant(view.info.created_at)}, {"updated_at", format_instant(view.info.updated_at)},
          {"updated_by", view.info.updated_by}, {"used_by", std::move(uses)}};
}

Result<std::vector<SecretUse>> SecretControl::uses(Tx& tx, TenantId tenant, const std::string& secret) {
  std::vector<SecretUse> out;
  for (SecretUser* user : users_()) {
    CARILLON_TRY(auto some, user->uses(tx, tenant, secret, kMostUses));
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

Result<std::vector<SecretView>> SecretControl::list(Tx& tx, TenantId tenant) {
  CARILLON_TRY(auto infos, store_.list(tx, tenant));
  CARILLON_TRY(auto all, uses(tx, tenant, ""));
  std::vector<SecretView> out;
  for (auto& info : infos) {
    SecretView view{std::move(info), {}};
    std::ranges::copy_if(all, std::back_inserter(view.uses), [&](const SecretUse& use) { return use.secret == view.info.name; });
    out.push_back(std::move(view));
  }
  return out;
}

Result<SecretView> SecretControl::put(Tx& tx, const TenantContext& who, const std::string& name, const std::string& value) {
  if (!schema::is_secret_name(name))
    return Error{ErrorCode::invalid, "SECRET_NAME_MALFORMED", "This is no name of a secret.", "name", shorten(name),
                 "Use up to 100 letters, digits, \".\", \"_\" and \"-\", beginning with a letter or digit.", {}};
  if (value.size() < kShortestSecret)
    return Error{ErrorCode::invalid, "SECRET_TOO_SHORT", "The value has fewer than " + std::to_string(kShortestSecret) + " bytes.", "/value", "",
                 "Choose a longer one: short ones can be guessed.", {}};
  if (value.size() > kLongestSecret)
    return Error{ErrorCode::invalid, "SECRET_TOO_LONG", "The value has more than " + std::to_string(kLongestSecret) + " bytes.", "/value", "",
                 "Keep large data elsewhere, and the key to it here.", {}};
  CARILLON_TRY(const bool fresh, store_.put(tx, who.tenant, name, value, who.actor_name));
  tx.audit(who.tenant, secret_audit(who, "secrets.put", {{"name", name}, {"new", fresh}}));
  CARILLON_TRY(auto info, store_.find(tx, who.tenant, name));
  CARILLON_TRY(auto used, uses(tx, who.tenant, name));
  return SecretView{info.value(), std::move(used)};
}

Status SecretControl::remove(Tx& tx, const TenantContext& who, const std::string& name, bool force) {
  CARILLON_TRY(const bool there, store_.lock(tx, who.tenant, name));
  if (!there) return Error{ErrorCode::not_found, "NOT_FOUND", "There is no secret of this name.", "name", shorten(name), "List the secrets.", {}};
  CARILLON_TRY(const auto used, uses(tx, who.tenant, name));
  if (!used.empty() && !force) {
    std::string names;
    for (std::size_t n = 0; n < used.size() && n < kUsesNamed; ++n) names += (n ? ", " : "") + ("\"" + shorten(used[n].name) + "\"");
    if (used.size() > kUsesNamed) names += " and " + std::to_string(used.size() - kUsesNamed) + " more";
    return Error{ErrorCode::conflict, "SECRET_IN_USE", "The payloads of " + names + " refer to this secret; their runs would fail.", "name", name,
                 "Change those payloads first, or send force=true.", {}};
  }
  CARILLON_CHECK(store_.remove(tx, who.tenant, name));
  tx.audit(who.tenant, secret_audit(who, "secrets.delete", {{"name", name}, {"forced", force && !used.empty()}, {"used_by", used.size()}}));
  return ok();
}

Status check_secrets(Tx& tx, SecretStore& store, const TenantContext& who, const Json& payload, const Json* stored, const std::string& field) {
  if (!schema::holds_secrets(payload)) return ok();
  const auto places = schema::secret_places(payload);
  std::set<std::string> names, before;
  for (const auto& place : places) names.insert(place.name);
  if (stored)
    for (const auto& place : schema::secret_places(*stored)) before.insert(place.name);
  CARILLON_TRY(const auto known, store.hold(tx, who.tenant, names));
  for (const auto& place : places) {
    if (!before.contains(place.name) && !who.may(kUseSecrets))
      return Error{ErrorCode::forbidden, "MISSING_PERMISSION", "Referring to a secret needs the permission " + std::string(kUseSecrets) + ".",
                   field + place.pointer, kUseSecrets, "Ask an admin of the tenant for a role that has it.", {}};
    if (known.contains(place.name)) continue;
    CARILLON_TRY(const auto all, store.list(tx, who.tenant));
    const std::string nearest = who.may(kUseSecrets) ? nearest_secret(place.name, all) : "";
    return Error{ErrorCode::invalid, "SECRET_UNKNOWN", "There is no secret \"" + place.name + "\".", field + place.pointer, place.name,
                 nearest.empty() ? "Put it first: PUT /api/v1/secrets/" + place.name + "." : "Did you mean \"" + nearest + "\"? Otherwise put it first.", {}};
  }
  return ok();
}

}  // namespace carillon
