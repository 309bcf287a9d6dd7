-- Tenants, who belongs to them, and what proves it.
CREATE TABLE tenants (
  tenant_id uuid NOT NULL PRIMARY KEY,
  slug text NOT NULL,
  name text NOT NULL,
  default_zone text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE actors (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  password_hash text NOT NULL,
  roles text[] NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX actors_email ON actors (tenant_id, lower(email)) WHERE email <> '';
CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  token_hash text NOT NULL,
  id uuid NOT NULL,
  actor_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, actor_id) REFERENCES actors (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE api_keys (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  actor_id uuid NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  prefix text NOT NULL,
  secret_hash text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, actor_id) REFERENCES actors (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (tenant_id, secret_hash);
CREATE TABLE idempotency_keys (
  tenant_id uuid NOT NULL,
  key text NOT NULL,
  request_hash bigint NOT NULL,
  body text NOT NULL,
  revision bigint,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key)
);
-- The change stream: one row per transaction and tenant; the head serialises writers, so numbers have no gaps.
CREATE TABLE event_heads (
  tenant_id uuid NOT NULL PRIMARY KEY,
  seq bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE events (
  tenant_id uuid NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);
CREATE TABLE audit_log (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid NOT NULL,
  actor_name text NOT NULL,
  action text NOT NULL,
  object_type text NOT NULL,
  object_id uuid NOT NULL,
  request_id text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
-- Nodes are no tenant's.
CREATE TABLE nodes (
  id uuid NOT NULL PRIMARY KEY,
  host text NOT NULL,
  version text NOT NULL,
  roles text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  lag_us bigint NOT NULL,
  running integer NOT NULL
);
