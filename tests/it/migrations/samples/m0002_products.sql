INSERT INTO product (id, code, name, client_id, redirect_uri, hook_prefixes, hosts, created_at) VALUES
  ('00000000-0000-7000-8000-000000000201', 'demo', 'A widget', '00000000-0000-7000-8000-000000000202',
   'https://accord.example/amocrm/demo/install', '["https://hooks.example/accord/"]', NULL, 1795334400000);
INSERT INTO product_secret (id, product_id, sealed, created_at, accepted_until) VALUES
  ('00000000-0000-7000-8000-000000000203', '00000000-0000-7000-8000-000000000201', 'sealed', 1795334400000, 1795338000000),
  ('00000000-0000-7000-8000-000000000204', '00000000-0000-7000-8000-000000000201', 'sealed', 1795334500000, NULL);
