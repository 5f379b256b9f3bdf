// purpose: Put each jar into its visitor, give it its tenure, tied as decided, and open the session, or keep the collection of a
//          call without one; count the visitor's use of its fingerprint, and where it was seen.
// access:  write
// params:  tenant STRING, tenure_ids LIST<STRING>, rows LIST<MAP> {visitor_id STRING, visitor_kind STRING, jar_id STRING, jar_shown MAP, is_known BOOLEAN, machines INTEGER NULL, joins MAP NULL, method STRING, confidence FLOAT, evidence STRING, tenure_id STRING, tied_to STRING NULL, tie_confidence FLOAT NULL, tie_evidence STRING NULL, session_id STRING NULL, collection_id STRING NULL, at INTEGER, received_at INTEGER, message_id STRING NULL, call STRING NULL, request_hash STRING NULL, answer STRING NULL, fingerprint STRING NULL, buckets LIST<MAP>, fingerprint_confidence FLOAT NULL, fingerprint_weight FLOAT NULL, is_passing BOOLEAN, address STRING NULL, week STRING NULL, address_weight FLOAT, browser STRING NULL, browser_version STRING NULL, os STRING NULL, device_class STRING NULL, is_bot BOOLEAN, origin MAP, page_url STRING NULL, page_referrer STRING NULL, page_title STRING NULL, consent BOOLEAN, collected_user_id STRING NULL, change_id STRING}
// returns: nothing
// index:   Jar(tenant, jar_id), Visitor(tenant, visitor_id), Identity(tenant, identity_id), Session(tenant, session_id), Fingerprint(tenant, hash), FuzzyBucket(tenant, band, key), IpAddress(tenant, address), BrowserAtIp(tenant, address, week, browser, os, device_class)
UNWIND $tenure_ids AS tenure_id
// Whoever writes several tenures takes them in this order: those of the visits, and those that others' inferences lead to.
OPTIONAL MATCH (locked:Identity {tenant: $tenant, identity_id: tenure_id})
SET locked._lock = true
WITH count(*) AS tenures
UNWIND $rows AS row
WITH row, datetime({epochMillis: row.at}) AS at, datetime({epochMillis: row.received_at}) AS received_at
ORDER BY row.visitor_id
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
MERGE (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
ON CREATE SET
  visitor.kind = row.visitor_kind,
  visitor.root_id = row.visitor_id,
  visitor.first_seen = at,
  visitor.last_seen = at,
  visitor.known_jars = 0,
  visitor.recent_users = []
MERGE (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
ON CREATE SET
  tenure:Tenure,
  tenure.since = at,
  tenure.first_seen = at,
  tenure.last_seen = at,
  tenure.sessions = 0,
  tenure.events = 0
FOREACH (joined IN CASE WHEN row.joins IS NULL THEN [] ELSE [row.joins] END |
  CREATE (jar)-[:IN {
    method: joined.method,
    confidence: joined.confidence,
    evidence: joined.evidence,
    fingerprint: joined.fingerprint,
    since: at,
    change_id: row.change_id
  }]->(visitor)
)
// The second of the jar's visits in time order, in whatever order they arrive.
FOREACH (_ IN CASE WHEN row.is_known AND coalesce(at < jar.known_since, true) THEN [1] ELSE [] END |
  FOREACH (known_by IN [visitor] |
    SET
      visitor.known_jars = known_by.known_jars + CASE WHEN jar.known_since IS NULL THEN 1 ELSE 0 END,
      jar.known_since = CASE WHEN at > jar.created_at THEN at ELSE jar.created_at END
  )
)
FOREACH (_ IN CASE WHEN row.machines > coalesce(visitor.machines, 1) THEN [1] ELSE [] END |
  SET visitor.machines = row.machines
)
WITH row, at, received_at, jar, visitor, tenure, NOT EXISTS { (tenure)-[:ON]->() } AS is_new
// A visit that arrives late may belong to an earlier tenure of the jar; the current one stays so.
OPTIONAL MATCH (jar)-[current:CURRENT]->(previous:Tenure)
WHERE is_new
FOREACH (_ IN CASE WHEN current IS NULL THEN [] ELSE [1] END |
  SET previous.until = at
  DELETE current
)
WITH row, at, received_at, jar, visitor, tenure, is_new
FOREACH (_ IN CASE WHEN is_new THEN [1] ELSE [] END |
  CREATE (tenure)-[:ON]->(jar)
  CREATE (jar)-[:CURRENT]->(tenure)
)
WITH row, at, received_at, jar, visitor, tenure
OPTIONAL MATCH (anchor:Identity {tenant: $tenant, identity_id: row.tied_to})
FOREACH (_ IN CASE WHEN anchor IS NULL THEN [] ELSE [1] END |
  CREATE (tenure)-[:TIED_TO {
    method: row.method,
    confidence: row.tie_confidence,
    evidence: row.tie_evidence,
    since: at,
    change_id: row.change_id
  }]->(anchor)
)
WITH row, at, received_at, jar, visitor, tenure
// Only a session replaces the latest one, by the times of sessions: a collection was none, but it was the jar's last use.
OPTIONAL MATCH (latest:Session {
  tenant: $tenant,
  session_id: CASE WHEN jar.last_seen > at THEN jar.latest_session_id END
})
WITH
  row,
  at,
  received_at,
  jar,
  visitor,
  tenure,
  // After a hand-over its successors continue it.
  EXISTS { (latest)-[:SUCCEEDED_BY*0..]->(used:Session) WHERE used.last_seen > at } AS is_before_latest
CREATE (visit {
  tenant: $tenant,
  started_at: at,
  received_at: received_at,
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
    visit.last_seen = at,
    visit.events = 0
  FOREACH (_ IN CASE WHEN is_before_latest THEN [] ELSE [1] END |
    SET jar.latest_session_id = row.session_id
  )
  FOREACH (counted IN [tenure] |
    SET tenure.sessions = counted.sessions + 1
  )
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
SET visit += row.origin, jar += row.jar_shown
FOREACH (used IN [jar] |
  SET
    jar.created_at = CASE WHEN used.created_at < at THEN used.created_at ELSE at END,
    jar.last_seen = CASE WHEN used.last_seen > at THEN used.last_seen ELSE at END
)
FOREACH (used IN [tenure] |
  SET
    tenure.first_seen = CASE WHEN used.first_seen < at THEN used.first_seen ELSE at END,
    tenure.last_seen = CASE WHEN used.last_seen > at THEN used.last_seen ELSE at END
)
// part: visitor_used(call: visit)
// Each kind of node is locked in an order of its own, for the whole list.
WITH collect(row) AS visits
CALL (visits) {
  // Under the visitor's lock, so that two visits make one edge.
  UNWIND visits AS row
  WITH row, datetime({epochMillis: row.at}) AS at
  WHERE row.fingerprint IS NOT NULL
  ORDER BY row.fingerprint, row.visitor_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
  MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
  // A split took this fingerprint out of the visitor.
  WHERE NOT EXISTS { (visitor)-[:CANNOT_LINK]->(fingerprint) }
  OPTIONAL MATCH (visitor)-[has:HAS_FINGERPRINT]->(fingerprint)
  FOREACH (_ IN CASE WHEN has IS NULL AND NOT row.is_passing THEN [1] ELSE [] END |
    CREATE (visitor)-[:HAS_FINGERPRINT {
      weight: row.fingerprint_weight,
      count: 1,
      first_seen: at,
      last_seen: at,
      browser: row.browser,
      browser_version: row.browser_version,
      os: row.os
    }]->(fingerprint)
  )
  FOREACH (seen IN CASE WHEN has IS NULL THEN [] ELSE [has] END |
    SET
      seen.weight = row.fingerprint_weight,
      seen.count = seen.count + 1,
      seen.browser = row.browser,
      seen.browser_version = row.browser_version,
      seen.os = row.os,
      seen.first_seen = CASE WHEN seen.first_seen < at THEN seen.first_seen ELSE at END,
      seen.last_seen = CASE WHEN seen.last_seen > at THEN seen.last_seen ELSE at END
  )
}
// The fingerprint is locked, and the keys were looked up when it was.
CALL (visits) {
  UNWIND visits AS row
  UNWIND row.buckets AS step
  WITH row, step
  ORDER BY step.band, step.key
  MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
  MERGE (bucket:FuzzyBucket {tenant: $tenant, band: step.band, key: step.key})
  CREATE (fingerprint)-[:IN_BUCKET]->(bucket)
}
UNWIND visits AS row
WITH row
WHERE row.week IS NOT NULL
ORDER BY row.address
MERGE (:IpAddress {tenant: $tenant, address: row.address})
// On the shared address nothing but the edge is written or locked (docs/graph-model.md).
WITH collect(row) AS visits
UNWIND visits AS row
WITH row, datetime({epochMillis: row.at}) AS at
ORDER BY row.address, row.week, row.browser, row.os, row.device_class, row.visitor_id
MERGE (place:BrowserAtIp {
  tenant: $tenant,
  address: row.address,
  week: row.week,
  browser: coalesce(row.browser, ''),
  os: coalesce(row.os, ''),
  device_class: coalesce(row.device_class, '')
})
ON CREATE SET place.is_new = true
WITH row, at, place
MATCH (address:IpAddress {tenant: $tenant, address: row.address})
FOREACH (_ IN CASE WHEN place.is_new THEN [1] ELSE [] END |
  CREATE (place)-[:AT]->(address)
  REMOVE place.is_new
)
WITH row, at, place
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
OPTIONAL MATCH (visitor)-[sighting:SEEN_WITH]->(place)
FOREACH (_ IN CASE WHEN sighting IS NULL THEN [1] ELSE [] END |
  CREATE (visitor)-[:SEEN_WITH {weight: row.address_weight, count: 1, first_seen: at, last_seen: at}]->(place)
)
FOREACH (edge IN CASE WHEN sighting IS NULL THEN [] ELSE [sighting] END |
  SET
    edge.weight = row.address_weight,
    edge.count = edge.count + 1,
    edge.first_seen = CASE WHEN edge.first_seen < at THEN edge.first_seen ELSE at END,
    edge.last_seen = CASE WHEN edge.last_seen > at THEN edge.last_seen ELSE at END
)
