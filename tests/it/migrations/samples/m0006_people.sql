INSERT INTO subject (id, install_id, lookup, wrapped_key, created_at) VALUES
  ('00000000-0000-7000-8000-000000000601', '00000000-0000-7000-8000-000000000401', 'a blind index', 'a wrapped key', 1795334400000);
INSERT INTO contact (id, subject_id, revision, sealed, email_index, phone_index, corrected, confirmed_at, recorded_at) VALUES
  ('00000000-0000-7000-8000-000000000602', '00000000-0000-7000-8000-000000000601', 1, 'sealed', 'an index', NULL, FALSE, NULL, 1795334400000),
  ('00000000-0000-7000-8000-000000000603', '00000000-0000-7000-8000-000000000601', 2, 'sealed', 'an index', 'an index', TRUE, 1795334600000, 1795334500000);
