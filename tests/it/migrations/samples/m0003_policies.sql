INSERT INTO policy_version (id, product_id, number, level, prevailing, verbatim, facts, reason, findings, published_at) VALUES
  ('00000000-0000-7000-8000-000000000301', '00000000-0000-7000-8000-000000000201', 1, 'reconsent', 'ru', FALSE, '', NULL, '[]', 1795334400000),
  ('00000000-0000-7000-8000-000000000302', '00000000-0000-7000-8000-000000000201', 2, 'notice', 'ru', TRUE, '', 'a typing error', '[]', 1795334500000);
INSERT INTO policy_text (id, version_id, lang, file_name, source, shown, hash) VALUES
  ('00000000-0000-7000-8000-000000000303', '00000000-0000-7000-8000-000000000301', 'ru', 'policy.ru.md', '## 1.', '## 1.', 'aa'),
  ('00000000-0000-7000-8000-000000000304', '00000000-0000-7000-8000-000000000302', 'ru', 'policy.ru.md', '## 1.', '## 1.', 'bb');
INSERT INTO policy_posting (version_id, posted_at) VALUES ('00000000-0000-7000-8000-000000000301', 1795334400001);
INSERT INTO policy_discard (version_id, reason, discarded_at) VALUES
  ('00000000-0000-7000-8000-000000000302', 'it did not come back', 1795334500001);
