// purpose: Read a page of sessions by id: the count of events each keeps and a new count, its visitor, how many tenures it was in, and its edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, visitor_id STRING NULL, tenures INTEGER, events INTEGER NULL, events_due INTEGER, strangers LIST<STRING>
// index:   Session(tenant, session_id)
MATCH (session:Session)
USING INDEX SEEK session:Session(tenant, session_id)
WHERE session.tenant = $tenant AND session.session_id >= $first
WITH session
ORDER BY session.tenant, session.session_id
LIMIT $limit
RETURN
  session.session_id AS id,
  head([
    (session)-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor) | visitor.visitor_id
  ]) AS visitor_id,
  COUNT { (session)-[:DURING]->(:Tenure) } AS tenures,
  session.events AS events,
  COUNT { (session)-[:RECORDED]->() } AS events_due,
  // An event has one edge to a session, so RECORDED is looked at from there.
  [(session)-[edge:DURING|SUCCEEDED_BY]->(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
