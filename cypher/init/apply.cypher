// purpose: Put each jar into its visitor, give it its tenure, tied as decided, and open the session, or keep the collection of a
//          call without one.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {visitor_id STRING, visitor_kind STRING, jar_id STRING, came_back BOOLEAN, joins BOOLEAN, method STRING, confidence FLOAT, evidence STRING, tenure_id STRING, tied_to STRING NULL, tie_confidence FLOAT NULL, session_id STRING NULL, collection_id STRING NULL, at ZONED DATETIME, received_at ZONED DATETIME, message_id STRING NULL, call STRING NULL, request_hash STRING NULL, answer STRING NULL, fingerprint STRING NULL, fingerprint_confidence FLOAT NULL, address STRING NULL, browser STRING NULL, browser_version STRING NULL, os STRING NULL, device_class STRING NULL, is_bot BOOLEAN, origin MAP, page_url STRING NULL, page_referrer STRING NULL, page_title STRING NULL, consent BOOLEAN, collected_user_id STRING NULL, change_id STRING}
// returns: nothing
// index:   Jar(tenant, jar_id), Visitor(tenant, visitor_id), Identity(tenant, identity_id)
UNWIND $rows AS row
WITH row
ORDER BY row.visitor_id
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
MERGE (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
ON CREATE SET
  visitor.kind = row.visitor_kind,
  visitor.root_id = row.visitor_id,
  visitor.first_seen = row.at,
  visitor.last_seen = row.at,
  visitor.known_jars = 0,
  visitor.recent_users = []
MERGE (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
ON CREATE SET
  tenure:Tenure,
  tenure.since = row.at,
  tenure.first_seen = row.at,
  tenure.last_seen = row.at,
  tenure.sessions = 0,
  tenure.events = 0
FOREACH (_ IN CASE WHEN row.joins THEN [1] ELSE [] END |
  CREATE (jar)-[:IN {
    method: row.method,
    confidence: row.confidence,
    evidence: row.evidence,
    fingerprint: CASE WHEN row.method = 'fingerprint' THEN row.fingerprint END,
    since: row.at,
    change_id: row.change_id
  }]->(visitor)
)
FOREACH (_ IN CASE WHEN row.came_back AND jar.known_since IS NULL THEN [1] ELSE [] END |
  SET
    jar.known_since = row.at,
    visitor.known_jars = visitor.known_jars + 1
)
WITH row, jar, visitor, tenure
OPTIONAL MATCH (jar)-[current:CURRENT]->(previous:Tenure)
WHERE previous <> tenure
FOREACH (_ IN CASE WHEN current IS NULL THEN [] ELSE [1] END |
  SET previous.until = row.at
  DELETE current
)
WITH row, jar, visitor, tenure, NOT EXISTS { (tenure)-[:ON]->() } AS is_new
FOREACH (_ IN CASE WHEN is_new THEN [1] ELSE [] END |
  CREATE (tenure)-[:ON]->(jar)
  CREATE (jar)-[:CURRENT]->(tenure)
)
WITH row, jar, visitor, tenure
OPTIONAL MATCH (anchor:Identity {tenant: $tenant, identity_id: row.tied_to})
FOREACH (_ IN CASE WHEN anchor IS NULL THEN [] ELSE [1] END |
  CREATE (tenure)-[:TIED_TO {
    method: row.method,
    confidence: row.tie_confidence,
    evidence: row.evidence,
    since: row.at,
    change_id: row.change_id
  }]->(anchor)
)
CREATE (visit {
  tenant: $tenant,
  started_at: row.at,
  received_at: row.received_at,
  counted_at:
  // part: counted_at
  ,
  method: row.method,
  confidence: row.confidence,
  evidence: row.evidence,
  consent: row.consent,
  collected_user_id: row.collected_user_id,
  fingerprint: row.fingerprint,
  fingerprint_confidence: row.fingerprint_confidence,
  address: row.address,
  browser: row.browser,
  browser_version: row.browser_version,
  os: row.os,
  device_class: row.device_class,
  is_bot: row.is_bot,
  page_url: row.page_url,
  page_referrer: row.page_referrer,
  page_title: row.page_title
})-[:DURING]->(tenure)
FOREACH (_ IN CASE WHEN row.session_id IS NULL THEN [] ELSE [1] END |
  SET
    visit:Session,
    visit.session_id = row.session_id,
    visit.last_seen = row.at,
    visit.events = 0,
    jar.latest_session_id = CASE WHEN jar.last_seen > row.at THEN jar.latest_session_id ELSE row.session_id END,
    tenure.sessions = tenure.sessions + 1
)
FOREACH (_ IN CASE WHEN row.session_id IS NULL THEN [1] ELSE [] END |
  SET visit:Collection, visit.collection_id = row.collection_id
)
FOREACH (_ IN CASE WHEN row.message_id IS NULL THEN [] ELSE [1] END |
  SET
    visit:Message,
    visit.message_id = row.message_id,
    visit.call = row.call,
    visit.request_hash = row.request_hash,
    visit.answer = row.answer
)
SET
  visit += row.origin,
  jar.last_seen = CASE WHEN jar.last_seen > row.at THEN jar.last_seen ELSE row.at END,
  tenure.first_seen = CASE WHEN tenure.first_seen < row.at THEN tenure.first_seen ELSE row.at END,
  tenure.last_seen = CASE WHEN tenure.last_seen > row.at THEN tenure.last_seen ELSE row.at END,
  // part: visitor_used(call: visit)
