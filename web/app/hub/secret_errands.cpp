#include "web/app/hub/secret_errands.h"

#include "persistence/stores/pg_schedule_store.h"
#include "persistence/stores/pg_secret_store.h"
#include "plugins/schedules/secret_schedules.h"
#include "web/app/hub/errand.h"

namespace carillon {
namespace {

constexpr int kRewrapBatch = 500;

struct SecretDesk : Errand {
  KeyFile keys;
  pg::PgSecretStore secrets{keys};
  pg::PgScheduleStore schedules;
  schedules::SecretSchedules users{schedules};
  SecretControl control{secrets, [this] { return std::vector<SecretUser*>{&users}; }};
  TenantContext who;

  SecretDesk(const SecretErrand& errand, Logger& log) : Errand(errand.database_url, log), keys(errand.key_file) {
    who.actor_name = "operator";
    who.request_id = ids.next().to_string();
  }
  Status enter(const std::string& slug) {
    CARILLON_TRY(const auto tenant, tenant_of(slug));
    if (!tenant)
      return Error{ErrorCode::invalid, "TENANT_MISSING", "Secrets belong to a tenant.", "tenant", "", "Name it with --tenant.", {}};
    who.tenant = *tenant;
    return ok();
  }
};

}  // namespace

Result<SecretView> put_secret(const SecretErrand& errand, const std::string& name, const std::string& value, Logger& log) {
  SecretDesk desk(errand, log);
  CARILLON_CHECK(desk.enter(errand.tenant));
  return transact(desk.db, desk.who.tenant, [&](Tx& tx) { return desk.control.put(tx, desk.who, name, value); });
}

Result<std::vector<SecretView>> list_secrets(const SecretErrand& errand, Logger& log) {
  SecretDesk desk(errand, log);
  CARILLON_CHECK(desk.enter(errand.tenant));
  return transact(desk.db, desk.who.tenant, [&](Tx& tx) { return desk.control.list(tx, desk.who.tenant); });
}

Status delete_secret(const SecretErrand& errand, const std::string& name, bool force, Logger& log) {
  SecretDesk desk(errand, log);
  CARILLON_CHECK(desk.enter(errand.tenant));
  return desk.db.in_tenant(desk.who.tenant, [&](Tx& tx) { return desk.control.remove(tx, desk.who, name, force); });
}

Result<Rotation> rotate_secrets(const SecretErrand& errand, Logger& log) {
  SecretDesk desk(errand, log);
  CARILLON_TRY(const auto needed, transact_system(desk.db, [&](Tx& tx) { return desk.secrets.key_ids(tx); }));
  CARILLON_TRY(const auto key, desk.keys.rotate(needed));
  Rotation out{key.id, 0};
  while (true) {
    CARILLON_TRY(const auto done, transact_system(desk.db, [&](Tx& tx) { return desk.secrets.rewrap(tx, kRewrapBatch); }));
    out.secrets += done;
    if (done < kRewrapBatch) return out;
  }
}

}  // namespace carillon
