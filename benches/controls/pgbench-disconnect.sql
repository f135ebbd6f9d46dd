-- What our disconnect hook asks of PostgreSQL (src/store/disconnects.rs), one transaction a hook: lock
-- the Install and note the hook, ask for the check. Run by scripts/bench on our own schema.
\set n :n + 1
\set account :first + :n * :clients + :client_id
BEGIN;
WITH hook (product_id, account_id, account_index) AS (
       VALUES (CAST(:product AS uuid), CAST(:account AS bigint), sha256(:account::text::bytea))),
     known AS (
       SELECT i.id, i.product_id, i.account_id, i.generation
       FROM install i JOIN hook h ON i.product_id = h.product_id AND i.account_id = h.account_id
       ORDER BY i.id FOR UPDATE OF i SKIP LOCKED)
INSERT INTO disconnect_hook (product_id, account_index, install_id, generation, believed)
  SELECT h.product_id, h.account_index, k.id, k.generation, k.id IS NOT NULL
  FROM hook h
  LEFT JOIN known k ON k.product_id = h.product_id AND k.account_id = h.account_id
  WHERE k.id IS NOT NULL
     OR NOT EXISTS (SELECT 1 FROM install i WHERE i.product_id = h.product_id AND i.account_id = h.account_id)
  ON CONFLICT (product_id, account_index) DO UPDATE
  SET install_id = excluded.install_id, generation = excluded.generation,
      believed = excluded.install_id IS NOT NULL AND (
        EXISTS (SELECT 1 FROM token_pair t WHERE t.install_id = excluded.install_id)
        OR (disconnect_hook.believed AND disconnect_hook.generation = excluded.generation))
  RETURNING install_id AS install, generation \gset
INSERT INTO job (id, kind, payload, open_key, install_id, asked_at, run_at, attempt)
  VALUES (gen_random_uuid(), 'check-grant', json_build_object('install', :install::text), 'check-grant:' || :install::text,
          :install, 1800000000000, 1800000000000, 0)
  ON CONFLICT (open_key) DO NOTHING;
COMMIT;
