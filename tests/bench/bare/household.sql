SELECT json_build_object(
    'id', household.id, 'label', household.label, 'door', household.door,
    'peopleCount', household.people_count, 'status', household.status, 'updatedAt', household.updated_at,
    'village', json_build_object('code', village.code, 'name', village.name,
        'township', json_build_object('code', township.code, 'name', township.name)),
    'inquiries', (
        SELECT coalesce(json_agg(latest), '[]') FROM (
            SELECT id, category, status, subject, opened_at AS "openedAt" FROM inquiry
            WHERE household_id = household.id ORDER BY opened_at DESC, id DESC LIMIT 5) latest))::text
FROM household
JOIN village ON village.code = household.village_code
JOIN township ON township.code = village.township_code
WHERE household.id = $1
