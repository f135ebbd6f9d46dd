INSERT INTO consent (entry_index, id, install_id, chain, previous, generation, subject_id, act, policy_number, lang, shown_hash, purposes,
  declared_read, declared_own_data, product, sealed_person, occurred_at, leaf, path) VALUES
  (0, '00000000-0000-7000-8000-000000000701', '00000000-0000-7000-8000-000000000401', 1, NULL, 1, '00000000-0000-7000-8000-000000000601',
   'given', 1, 'ru', 'aa', '{"advertising": false}', TRUE, TRUE, 'demo', 'sealed', 1795334400000, 'a leaf', ''),
  (1, '00000000-0000-7000-8000-000000000702', '00000000-0000-7000-8000-000000000401', 2, 'a leaf', 1, '00000000-0000-7000-8000-000000000601',
   'withdrawn', 1, 'ru', 'aa', '{}', FALSE, FALSE, 'demo', 'sealed', 1795334500000, 'another leaf', 'a leaf');
INSERT INTO consent_state (subject_id, install_id, generation, act, policy_number, lang, entry_index, occurred_at) VALUES
  ('00000000-0000-7000-8000-000000000601', '00000000-0000-7000-8000-000000000401', 1, 'withdrawn', 1, 'ru', 1, 1795334500000);
