-- What a publish has answered for each schedule, in pages of JSON; page 0 has those whose state changed.
CREATE TABLE publish_verdicts (
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  version bigint NOT NULL,
  page bigint NOT NULL,
  verdicts text NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, version, page),
  FOREIGN KEY (tenant_id, workflow_id, version) REFERENCES workflow_versions (tenant_id, workflow_id, number)
);
ALTER TABLE publish_verdicts ENABLE ROW LEVEL SECURITY;
CREATE POLICY publish_verdicts_app ON publish_verdicts TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY publish_verdicts_system ON publish_verdicts TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON publish_verdicts TO carillon_app;
