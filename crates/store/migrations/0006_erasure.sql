-- What a row of the audit log covers is the digest of its actor and of its details (details_hash, salt), each salted, so that
-- either can be erased and the chain still holds. A part whose salt is gone was erased; `actor_erased` and `erased` (of the
-- details) say by which row of the log, which holds a seal over all that it erased.

ALTER TABLE audit ADD COLUMN actor_hash TEXT;
ALTER TABLE audit ADD COLUMN actor_salt TEXT;
ALTER TABLE audit ADD COLUMN actor_erased BIGINT;
-- The hash of a row of before covers the values themselves. Such a row gets its digests when something of it is first erased;
-- from then on the seal of the row named here stands for its hash.
ALTER TABLE audit ADD COLUMN resealed BIGINT;

-- What 0003 left out of observables of before it: how far they may be passed on, and their tags.
UPDATE observables SET
    tlp = CASE json_extract(body, '$.tlp') WHEN 'clear' THEN 0 WHEN 'green' THEN 1 WHEN 'amber' THEN 2
        WHEN 'amber-strict' THEN 3 WHEN 'red' THEN 4 ELSE tlp END,
    pap = CASE json_extract(body, '$.pap') WHEN 'clear' THEN 0 WHEN 'green' THEN 1 WHEN 'amber' THEN 2
        WHEN 'red' THEN 3 ELSE pap END
WHERE created_by = '';
INSERT INTO observable_tags (observable, tag)
SELECT o.id, tag.value FROM observables AS o, json_each(o.body, '$.tags') AS tag WHERE o.created_by = ''
ON CONFLICT (observable, tag) DO NOTHING;
