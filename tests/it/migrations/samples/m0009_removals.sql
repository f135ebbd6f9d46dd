INSERT INTO removal (install_id, generation, step, outcome, since) VALUES
  ('00000000-0000-7000-8000-000000000401', 1, 'webhooks', 'done', 1795334500000),
  ('00000000-0000-7000-8000-000000000401', 1, 'widget', 'refused', 1795334500001),
  ('00000000-0000-7000-8000-000000000401', 1, 'probe', NULL, 1795334500002);
