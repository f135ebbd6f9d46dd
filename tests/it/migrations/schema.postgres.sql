-- The schema as lines of text, in the words of schema.sqlite.sql.
SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END
FROM information_schema.columns
WHERE table_schema = 'public'
UNION ALL
SELECT i.indrelid::regclass::text
  || CASE
    WHEN i.indisprimary THEN ' primary key'
    ELSE CASE WHEN k.oid IS NULL THEN ' index ' || i.indexrelid::regclass::text ELSE '' END
      || CASE WHEN i.indisunique THEN ' unique' ELSE '' END
  END
  || ' (' || (
    SELECT string_agg(a.attname, ', ' ORDER BY part.place)
    FROM unnest(i.indkey) WITH ORDINALITY AS part(attnum, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.attnum
  ) || ')'
  || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'u'
UNION ALL
SELECT k.conrelid::regclass::text || '.' || a.attname || ' -> ' || k.confrelid::regclass::text || '.' || b.attname
  || ' on delete ' || CASE k.confdeltype WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'restrict' END
FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
UNION ALL
SELECT t.tgrelid::regclass::text || ' refuses ' || substr(t.tgname, length(t.tgrelid::regclass::text) + length('_no_') + 1)
FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgname NOT LIKE '%\_no\_truncate'
