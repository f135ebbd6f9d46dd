INSERT INTO keyring (purpose, wrapped, created_at) VALUES ('blind-index', 'a wrapped key', 1795334400000);
