INSERT INTO letter (id, kind, subject_id, install_id, generation, version_id, entry_id, contact_id, lang, state, message_id, attempt, deferred,
  next_at, queued_at, sent_at, bounced_at, shown_at, acknowledged_at, last_reply) VALUES
  ('00000000-0000-7000-8000-000000001201', 'policy-reconsent', '00000000-0000-7000-8000-000000000601', '00000000-0000-7000-8000-000000000401', 1,
   '00000000-0000-7000-8000-000000000301', NULL, NULL, 'ru', 'sent', 'one@accord.example', 1, 0, NULL, 1795334400000, 1795334401000, NULL, NULL, NULL, '250 OK'),
  ('00000000-0000-7000-8000-000000001202', 'receipt', '00000000-0000-7000-8000-000000000601', '00000000-0000-7000-8000-000000000401', 1,
   NULL, '00000000-0000-7000-8000-000000000701', '00000000-0000-7000-8000-000000000602', 'ru', 'queued', 'two@accord.example', 0, 0,
   1795334400000, 1795334400000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO link (letter_id, token_hash, contact_id, expires_at, used_at) VALUES
  ('00000000-0000-7000-8000-000000001202', 'a hash', '00000000-0000-7000-8000-000000000602', 1795420800000, NULL);
