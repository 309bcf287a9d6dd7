#pragma once
#include "persistence/core/sql.h"

namespace carillon::pg {

inline constexpr Sql kInsertAudit{
    "insert_audit",
    "INSERT INTO audit_log (tenant_id, id, at, actor_id, actor_name, action, object_type, object_id, request_id, detail) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    Scope::app, true};
inline constexpr Sql kInsertAlert{
    "insert_alert",
    "INSERT INTO alerts (tenant_id, id, at, code, object_type, object_id, message, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    Scope::app, true};
// One that is raised once holds its code as key. Who is later than it may be frees the key first; whoever comes second
// waits for the first one's row and then leaves its own out.
inline constexpr Sql kFreeAlertKey{
    "free_alert_key", "UPDATE alerts SET once_key = NULL WHERE tenant_id = $1 AND once_key = $2 AND at <= $3", Scope::app, true};
inline constexpr Sql kInsertAlertOnce{
    "insert_alert_once",
    "INSERT INTO alerts (tenant_id, id, at, code, object_type, object_id, message, detail, once_key) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $4) ON CONFLICT (tenant_id, once_key) WHERE once_key IS NOT NULL DO NOTHING",
    Scope::app, true};
inline constexpr Sql kBumpEventHeads{
    "bump_event_heads",
    "INSERT INTO event_heads (tenant_id, seq) SELECT t, 1 FROM unnest($1::uuid[]) AS t "
    "ON CONFLICT (tenant_id) DO UPDATE SET seq = event_heads.seq + 1 RETURNING tenant_id, seq",
    Scope::system, true};
inline constexpr Sql kInsertEvents{
    "insert_events",
    "INSERT INTO events (tenant_id, seq, at, body) SELECT t, s, $4, b "
    "FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS u(t, s, b) ON CONFLICT (tenant_id, seq) DO NOTHING",
    Scope::system, true};
inline constexpr Sql kFindAudit{"find_audit", "SELECT 1 FROM audit_log WHERE tenant_id = $1 AND id = $2"};
inline constexpr Sql kFindEvents{"find_events", "SELECT body FROM events WHERE tenant_id = $1 AND seq = $2"};
inline constexpr Sql kXactStatus{"xact_status", "SELECT pg_xact_status($1::text::xid8)", Scope::system};
inline constexpr Sql kNotify{"notify", "SELECT pg_notify('carillon', $1), pg_current_xact_id_if_assigned()", Scope::system};
inline constexpr Sql kCurrentXid{"current_xid", "SELECT pg_current_xact_id_if_assigned()", Scope::system};

}  // namespace carillon::pg
