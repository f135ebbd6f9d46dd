-- What our disconnect hook asks of PostgreSQL, one transaction a hook: lock the Install, look whether a
-- grant is held, note the hook, ask for the check. Run by scripts/bench on our own schema.
\set n :n + 1
\set account :first + :n * :clients + :client_id
BEGIN;
SELECT id AS install, generation FROM install WHERE product_id = :product AND account_id = :account FOR UPDATE \gset
SELECT count(*) FROM token_pair WHERE install_id = :install;
INSERT INTO disconnect_hook (product_id, account_index, believed_in)
  VALUES (:product, sha256(:account::text::bytea), :generation)
  ON CONFLICT (product_id, account_index) DO UPDATE SET believed_in = excluded.believed_in;
INSERT INTO job (id, kind, payload, open_key, install_id, asked_at, run_at, attempt)
  VALUES (gen_random_uuid(), 'check-grant', json_build_object('install', :install::text), 'check-grant:' || :install::text,
          :install, 1800000000000, 1800000000000, 0)
  ON CONFLICT (open_key) DO NOTHING;
COMMIT;
