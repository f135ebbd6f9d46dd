-- One durable row a transaction, on the controls' schema: PostgreSQL's own limit.
\set n :n + 1
\set account :first + :n * :clients + :client_id
INSERT INTO disconnect VALUES (:account, 0);
