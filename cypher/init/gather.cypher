// purpose: What each visit could belong to: its jar's visitor and tenure, the visitor that owns its fingerprint, and those who share it.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, jar_id STRING, message_id STRING NULL, fingerprint STRING NULL, address STRING NULL, crowd INTEGER}
// returns: i INTEGER, message MAP NULL, jar_last_seen ZONED DATETIME NULL, visitor_id STRING NULL, tenure_id STRING NULL, sharers INTEGER, owner MAP NULL, candidates LIST<MAP>
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash), Message(tenant, message_id), Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
OPTIONAL MATCH (jar)-[:IN]->(visitor:Visitor)
OPTIONAL MATCH (jar)-[:CURRENT]->(tenure:Tenure)
OPTIONAL MATCH (message:Message {tenant: $tenant, message_id: row.message_id})
OPTIONAL MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
WITH *, CASE WHEN fingerprint IS NULL THEN 0 ELSE COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } END AS sharers
CALL (row, visitor, fingerprint, sharers) {
  OPTIONAL MATCH (fingerprint)<-[seen:HAS_FINGERPRINT]-(owner:Visitor)
  WHERE visitor IS NULL AND sharers = 1
  // The anchor: upwards from the latest tenure the first claimed one, else the top (docs/graph-model.md).
  OPTIONAL MATCH (latest:Identity {tenant: $tenant, identity_id: owner.latest_tenure_id})
  OPTIONAL MATCH
    (latest)
    ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO {method: 'claim'}]->() })-[:TIED_TO]->(above)){0,8}
    (anchor)
  WHERE
    EXISTS { (anchor)-[:RESOLVES_TO {method: 'claim'}]->() } OR
    NOT EXISTS { (anchor)-[:TIED_TO]->() }
  RETURN
    CASE
      WHEN owner IS NULL THEN null
      ELSE {
        visitor_id: owner.visitor_id,
        known_jars: owner.known_jars,
        recent_users: owner.recent_users,
        last_seen: seen.last_seen,
        browser: seen.browser,
        os: seen.os,
        same_address: EXISTS { (owner)-[:SEEN_WITH]->(:BrowserAtIp {tenant: $tenant, address: row.address}) },
        anchor_id: anchor.identity_id,
        anchor_depth: COUNT { (anchor)-[:TIED_TO*1..8]->() }
      }
    END AS owner
}
CALL (row, visitor, fingerprint, sharers) {
  OPTIONAL MATCH (fingerprint)<-[seen:HAS_FINGERPRINT]-(candidate:Visitor)
  WHERE visitor IS NULL AND sharers < row.crowd AND candidate.latest_tenure_id IS NOT NULL
  RETURN
    [found IN collect({tenure_id: candidate.latest_tenure_id, last_seen: seen.last_seen}) WHERE found.tenure_id IS NOT NULL]
    AS candidates
}
RETURN
  row.i AS i,
  CASE
    WHEN message IS NULL THEN null
    ELSE message {.call, .session_sent, .request_hash, .answer}
  END AS message,
  jar.last_seen AS jar_last_seen,
  visitor.visitor_id AS visitor_id,
  tenure.identity_id AS tenure_id,
  sharers,
  owner,
  candidates
