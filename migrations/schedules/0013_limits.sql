-- The limits under which due times are decided, from each time on that a node came with others: explanations need those of then.
CREATE TABLE fire_limits (
  since timestamptz NOT NULL PRIMARY KEY,
  grace_us bigint NOT NULL,
  one_time_window_us bigint NOT NULL
);
GRANT SELECT ON fire_limits TO carillon_app;
GRANT SELECT, INSERT ON fire_limits TO carillon_system;
