// purpose: The next sessions that began in a time, in that order: how each was recognised, on which visitor, and whose it is by
//          facts.
// access:  read
// params:  tenant STRING, after_at ZONED DATETIME, after_id STRING, until ZONED DATETIME, limit INTEGER
// returns: method STRING, confidence FLOAT, is_bot BOOLEAN, visitor_id STRING NULL, identity_id STRING NULL, has_user BOOLEAN NULL, session_id STRING, started_at ZONED DATETIME
// index:   Session(tenant, started_at, session_id)
MATCH (session:Session)
USING INDEX SEEK session:Session(tenant, started_at, session_id)
WHERE
  session.tenant = $tenant AND
  session.started_at >= $after_at AND
  session.started_at < $until AND
  session.session_id IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN session.started_at = $after_at THEN session.session_id > $after_id ELSE true END
WITH session
ORDER BY session.tenant, session.started_at, session.session_id
LIMIT $limit
// What an erasure has not removed yet is in no tenure any more.
OPTIONAL CALL (session) {
  MATCH (session)-[:DURING]->(start:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
  // part: certainly
  RETURN visitor.root_id AS visitor_id, coalesce(linked_id, certain_id) AS identity_id, user IS NOT NULL AS has_user
}
RETURN
  session.method AS method,
  session.confidence AS confidence,
  coalesce(session.is_bot, false) AS is_bot,
  visitor_id,
  identity_id,
  has_user,
  session.session_id AS session_id,
  session.started_at AS started_at
