INSERT INTO burned_token (product_id, jti_hash, expires_at) VALUES ('00000000-0000-7000-8000-000000000201', 'a hash', 1795335000000);
