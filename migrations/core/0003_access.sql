-- Row-level security: the app role sees the tenant of its transaction, the system role what its grants name.
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenants_app ON tenants TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY tenants_system ON tenants TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE actors ENABLE ROW LEVEL SECURITY;
CREATE POLICY actors_app ON actors TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY actors_system ON actors TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY sessions_app ON sessions TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY sessions_system ON sessions TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY api_keys_app ON api_keys TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY api_keys_system ON api_keys TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY idempotency_keys_app ON idempotency_keys TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY idempotency_keys_system ON idempotency_keys TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE event_heads ENABLE ROW LEVEL SECURITY;
CREATE POLICY event_heads_app ON event_heads TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY event_heads_system ON event_heads TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY events_app ON events TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY events_system ON events TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_log_app ON audit_log TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY audit_log_system ON audit_log TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE workflows ENABLE ROW LEVEL SECURITY;
CREATE POLICY workflows_app ON workflows TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY workflows_system ON workflows TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE workflow_drafts ENABLE ROW LEVEL SECURITY;
CREATE POLICY workflow_drafts_app ON workflow_drafts TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY workflow_drafts_system ON workflow_drafts TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE workflow_versions ENABLE ROW LEVEL SECURITY;
CREATE POLICY workflow_versions_app ON workflow_versions TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY workflow_versions_system ON workflow_versions TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
CREATE POLICY runs_app ON runs TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY runs_system ON runs TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE run_queue ENABLE ROW LEVEL SECURITY;
CREATE POLICY run_queue_app ON run_queue TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY run_queue_system ON run_queue TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE run_steps ENABLE ROW LEVEL SECURITY;
CREATE POLICY run_steps_app ON run_steps TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY run_steps_system ON run_steps TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE registrations ENABLE ROW LEVEL SECURITY;
CREATE POLICY registrations_app ON registrations TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY registrations_system ON registrations TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON tenants TO carillon_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON actors TO carillon_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO carillon_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys TO carillon_app;
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO carillon_app;
GRANT SELECT, INSERT, UPDATE ON event_heads TO carillon_app;
GRANT SELECT, INSERT ON events TO carillon_app;
GRANT SELECT, INSERT ON audit_log TO carillon_app;
GRANT SELECT, INSERT, UPDATE ON workflows TO carillon_app;
GRANT SELECT, INSERT, UPDATE ON workflow_drafts TO carillon_app;
GRANT SELECT, INSERT ON workflow_versions TO carillon_app;
GRANT SELECT, INSERT ON runs TO carillon_app;
GRANT SELECT, INSERT, UPDATE ON run_queue TO carillon_app;
GRANT SELECT ON run_steps TO carillon_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON registrations TO carillon_app;
GRANT SELECT ON nodes TO carillon_app;
-- The system role: signing in, the due-scan, planner groups, workers and retention.
GRANT SELECT, INSERT ON tenants, actors TO carillon_system;
GRANT SELECT (tenant_id, expires_at), DELETE ON sessions TO carillon_system;
GRANT SELECT (tenant_id, created_at), DELETE ON idempotency_keys TO carillon_system;
GRANT SELECT, INSERT, UPDATE ON event_heads TO carillon_system;
GRANT SELECT, INSERT, DELETE ON events TO carillon_system;
GRANT SELECT ON workflow_versions, workflows TO carillon_system;
GRANT SELECT, INSERT, UPDATE (state, started_at, ended_at, output, error, takeovers) ON runs TO carillon_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON run_queue TO carillon_system;
GRANT SELECT, INSERT, UPDATE ON run_steps TO carillon_system;
GRANT SELECT, UPDATE (due_at, planned_at, zone_data, last_due_at, last_planned_at, last_fired_at, last_verdict, last_run_id, started)
  ON registrations TO carillon_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON nodes TO carillon_system;
