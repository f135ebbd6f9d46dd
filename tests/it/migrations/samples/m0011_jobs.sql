INSERT INTO job (id, kind, payload, open_key, queue, rank, install_id, asked_at, run_at, attempt, leased_until, done_at, failed_at, last_fault) VALUES
  ('00000000-0000-7000-8000-000000001101', 'sweep', '{"kind": "sweep"}', 'sweep', NULL, 0, NULL, 1795334400000, 1795338000000, 0, NULL, NULL, NULL, NULL),
  ('00000000-0000-7000-8000-000000001102', 'uninstall', '{"kind": "uninstall"}', NULL, NULL, 0, '00000000-0000-7000-8000-000000000401',
   1795334400000, 1795334400000, 1, NULL, 1795334400500, NULL, NULL),
  ('00000000-0000-7000-8000-000000001103', 'exchange-grant', '{"kind": "exchange-grant"}', NULL, 'a queue', 1, NULL,
   1795334400000, 1795334400000, 3, 1795334420000, NULL, 1795334400500, 'it panicked');
INSERT INTO worker_note (what, noted_at) VALUES ('looked', 1795334400000);
