WITH place AS (SELECT id, village_code, township_code, label FROM household WHERE id = $1),
claimed AS (
    INSERT INTO idempotency (caller_id, key, input_hash, result_id, created_at) VALUES ($2, $3, $4, $5, now())),
opened AS (
    INSERT INTO inquiry (id, household_id, village_code, township_code, category, status, subject, last_message_id,
                         version, opened_at, updated_at)
    SELECT $5, id, village_code, township_code, $7, 'OPEN', $8, $6, 1, now(), now() FROM place),
written AS (
    INSERT INTO message (id, inquiry_id, direction, officer_id, text, sent_at)
    VALUES ($6, $5, 'INBOUND', $2, $8, now())),
told AS (
    INSERT INTO event (at, kind, village_code, township_code, household_id, subject_id, detail)
    SELECT now(), kind, village_code, township_code, id, $5, detail
    FROM place, (VALUES ('INQUIRY_SUBMITTED', '{"status": "OPEN"}'::jsonb),
                        ('MESSAGE_ADDED', jsonb_build_object('message', $6::uuid))) happened (kind, detail))
SELECT json_build_object('inquiry', json_build_object(
    'id', $5, 'status', 'OPEN', 'household', json_build_object('label', label),
    'lastMessage', json_build_object('text', $8)), 'userErrors', '[]'::json)::text
FROM place
