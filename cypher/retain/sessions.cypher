// purpose: Remove the sessions that are older than sessions are kept and hold nothing, strip those that hold who
//          used them, and remove the addresses that are older than these are kept; count the removed sessions.
// access:  write
// params:  tenant STRING, session_ids LIST<STRING>, events_before ZONED DATETIME, sessions_before ZONED DATETIME, addresses_before ZONED DATETIME
// returns: count INTEGER
// index:   Session(tenant, session_id)
UNWIND $session_ids AS session_id
MATCH (session:Session {tenant: $tenant, session_id: session_id})-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)
WITH session, tenure, jar
ORDER BY tenure.identity_id, session.session_id
SET tenure._lock = true
FOREACH (_ IN CASE WHEN session.started_at < $addresses_before THEN [1] ELSE [] END |
  REMOVE session.address
)
FOREACH (_ IN CASE WHEN jar.last_seen < $addresses_before THEN [1] ELSE [] END |
  REMOVE jar.sights, jar.passing
)
WITH session, tenure, jar
CALL (tenure) {
  MATCH (tenure)-[inference:PROBABLY|WAS_PROBABLY]->()
  WHERE
    // part: rests_on_old_address
  DELETE inference
}
WITH session, tenure, jar
WHERE
  session.started_at < $sessions_before AND
  NOT EXISTS {
    (session)-[:RECORDED]->(kept:Event)
    WHERE kept.at >= $events_before AND kept.is_bare IS NULL
  }
FOREACH (_ IN [1] |
  // part: bare(node: session)
)
WITH session, tenure, jar
WHERE
  NOT EXISTS { (session)-[:RECORDED]->() } AND
  coalesce(session.collected_user_id, session.refused_user_id) IS NULL AND
  coalesce(tenure.released_session_id <> session.session_id, true) AND
  NOT EXISTS {
    (tenure)-[claim:RESOLVES_TO|RESOLVED_TO {method: 'claim'}]->()
    WHERE claim.session_id = session.session_id
  }
FOREACH (counted IN [tenure] |
  SET tenure.sessions = counted.sessions - 1
)
FOREACH (_ IN CASE WHEN jar.latest_session_id = session.session_id THEN [1] ELSE [] END |
  REMOVE jar.latest_session_id, jar.sights, jar.passing
)
DETACH DELETE session
RETURN count(*) AS count
