INSERT INTO request (id, number, install_id, generation, subject_id, kind, reach, state, sealed_comment, received_at, due_at) VALUES
  ('00000000-0000-7000-8000-000000000801', 'W-2026-000001', '00000000-0000-7000-8000-000000000401', 1,
   '00000000-0000-7000-8000-000000000601', 'withdrawal', 'account', 'received', NULL, 1795334500000, 1796544000000),
  ('00000000-0000-7000-8000-000000000802', 'W-2026-000002', '00000000-0000-7000-8000-000000000402', 1,
   '00000000-0000-7000-8000-000000000601', 'withdrawal', 'own', 'executed', 'sealed', 1795334500000, 1796544000000);
INSERT INTO counter (name, value) VALUES ('withdrawal-2026', 2);
