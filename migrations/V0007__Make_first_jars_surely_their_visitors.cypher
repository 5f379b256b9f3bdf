// A visitor's first jar was as sure as the match to somebody else, such as a neighbour at its address. So the visitor's own
// journey left it out. A jar never joined a visitor by an address; else the first is the one of the visitor's first change,
// since ids are in order of time.
MATCH (visitor:Visitor)
WHERE NOT EXISTS { (visitor)<-[own:IN|WAS_IN]-(:Jar) WHERE own.method IN ['new', 'split'] }
CALL (visitor) {
  MATCH (visitor)<-[inside:IN|WAS_IN]-(:Jar)
  WITH inside
  ORDER BY inside.method IN ['ip', 'ip_browser'] DESC, inside.change_id
  LIMIT 1
  SET
    inside.method = 'new',
    inside.confidence = 1.0,
    inside.evidence = '[]'
} IN TRANSACTIONS OF 1000 ROWS;
