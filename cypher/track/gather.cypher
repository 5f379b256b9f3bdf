// purpose: Lock the visitor of the session that each event was sent for, with its survivor, then read the session that the event
//          belongs to at its time: the session sent, or its successor after a hand over.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, session_id STRING, message_id STRING, at INTEGER, hashes LIST<STRING>}
// returns: locked_ids LIST<STRING>, i INTEGER, message MAP NULL, erased LIST<MAP>, session_id STRING NULL, own_id STRING NULL, visitor_id STRING NULL, tenure_id STRING NULL, resolved MAP NULL, started_at INTEGER NULL, last_seen INTEGER NULL, erased_from INTEGER NULL, erased_at INTEGER NULL
// index:   Session(tenant, session_id), Tombstone(tenant, hash), Message(tenant, message_id), Identity(tenant, identity_id), Visitor(tenant, root_id), Visitor(tenant, visitor_id)
CALL () {
  UNWIND $rows AS row
  MATCH (:Session {tenant: $tenant, session_id: row.session_id})-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(own:Visitor)
  WITH collect(DISTINCT own) AS found
  // part: locked_visitors
  RETURN locked_ids
}
UNWIND $rows AS row
WITH locked_ids, row, datetime({epochMillis: row.at}) AS at
OPTIONAL MATCH (message:Message {tenant: $tenant, message_id: row.message_id})
OPTIONAL MATCH (sent:Session {tenant: $tenant, session_id: row.session_id})
OPTIONAL CALL (sent, at) {
  // What is dated before its session began counts from the beginning, as a login does.
  WITH sent, CASE WHEN sent.started_at > at THEN sent.started_at ELSE at END AS counts_from
  MATCH
    (sent)
    ((earlier)-[handover:SUCCEEDED_BY]->(later) WHERE handover.at <= counts_from)*
    (session)
  WHERE NOT EXISTS { (session)-[next:SUCCEEDED_BY]->() WHERE next.at <= counts_from }
  RETURN session
  LIMIT 1
}
OPTIONAL MATCH (session)-[:DURING]->(tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(own:Visitor)
OPTIONAL CALL (tenure) {
  WITH tenure AS start
  // part: whose
}
// part: erased
RETURN
  locked_ids,
  row.i AS i,
  CASE
    WHEN message IS NULL THEN null
    ELSE message {.call, .session_sent, .request_hash, .answer}
  END AS message,
  erased,
  session.session_id AS session_id,
  own.visitor_id AS own_id,
  own.root_id AS visitor_id,
  tenure.identity_id AS tenure_id,
  resolved,
  session.started_at.epochMillis AS started_at,
  session.last_seen.epochMillis AS last_seen,
  session.erased_from.epochMillis AS erased_from,
  session.erased_at.epochMillis AS erased_at
