// purpose: Record events on their sessions and count them.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {session_id STRING, event_id STRING, name STRING, at INTEGER, received_at INTEGER, properties STRING, message_id STRING, call STRING, session_sent STRING NULL, request_hash STRING, answer STRING, identity_id STRING, confidence FLOAT, user_id STRING NULL, source STRING NULL, collected_user_id STRING NULL, refused_user_id STRING NULL, named_user_id STRING NULL, address STRING NULL, browser STRING NULL, browser_version STRING NULL, os STRING NULL, device_class STRING NULL, is_bot BOOLEAN, origin MAP, page_url STRING NULL, page_referrer STRING NULL, page_title STRING NULL}
// returns: nothing
// index:   Session(tenant, session_id)
UNWIND $rows AS row
WITH row, datetime({epochMillis: row.at}) AS at, datetime({epochMillis: row.received_at}) AS received_at
MATCH (session:Session {tenant: $tenant, session_id: row.session_id})-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
// Whoever writes several tenures takes them in this order.
WITH row, at, received_at, session, tenure, visitor
ORDER BY tenure.identity_id, session.session_id, at
// `SET tenure.events = tenure.events + 1` would lock the tenure against new edges, too, and so deadlock with an act that adds
// one and waits for the node. The lock of the node is enough, and a second name in FOREACH spares the other.
SET tenure._lock = true
CREATE (session)-[:RECORDED]->(event:Event:Message {
  tenant: $tenant,
  event_id: row.event_id,
  name: row.name,
  at: at,
  received_at: received_at,
  counted_at:
  // part: counted_at
  ,
  tenure_id: tenure.identity_id,
  properties: row.properties,
  message_id: row.message_id,
  call: row.call,
  session_sent: row.session_sent,
  request_hash: row.request_hash,
  answer: row.answer,
  identity_id: row.identity_id,
  confidence: row.confidence,
  user_id: row.user_id,
  source: row.source,
  collected_user_id: row.collected_user_id,
  refused_user_id: row.refused_user_id,
  named_user_id: row.named_user_id,
  // Without consent to the session, its later calls keep no address and no location either.
  address: CASE WHEN session.consent THEN row.address END,
  browser: row.browser,
  browser_version: row.browser_version,
  os: row.os,
  device_class: row.device_class,
  is_bot: row.is_bot,
  page_url: row.page_url,
  page_referrer: row.page_referrer,
  page_title: row.page_title
})
SET event += CASE WHEN session.consent THEN row.origin ELSE {} END
FOREACH (counted IN [session] |
  SET
    session.events = counted.events + 1,
    session.last_seen = CASE WHEN counted.last_seen > at THEN counted.last_seen ELSE at END
)
FOREACH (counted IN [tenure] |
  SET
    tenure.events = counted.events + 1,
    tenure.first_seen = CASE WHEN counted.first_seen < at THEN counted.first_seen ELSE at END,
    tenure.last_seen = CASE WHEN counted.last_seen > at THEN counted.last_seen ELSE at END
)
// part: visitor_used(call: event)
