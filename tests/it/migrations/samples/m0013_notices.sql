INSERT INTO notice_ack (install_id, person, policy_number, acknowledged_at) VALUES
  ('00000000-0000-7000-8000-000000000401', 'a blind index', 1, 1795334400000);
