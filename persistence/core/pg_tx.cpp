#include "persistence/core/pg_tx.h"

#include "persistence/core/core_sql.h"

namespace carillon::pg {

namespace {

/// Consecutive parameters of one form, as libpqxx wants them.
struct ParamGroup {
  std::vector<const char*> texts;  ///< null is NULL
  std::vector<pqxx::binarystring> arrays;
};

}  // namespace

pqxx::result PgTx::exec_params(const Sql& sql, const std::vector<Param>& params) {
  if (connection_.prepared.insert(&sql).second) connection_.connection.prepare(sql.name, sql.text);
  wrote_ = wrote_ || sql.writes;
  // libpqxx takes any number of parameters of one type at a time: texts and arrays in turn, as often as written here.
  std::array<ParamGroup, 3> groups;
  std::size_t group = 0;
  for (const auto& p : params) {
    const bool array = p.form == Param::Form::binary;
    if (!array && !groups[group].arrays.empty() && ++group == groups.size())
      throw std::logic_error(std::string(sql.name) + ": its arrays and other parameters take turns too often");
    if (array) groups[group].arrays.emplace_back(p.value);
    else groups[group].texts.push_back(p.form == Param::Form::null ? nullptr : p.value.c_str());
  }
  using pqxx::prepare::make_dynamic_params;
  return session_.exec_prepared(sql.name, make_dynamic_params(groups[0].texts), make_dynamic_params(groups[0].arrays),
                                make_dynamic_params(groups[1].texts), make_dynamic_params(groups[1].arrays),
                                make_dynamic_params(groups[2].texts), make_dynamic_params(groups[2].arrays));
}

void PgTx::emit(TenantId tenant, Event event) {
  std::string& body = events_[tenant];
  body += body.empty() ? '[' : ',';
  append_json(body, event);
}

void PgTx::raise(TenantId tenant, Alert alert) { alerts_.emplace_back(tenant, std::move(alert)); }

void PgTx::flush() {
  for (auto& [tenant, alert] : alerts_) {
    const Uuid id = ids_.next();
    const Sql& insert = alert.unless_since ? kInsertAlertOnce : kInsertAlert;
    if (alert.unless_since) exec(kFreeAlertKey, tenant, alert.code, *alert.unless_since);
    const auto inserted = exec(insert, tenant, id, now_, alert.code, alert.object_type, alert.object_id, alert.message, dump_json(alert.detail));
    if (inserted.affected_rows() == 0) continue;
    emit(tenant, raised_event(id, now_, alert));
  }
  for (auto& [tenant, entry] : audits_) {
    audit_ = ids_.next();
    exec(kInsertAudit, tenant, *audit_, now_, entry.actor, entry.actor_name, entry.action, entry.object_type,
         entry.object_id, entry.request_id, dump_json(entry.detail));
  }
  if (!events_.empty()) {
    // The map is ordered, so all transactions take the heads in one order.
    UuidColumn tenants;
    for (const auto& [tenant, _] : events_) tenants.add(tenant);
    for (const auto& row : exec(kBumpEventHeads, tenants)) seq_[id_of<TenantId>(row[0])] = int_of(row[1]);
    BigColumn seqs;
    TextColumn bodies;
    for (auto& [tenant, body] : events_) {
      seqs.add(seq_.at(tenant));
      body += ']';
      bodies.add(body);
    }
    exec(kInsertEvents, tenants, seqs, bodies, now_);
    topics_.insert("events");
  }
  if (!topics_.empty()) {
    std::string payload;
    for (const auto& topic : topics_) payload += (payload.empty() ? "" : ",") + topic;
    xid_ = text_of(exec(kNotify, payload)[0][1]);
  } else if (wrote_) {
    xid_ = text_of(exec(kCurrentXid)[0][0]);
  }
}

std::optional<CommitTrace> PgTx::trace() const {
  if (audit_) return CommitTrace{audits_.back().first, audit_, 0, ""};
  if (seq_.empty()) return std::nullopt;
  const auto& [tenant, seq] = *seq_.begin();
  return CommitTrace{tenant, std::nullopt, seq, events_.at(tenant)};
}

bool PgTx::finds(const CommitTrace& trace) {
  if (trace.audit) return !exec(kFindAudit, trace.tenant, *trace.audit).empty();
  const auto rows = exec(kFindEvents, trace.tenant, trace.seq);
  return !rows.empty() && text_of(rows[0][0]) == trace.events;
}

std::string PgTx::status_of(const std::string& xid) {
  const auto rows = exec(kXactStatus, xid);
  return rows[0][0].is_null() ? "" : text_of(rows[0][0]);
}

void PgTx::run_after_commit() {
  for (auto& action : after_commit_) action();
}

bool violates(const pqxx::unique_violation& e, std::string_view index) {
  return std::string_view(e.what()).find("\"" + std::string(index) + "\"") != std::string_view::npos;
}

}  // namespace carillon::pg
