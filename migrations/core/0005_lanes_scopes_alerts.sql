-- Lane 0 is what must happen on time; lane 1 is what may wait while lane 0 has work (catch-up, backfill, bulk, retention).
ALTER TABLE registrations ADD COLUMN lane smallint NOT NULL DEFAULT 0;
DROP INDEX registrations_planned;
CREATE INDEX registrations_planned ON registrations (lane, planned_at) WHERE planned_at IS NOT NULL;
-- What is parked (due, but held back by maintenance) has a due time and no planned time.
CREATE INDEX registrations_parked ON registrations (tenant_id, id) WHERE planned_at IS NULL AND due_at IS NOT NULL;
GRANT INSERT, UPDATE, DELETE ON registrations TO carillon_system;
-- The group of runs that may not overlap, where it is neither the schedule nor the workflow: "k:" and the key's value.
ALTER TABLE run_queue ADD COLUMN scope text;
CREATE INDEX run_queue_scope ON run_queue (tenant_id, scope) WHERE scope IS NOT NULL;
-- The schedule's runs and the workflow's runs are found by one index.
DROP INDEX run_queue_schedule;
CREATE INDEX run_queue_workflow ON run_queue (tenant_id, workflow_id, schedule_id);
-- What somebody should look at. Raised by the hub, acknowledged by people.
CREATE TABLE alerts (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  code text NOT NULL,
  object_type text NOT NULL,
  object_id uuid NOT NULL,
  message text NOT NULL,
  detail text NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE INDEX alerts_open ON alerts (tenant_id, id) WHERE acknowledged_at IS NULL;
ALTER TABLE alerts ENABLE ROW LEVEL SECURITY;
CREATE POLICY alerts_app ON alerts TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY alerts_system ON alerts TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON alerts TO carillon_app;
GRANT SELECT, INSERT ON alerts TO carillon_system;
