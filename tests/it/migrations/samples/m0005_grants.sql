INSERT INTO grant_offer (id, product_id, host, code_index, state, code, access, refresh, access_expires_at, announced_at, fault) VALUES
  ('00000000-0000-7000-8000-000000000501', '00000000-0000-7000-8000-000000000201', 'shop.amocrm.ru', 'index 1', 'landed', NULL, NULL, NULL, NULL, 1795334400000, NULL),
  ('00000000-0000-7000-8000-000000000502', '00000000-0000-7000-8000-000000000201', 'shop.amocrm.ru', 'index 2', 'code', 'sealed', NULL, NULL, NULL, 1795334400000, NULL),
  ('00000000-0000-7000-8000-000000000503', '00000000-0000-7000-8000-000000000201', 'shop.amocrm.ru', 'index 3', 'tokens', NULL, 'sealed', 'sealed', 1795420800000, 1795334400000, NULL),
  ('00000000-0000-7000-8000-000000000504', '00000000-0000-7000-8000-000000000201', 'shop.amocrm.ru', 'index 4', 'dead', NULL, NULL, NULL, NULL, 1795334400000, 'grant-refused');
INSERT INTO used_state (state_hash, expires_at) VALUES ('a hash', 1795335000000);
