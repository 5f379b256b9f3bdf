// purpose: The session that each event belongs to at its time: the session sent, or its successor after a hand over.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, session_id STRING, message_id STRING, at ZONED DATETIME}
// returns: i INTEGER, message MAP NULL, session_id STRING NULL, own_id STRING NULL, visitor_id STRING NULL, tenure_id STRING NULL, started_at ZONED DATETIME NULL, last_seen ZONED DATETIME NULL
// index:   Session(tenant, session_id), Message(tenant, message_id)
UNWIND $rows AS row
OPTIONAL MATCH (message:Message {tenant: $tenant, message_id: row.message_id})
OPTIONAL MATCH (sent:Session {tenant: $tenant, session_id: row.session_id})
OPTIONAL CALL (row, sent) {
  MATCH
    (sent)
    ((earlier)-[handover:SUCCEEDED_BY]->(later) WHERE handover.at <= row.at)*
    (session)
  WHERE NOT EXISTS { (session)-[next:SUCCEEDED_BY]->() WHERE next.at <= row.at }
  RETURN session
  LIMIT 1
}
OPTIONAL MATCH (session)-[:DURING]->(tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
RETURN
  row.i AS i,
  CASE
    WHEN message IS NULL THEN null
    ELSE message {.call, .session_sent, .request_hash, .answer}
  END AS message,
  session.session_id AS session_id,
  used.visitor_id AS own_id,
  used.root_id AS visitor_id,
  tenure.identity_id AS tenure_id,
  session.started_at AS started_at,
  session.last_seen AS last_seen
