// purpose: The next tenures by id, each with its jar, its visitor and whose it is.
// access:  read
// params:  tenant STRING, after STRING, limit INTEGER
// returns: tenure_id STRING, jar_id STRING, visitor_id STRING, kind STRING, first_seen ZONED DATETIME, last_seen ZONED DATETIME, sessions INTEGER, events INTEGER, resolved MAP, hidden_ids LIST<STRING>
// index:   Identity(tenant, identity_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (start:Identity)
USING INDEX SEEK start:Identity(tenant, identity_id)
WHERE start.tenant = $tenant AND start.identity_id > $after AND start:Tenure
// Before the limit: a tenure that is being erased has no jar, and a page without it would look like the last one.
MATCH (start)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
WITH start, jar, visitor
ORDER BY start.tenant, start.identity_id
LIMIT $limit
CALL (start) {
  // part: whose
}
// part: hidden_owners
RETURN
  start.identity_id AS tenure_id,
  jar.jar_id AS jar_id,
  coalesce(visitor.root_id, visitor.visitor_id) AS visitor_id,
  visitor.kind AS kind,
  start.first_seen AS first_seen,
  start.last_seen AS last_seen,
  start.sessions AS sessions,
  start.events AS events,
  resolved,
  hidden_ids
ORDER BY tenure_id
