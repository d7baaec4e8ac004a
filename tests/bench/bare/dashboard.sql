SELECT json_agg(json_build_object('code', code, 'name', name, 'openInquiryCount', open_inquiries,
    'coverage', json_build_object('numerator', enrolled, 'denominator', households, 'peopleCount', people,
        'unvisited', unvisited, 'asOf', as_of)) ORDER BY code)::text
FROM township
JOIN (SELECT township_code, sum(open_inquiries) AS open_inquiries, sum(enrolled) AS enrolled, sum(people) AS people,
             sum(unvisited) AS unvisited, max(updated_at) AS as_of,
             sum(unvisited + visited + enrolled + declined + moved_away + no_smartphone + vacant) AS households
      FROM village_tally GROUP BY township_code) tally ON township_code = code
