-- For hubs that take over a database of the old shape (one schedule for each workflow, the trigger inside the definition):
-- what became of each of its records. One that stands here is never imported again.
CREATE TABLE legacy_imports (
  tenant_id uuid NOT NULL,
  kind text NOT NULL,
  old_id text NOT NULL,
  schedule_id uuid,
  line text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, kind, old_id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
ALTER TABLE legacy_imports ENABLE ROW LEVEL SECURITY;
CREATE POLICY legacy_imports_app ON legacy_imports TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY legacy_imports_system ON legacy_imports TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON legacy_imports TO carillon_app;
-- A tenant that only the old database knows is made in the transaction that imports it; the policy lets it be no other.
GRANT INSERT ON tenants TO carillon_app;
