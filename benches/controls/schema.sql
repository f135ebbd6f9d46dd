-- The rows of the Fastify controls, on both databases.
CREATE TABLE install (
  account INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  generation INTEGER NOT NULL
);
CREATE TABLE consent (
  account INTEGER NOT NULL,
  person INTEGER NOT NULL,
  policy_hash TEXT NOT NULL,
  lang TEXT NOT NULL,
  contact TEXT NOT NULL,
  given_at BIGINT NOT NULL
);
CREATE INDEX consent_account ON consent (account, given_at);
CREATE TABLE used_token (jti TEXT PRIMARY KEY, expires_at BIGINT NOT NULL);
CREATE TABLE disconnect (account INTEGER PRIMARY KEY, came_at BIGINT NOT NULL);
CREATE TABLE code (code TEXT PRIMARY KEY, host TEXT NOT NULL, came_at BIGINT NOT NULL);
