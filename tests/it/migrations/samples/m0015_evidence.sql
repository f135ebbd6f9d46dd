INSERT INTO signing_key (id, public, sealed_seed, signs_from, signs_until, revoked_at) VALUES
  ('00000000-0000-7000-8000-000000001501', 'a key', NULL, 1795334400000, 1795334500000, NULL),
  ('00000000-0000-7000-8000-000000001502', 'a key', 'sealed', 1795334500000, NULL, NULL);
INSERT INTO checkpoint (tree_size, note, signed_at) VALUES (2, 'a note', 1795334500000);
