-- Secrets of tenants. `sealed` is the value under a key of its own, `wrapped` that key under the key `key_id` of the hub's
-- key file; both AES-256-GCM in base64.
CREATE TABLE secrets (
  tenant_id uuid NOT NULL,
  name text NOT NULL,
  key_id text NOT NULL,
  wrapped text NOT NULL,
  sealed text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, name),
  FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY secrets_app ON secrets TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY secrets_system ON secrets TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, name, created_at, updated_at, updated_by), INSERT, UPDATE, DELETE ON secrets TO carillon_app;
-- Workers open them; a rotation wraps their keys anew.
GRANT SELECT, UPDATE (key_id, wrapped) ON secrets TO carillon_system;
-- Names of members whose values a tenant hides in payloads.
CREATE TABLE redaction_settings (
  tenant_id uuid NOT NULL PRIMARY KEY,
  patterns text[] NOT NULL,
  revision bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by text NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
ALTER TABLE redaction_settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY redaction_settings_app ON redaction_settings TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY redaction_settings_system ON redaction_settings TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON redaction_settings TO carillon_app;
GRANT SELECT (tenant_id, patterns) ON redaction_settings TO carillon_system;
