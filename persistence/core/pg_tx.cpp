#include "persistence/core/pg_tx.h"

#include "persistence/core/core_sql.h"

namespace carillon::pg {

pqxx::result PgTx::exec_params(const Sql& sql, const std::vector<Param>& params) {
  if (connection_.prepared.insert(&sql).second) connection_.connection.prepare(sql.name, sql.text);
  wrote_ = wrote_ || sql.writes;
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const auto& p : params) values.push_back(p ? p->c_str() : nullptr);
  return session_.exec_prepared(sql.name, pqxx::prepare::make_dynamic_params(values));
}

void PgTx::raise(TenantId tenant, Alert alert) { alerts_.emplace_back(tenant, std::move(alert)); }

void PgTx::flush() {
  for (auto& [tenant, alert] : alerts_) {
    const Uuid id = ids_.next();
    exec(kInsertAlert, tenant, id, now_, alert.code, alert.object_type, alert.object_id, alert.message, dump_json(alert.detail));
    emit(tenant, raised_event(id, now_, alert));
  }
  for (auto& [tenant, entry] : audits_) {
    exec(kInsertAudit, tenant, ids_.next(), now_, entry.actor, entry.actor_name, entry.action, entry.object_type,
         entry.object_id, entry.request_id, dump_json(entry.detail));
  }
  if (!events_.empty()) {
    // The map is ordered, so all transactions take the heads in one order.
    ArrayText tenants;
    for (const auto& [tenant, _] : events_) tenants.add(tenant);
    std::string tenant_list = tenants.take();
    pqxx::result heads = exec(kBumpEventHeads, tenant_list);
    std::map<TenantId, std::int64_t> seq;
    for (const auto& row : heads) seq[id_of<TenantId>(row[0])] = int_of(row[1]);
    ArrayText seqs, bodies;
    for (const auto& [tenant, list] : events_) {
      seqs.add(seq.at(tenant));
      Json body = Json::array();
      for (const auto& event : list) body.push_back(to_json(event));
      bodies.add(dump_json(body));
    }
    exec(kInsertEvents, tenant_list, seqs.take(), bodies.take(), now_);
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

void PgTx::run_after_commit() {
  for (auto& action : after_commit_) action();
}

bool violates(const pqxx::unique_violation& e, std::string_view index) {
  return std::string_view(e.what()).find("\"" + std::string(index) + "\"") != std::string_view::npos;
}

}  // namespace carillon::pg
