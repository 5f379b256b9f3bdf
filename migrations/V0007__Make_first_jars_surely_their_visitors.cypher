// A visitor's first jar was as sure as the match to somebody else, such as a neighbour at its address. So the visitor's own
// journey left it out. The first jar is the one that came in by the visitor's first change; ids are in order of time.
MATCH (visitor:Visitor)<-[inside:IN|WAS_IN]-(:Jar)
WHERE
  inside.method IN ['ip', 'ip_browser'] OR
  (inside.method = 'fingerprint' AND NOT EXISTS {
    (visitor)<-[other:IN|WAS_IN]-(:Jar)
    WHERE other.change_id < inside.change_id
  })
CALL (inside) {
  SET
    inside.method = 'new',
    inside.confidence = 1.0,
    inside.evidence = '[]'
} IN TRANSACTIONS OF 1000 ROWS;
