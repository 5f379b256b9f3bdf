// purpose: One session as it was observed, with its visitor, jar, tenure and successor now, and whose it is.
// access:  read
// params:  tenant STRING, session_id STRING
// returns: session_id STRING, visitor_id STRING, jar_id STRING, tenure_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, events INTEGER, method STRING, confidence FLOAT, evidence STRING, fingerprint STRING NULL, seen MAP, page_url STRING NULL, page_referrer STRING NULL, page_title STRING NULL, successor_id STRING NULL, resolved MAP, hidden_ids LIST<STRING>
// index:   Session(tenant, session_id), Identity(tenant, identity_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (session:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
OPTIONAL MATCH (session)-[:SUCCEEDED_BY]->(successor:Session)
WITH session, jar, visitor, successor, tenure AS start
CALL (start) {
  // part: whose
}
// part: hidden_owners
RETURN
  session.session_id AS session_id,
  visitor.root_id AS visitor_id,
  jar.jar_id AS jar_id,
  start.identity_id AS tenure_id,
  session.started_at AS started_at,
  session.last_seen AS last_seen,
  session.events AS events,
  session.method AS method,
  session.confidence AS confidence,
  session.evidence AS evidence,
  session.fingerprint AS fingerprint,
  session
  // part: seen
  AS seen,
  session.page_url AS page_url,
  session.page_referrer AS page_referrer,
  session.page_title AS page_title,
  successor.session_id AS successor_id,
  resolved,
  hidden_ids
