// purpose: Read a page of tenures by id: the counts each keeps and new counts, its open facts, the claim it could adopt, and its edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, visitor_id STRING NULL, jars INTEGER, is_claim_elsewhere BOOLEAN, sessions INTEGER NULL, sessions_due INTEGER, events INTEGER NULL, events_due INTEGER, ties INTEGER, is_circle BOOLEAN, resolutions INTEGER, held MAP NULL, rival MAP NULL, strangers LIST<STRING>
// index:   Identity(tenant, identity_id), Session(tenant, session_id)
MATCH (tenure:Identity)
USING INDEX SEEK tenure:Identity(tenant, identity_id)
WHERE tenure.tenant = $tenant AND tenure.identity_id >= $first AND tenure:Tenure
WITH tenure
ORDER BY tenure.tenant, tenure.identity_id
LIMIT $limit
CALL (tenure) {
  OPTIONAL MATCH (tenure)-[held:RESOLVES_TO]->(user:User)
  RETURN head(collect(
    // part: held
  )) AS held
}
OPTIONAL CALL (tenure) {
  MATCH (below:Tenure)-[tie:TIED_TO]->(tenure)
  // part: earliest_claim(other: below, side: tie)
}
CALL (tenure) {
  OPTIONAL MATCH (tenure)<-[:DURING]-(session:Session)
  // The number of edges of a type is kept, so that no event is read.
  RETURN count(session) AS sessions_due, sum(COUNT { (session)-[:RECORDED]->() }) AS events_due
}
RETURN
  tenure.identity_id AS id,
  head([(tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor) | visitor.visitor_id]) AS visitor_id,
  COUNT { (tenure)-[:ON]->(:Jar) } AS jars,
  EXISTS {
    MATCH (tenure)-[claim:RESOLVES_TO {method: 'claim'}]->()
    WHERE NOT EXISTS {
      MATCH (session:Session)-[:DURING]->(tenure)
      USING INDEX SEEK session:Session(tenant, session_id)
      WHERE session.tenant = $tenant AND session.session_id = claim.session_id
    }
  } AS is_claim_elsewhere,
  tenure.sessions AS sessions,
  sessions_due,
  tenure.events AS events,
  events_due,
  COUNT { (tenure)-[:TIED_TO]->() } AS ties,
  EXISTS { (tenure)-[:TIED_TO*1..9]->(tenure) } AS is_circle,
  COUNT { (tenure)-[:RESOLVES_TO]->() } AS resolutions,
  held,
  rival,
  [(tenure)-[edge]->(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] +
  // Collections and erasures are not looked at for themselves.
  [(tenure)<-[edge:DURING]-(adjacent:Collection) WHERE adjacent.tenant <> $tenant | type(edge)] +
  [(tenure)<-[edge:ERASES]-(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
