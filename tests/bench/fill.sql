-- Fills the product's own schema with a made-up county. :households, :inquiries and :now are put in
-- by fill.rs; `sealed` holds addresses and numbers that fill.rs has sealed. Each statement ends with
-- a semicolon at the end of a line.

-- An id in the order of time, as the service makes them.
CREATE FUNCTION v7(at timestamptz, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
           || '8' || substr(md5(n::text), 4, 15))::uuid $$;

-- Evenly spread, the same in every run.
CREATE FUNCTION scattered(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT hashint8(n)::bigint & 2147483647 $$;

INSERT INTO county VALUES ('411481', '永城市');
INSERT INTO township SELECT '411481' || 100 + t, '411481', '第' || t || '镇', 'TOWN' FROM generate_series(0, 30) t;
INSERT INTO station SELECT v7(:now - interval '5 years', t), '411481' || 100 + t, '第' || t || '派出所'
    FROM generate_series(0, 30) t;
INSERT INTO village SELECT '411481' || 100 + v % 31 || 200 + v / 31, '411481' || 100 + v % 31, '村' || v
    FROM generate_series(0, 769) v;
INSERT INTO village_group SELECT code || '-' || lpad(n::text, 2, '0'), code, township_code, n
    FROM village, generate_series(1, 10) n;

-- A chief for each station, an administrator, and a lead officer for every three villages.
INSERT INTO officer (id, username, name, role, station_id, version, created_at, updated_at)
    SELECT v7(:now - interval '4 years', row_number() OVER ()), role || row_number() OVER (), '民警', role,
           station_id, 1, :now - interval '4 years', :now - interval '4 years'
    FROM (SELECT 'STATION_CHIEF' AS role, id AS station_id FROM station
          UNION ALL SELECT 'COUNTY_ADMIN', NULL
          UNION ALL SELECT 'OFFICER', id FROM station, generate_series(0, 8)) accounts;
INSERT INTO session SELECT v7(:now, scattered(row_number() OVER ())), id, :now, NULL FROM officer;
INSERT INTO posting
    SELECT v7(:now - interval '3 years', row_number() OVER ()), leads.id, village.code, village.township_code,
           'LEAD', :now - interval '3 years', NULL, 1
    FROM (SELECT officer.id, township_code, row_number() OVER (PARTITION BY station_id ORDER BY officer.id) AS n
          FROM officer JOIN station ON station.id = station_id WHERE role = 'OFFICER') leads
    JOIN (SELECT *, row_number() OVER (PARTITION BY township_code ORDER BY code) AS n FROM village) village
      ON village.township_code = leads.township_code AND (village.n - 1) / 3 + 1 = leads.n;

-- Households are registered in all villages at the same time, over two years.
INSERT INTO household
    SELECT v7(at, i), village, substr(village, 1, 9), village || '-' || lpad(grp::text, 2, '0'), i / 7700 + 1, label,
           (SELECT address FROM sealed WHERE n = i % 256), 1 + i % 6, status, label, 1, at, at
    FROM (SELECT i, at, grp, '411481' || 100 + i % 770 % 31 || 200 + i % 770 / 31 AS village,
                 '村' || i % 770 || grp || '组-' || substr('王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗', 1 + (i % 20)::int, 1)
                     || substr('建国秀英志强桂兰海燕春梅文斌', 1 + (scattered(i) % 14)::int, 1)
                     || substr('华明芳军玉平红伟丽刚', 1 + (scattered(i + 7) % 10)::int, 1) AS label,
                 (ARRAY['UNVISITED','VISITED','ENROLLED','ENROLLED','ENROLLED','ENROLLED','ENROLLED','DECLINED',
                        'MOVED_AWAY','NO_SMARTPHONE','VACANT','ENROLLED'])[1 + scattered(i) % 12] AS status
          FROM (SELECT i, :now - interval '3 years' + i * (interval '2 years' / :households) AS at,
                       i / 770 % 10 + 1 AS grp
                FROM generate_series(1::bigint, :households) i) numbers) rows;

-- Whom the inquiries belong to.
CREATE UNLOGGED TABLE numbered AS
    SELECT row_number() OVER (ORDER BY household.id) AS n, household.id, household.village_code,
           household.township_code, household.status, household.label, household.created_at, officer_id
    FROM household JOIN posting ON posting.village_code = household.village_code;

INSERT INTO contact
    SELECT v7(created_at, -n), split_part(label, '-', 2), (SELECT phone FROM sealed WHERE sealed.n = numbered.n % 256),
           decode(md5('phone' || n), 'hex'), NULL, CASE WHEN n % 3 = 0 THEN decode(md5('wechat' || n), 'hex') END,
           1, created_at, created_at
    FROM numbered WHERE status = 'ENROLLED' ORDER BY n;
INSERT INTO household_contact
    SELECT id, v7(created_at, -n), 'PRIMARY', created_at FROM numbered WHERE status = 'ENROLLED' ORDER BY n;

-- One inquiry in twenty is unresolved. An inquiry has two messages: the question and what came of it.
CREATE UNLOGGED TABLE asked AS
    SELECT i, numbered.*, at, CASE WHEN lot % 20 > 0 THEN 'RESOLVED'
               ELSE (ARRAY['OPEN','WAITING_FOR_RESIDENT','WAITING_FOR_OFFICER'])[1 + lot / 20 % 3] END AS stands,
           lot, v7(at, i) AS inquiry_id, v7(at + interval '1 hour', 2 * i) AS last_id
    FROM (SELECT i, scattered(i + 11) AS lot, 1 + scattered(i) % :households AS n,
                 :now - interval '3 years' + i * (interval '3 years' / :inquiries) AS at
          FROM generate_series(1::bigint, :inquiries) i) numbers
    JOIN numbered USING (n);
INSERT INTO inquiry
    SELECT inquiry_id, id, village_code, township_code,
           (ARRAY['BIRTH_REGISTRATION','HOUSEHOLD_MOVE','ID_CARD','RESIDENCE_PERMIT','TRAFFIC','DISPUTE',
                  'FRAUD_ADVICE','OTHER'])[1 + lot / 60 % 8],
           stands,
           (ARRAY['新生儿怎么上户口？','身份证到期了怎么换','邻居宅基地纠纷请帮忙看看','收到短信说中奖了是真的吗',
                  '孩子上学要办居住证'])[1 + lot / 480 % 5],
           CASE WHEN lot % 3 = 0 THEN officer_id END, last_id, 2, at, at + interval '1 hour',
           CASE WHEN stands = 'RESOLVED' THEN at + interval '1 hour' END,
           'NORMAL', CASE WHEN stands = 'OPEN' THEN at ELSE at + interval '1 hour' END,
           CASE stands WHEN 'OPEN' THEN at + interval '4 hours' WHEN 'WAITING_FOR_OFFICER' THEN at + interval '1 day' END,
           NULL, 'DESK',
           json_build_object(
               'targets', json_build_object('first_reply_minutes', 240, 'resolution_minutes', 1440,
                                            'escalation_minutes', 420, 'hours', 'ROUND_THE_CLOCK'),
               'opened_at', at, 'first_reply_due_at', at + interval '4 hours',
               'first_replied_at', CASE WHEN stands <> 'OPEN' THEN at + interval '1 hour' END,
               'resolution_due_at',
               CASE WHEN stands IN ('OPEN', 'WAITING_FOR_OFFICER') THEN at + interval '1 day' END,
               'resolved_at', CASE WHEN stands = 'RESOLVED' THEN at + interval '1 hour' END,
               'stretches', json_build_array(json_build_object(
                   'from', at, 'to', NULL, 'paused', stands IN ('RESOLVED', 'WAITING_FOR_RESIDENT'),
                   'counted', 0, 'calendar', NULL)),
               'counted_before', 0), NULL,
           officer_id, 'LEAD_POSTING', at, NULL, NULL, NULL
    FROM asked ORDER BY i;
INSERT INTO message
    SELECT CASE part WHEN 1 THEN v7(at, 2 * i + 1) ELSE last_id END, inquiry_id,
           CASE WHEN part = 1 OR stands IN ('OPEN', 'WAITING_FOR_OFFICER') THEN 'INBOUND' ELSE 'OUTBOUND' END,
           CASE WHEN part = 2 AND stands NOT IN ('OPEN', 'WAITING_FOR_OFFICER') THEN officer_id END, NULL,
           (ARRAY['您好，请问现在去派出所办理需要带哪些材料？','好的，请带户口本和身份证原件，工作日上午来即可。',
                  '已经处理好了，谢谢您。','我明天下午到村里，当面和您说。'])[1 + (lot + part) % 4],
           at + (part - 1) * interval '1 hour'
    FROM asked, generate_series(1, 2) part ORDER BY i, part;

-- The keys of the last 90 days, as they are remembered. PostgreSQL would plan for an empty table else.
INSERT INTO idempotency
    SELECT officer_id, 'made-' || i, sha256(i::text::bytea), inquiry_id, at, NULL
    FROM asked WHERE at > :now - interval '90 days' ORDER BY i;

INSERT INTO village_tally
    SELECT code, township_code, people, unvisited, visited, enrolled, declined, moved_away, no_smartphone, vacant,
           reachable, coalesce(unresolved, 0), :now
    FROM village
    JOIN (SELECT village_code, sum(people_count) AS people,
                 count(*) FILTER (WHERE status = 'UNVISITED') AS unvisited,
                 count(*) FILTER (WHERE status = 'VISITED') AS visited,
                 count(*) FILTER (WHERE status = 'ENROLLED') AS enrolled,
                 count(*) FILTER (WHERE status = 'DECLINED') AS declined,
                 count(*) FILTER (WHERE status = 'MOVED_AWAY') AS moved_away,
                 count(*) FILTER (WHERE status = 'NO_SMARTPHONE') AS no_smartphone,
                 count(*) FILTER (WHERE status = 'VACANT') AS vacant,
                 count(*) FILTER (WHERE reachable) AS reachable
          FROM household GROUP BY village_code) houses ON houses.village_code = code
    LEFT JOIN (SELECT village_code, count(*) AS unresolved FROM inquiry WHERE status <> 'RESOLVED'
               GROUP BY village_code) matters ON matters.village_code = code;
INSERT INTO tally_day
    SELECT village_code, township_code, date(:now), people, unvisited, visited, enrolled, declined, moved_away,
           no_smartphone, vacant, reachable, open_inquiries, 0
    FROM village_tally;

DROP TABLE numbered, asked, sealed;
DROP FUNCTION v7(timestamptz, bigint);
DROP FUNCTION scattered(bigint);
