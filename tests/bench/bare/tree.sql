SELECT json_build_object('code', code, 'name', name, 'villages', (
    SELECT json_agg(json_build_object('code', code, 'name', name, 'households', (
        SELECT coalesce(json_agg(json_build_object('id', id, 'label', label, 'status', status, 'inquiries', (
            SELECT coalesce(json_agg(latest), '[]') FROM (
                SELECT id, subject, status, opened_at AS "openedAt" FROM inquiry
                WHERE household_id = household.id ORDER BY opened_at DESC, id DESC LIMIT 3) latest))), '[]')
        FROM (SELECT id, label, status FROM household WHERE village_code = village.code
              ORDER BY group_code, door, id LIMIT 10) household)) ORDER BY code)
    FROM village WHERE township_code = township.code))::text
FROM township WHERE code = $1
