INSERT INTO install (id, product_id, account_id, host, state, generation, ended_at, withdrawn, by_hand, needs_administrator, created_at) VALUES
  ('00000000-0000-7000-8000-000000000401', '00000000-0000-7000-8000-000000000201', 32720107, 'shop.amocrm.ru', 'active', 1, NULL, FALSE, FALSE, FALSE, 1795334400000),
  ('00000000-0000-7000-8000-000000000402', '00000000-0000-7000-8000-000000000201', 32720108, 'gone.amocrm.ru', 'uninstalled', 2, 1795334500000, TRUE, TRUE, FALSE, 1795334400000);
INSERT INTO token_pair (id, install_id, giver, administrator, access, refresh, access_expires_at, obtained_at, grant_id, revision, renewing_until) VALUES
  ('00000000-0000-7000-8000-000000000403', '00000000-0000-7000-8000-000000000401', 'a blind index', TRUE, 'sealed', 'sealed',
   1795420800000, 1795334400000, '00000000-0000-7000-8000-000000000501', 1, NULL);
INSERT INTO disconnect_hook (product_id, account_index, install_id, generation, believed) VALUES
  ('00000000-0000-7000-8000-000000000201', 'a blind index', NULL, NULL, FALSE),
  ('00000000-0000-7000-8000-000000000201', 'another one', '00000000-0000-7000-8000-000000000401', 1, TRUE);
