// purpose: The next sessions of each tenure by id.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING}, after STRING, limit INTEGER
// returns: session_id STRING, tenure_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, events INTEGER, method STRING, confidence FLOAT, fingerprint STRING NULL, page_url STRING NULL, page_referrer STRING NULL, seen MAP
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
CALL (row) {
  MATCH (:Identity {tenant: $tenant, identity_id: row.tenure_id})<-[:DURING]-(session:Session)
  WHERE session.session_id > $after
  RETURN session
  ORDER BY session.session_id
  LIMIT $limit
}
RETURN
  session.session_id AS session_id,
  row.tenure_id AS tenure_id,
  session.started_at AS started_at,
  session.last_seen AS last_seen,
  session.events AS events,
  session.method AS method,
  session.confidence AS confidence,
  session.fingerprint AS fingerprint,
  session.page_url AS page_url,
  session.page_referrer AS page_referrer,
  session
  // part: seen
  AS seen
