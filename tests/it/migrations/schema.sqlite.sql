-- The schema as lines of text, in the words of schema.postgres.sql.
WITH tables AS (
  SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
)
SELECT t.name || '.' || c.name || CASE WHEN c."notnull" = 0 AND c.pk = 0 THEN ' null' ELSE '' END
FROM tables t, pragma_table_info(t.name) c
UNION ALL
SELECT t.name || ' primary key (' || (
  SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)
) || ')'
FROM tables t
UNION ALL
SELECT t.name
  || CASE i.origin WHEN 'c' THEN ' index ' || i.name ELSE '' END
  || CASE i."unique" WHEN 1 THEN ' unique' ELSE '' END
  || ' (' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
  || CASE i."partial" WHEN 1 THEN ' partial' ELSE '' END
FROM tables t, pragma_index_list(t.name) i
WHERE i.origin <> 'pk'
UNION ALL
SELECT t.name || '.' || f."from" || ' -> ' || f."table" || '.' || f."to" || ' on delete ' || lower(f.on_delete)
FROM tables t, pragma_foreign_key_list(t.name) f
UNION ALL
SELECT tbl_name || ' refuses ' || substr(name, length(tbl_name) + length('_no_') + 1) FROM sqlite_master WHERE type = 'trigger'
