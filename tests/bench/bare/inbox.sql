SELECT coalesce(json_agg(json_build_object(
    'id', inquiry.id, 'category', inquiry.category, 'status', inquiry.status, 'subject', inquiry.subject,
    'openedAt', inquiry.opened_at,
    'household', json_build_object('id', household.id, 'label', household.label, 'status', household.status),
    'lastMessage', json_build_object('id', message.id, 'direction', message.direction, 'text', message.text,
        'sentAt', message.sent_at))
    ORDER BY inquiry.opened_at DESC, inquiry.id DESC), '[]')::text
FROM (SELECT * FROM inquiry WHERE village_code = $1 AND status <> 'RESOLVED'
      ORDER BY opened_at DESC, id DESC LIMIT 20) inquiry
JOIN household ON household.id = inquiry.household_id
LEFT JOIN message ON message.id = inquiry.last_message_id
