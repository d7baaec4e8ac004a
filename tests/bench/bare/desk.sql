WITH mine AS (SELECT village_code FROM posting WHERE officer_id = $1)
SELECT json_build_object(
    'counts', (
        SELECT json_build_object(
            'unanswered', count(*) FILTER (WHERE waits),
            'mine', count(*) FILTER (WHERE assignee_id = $1 OR owner_id = $1),
            'unassigned', count(*) FILTER (WHERE waits AND assignee_id IS NULL),
            'overdue', count(*) FILTER (WHERE waits AND due_at < now()),
            'waitingForResident', count(*) FILTER (WHERE NOT waits),
            'escalated', count(*) FILTER (WHERE waits AND escalation <> 'DESK'))
        FROM (SELECT status <> 'WAITING_FOR_RESIDENT' AS waits, assignee_id, owner_id, due_at, escalation FROM inquiry
              WHERE village_code IN (SELECT village_code FROM mine) AND status <> 'RESOLVED') unresolved),
    'inquiries', (
        SELECT coalesce(json_agg(json_build_object(
            'id', inquiry.id, 'category', inquiry.category, 'status', inquiry.status, 'subject', inquiry.subject,
            'waitingSince', inquiry.waiting_since, 'priority', inquiry.priority,
            'household', json_build_object('id', household.id, 'label', household.label, 'status', household.status),
            'lastMessage', json_build_object('id', message.id, 'direction', message.direction,
                'text', message.text, 'sentAt', message.sent_at),
            'deadline', json_build_object('dueAt', due_at, 'state',
                CASE WHEN due_at IS NULL THEN 'PAUSED' WHEN due_at < now() THEN 'OVERDUE' ELSE 'RUNNING' END))
            ORDER BY inquiry.waiting_since, inquiry.id), '[]')
        FROM (SELECT * FROM inquiry
              WHERE village_code IN (SELECT village_code FROM mine) AND status <> 'RESOLVED'
                AND status IN ('OPEN', 'WAITING_FOR_OFFICER')
              ORDER BY waiting_since, id LIMIT 20) inquiry
        JOIN household ON household.id = inquiry.household_id
        LEFT JOIN message ON message.id = inquiry.last_message_id))::text
