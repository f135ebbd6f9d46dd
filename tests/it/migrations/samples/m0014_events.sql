INSERT INTO endpoint (id, product_id, url, created_at, failures, quiet_until, last_fault) VALUES
  ('00000000-0000-7000-8000-000000001401', '00000000-0000-7000-8000-000000000201', 'https://back.example/accord', 1795334400000, 2, 1795334460000, 'HTTP 500');
INSERT INTO endpoint_secret (id, endpoint_id, sealed, created_at, signs_until) VALUES
  ('00000000-0000-7000-8000-000000001402', '00000000-0000-7000-8000-000000001401', 'sealed', 1795334400000, NULL);
INSERT INTO event (id, body, happened_at) VALUES ('00000000-0000-7000-8000-000000001403', '{}', 1795334400000);
INSERT INTO event_delivery (event_seq, endpoint_id, lane, state, attempt, waiting_since, next_at, delivered_at, last_fault)
  SELECT seq, '00000000-0000-7000-8000-000000001401', '00000000-0000-7000-8000-000000000401', 'waiting', 2, 1795334400000, 1795334460000, NULL, 'HTTP 500'
  FROM event;
