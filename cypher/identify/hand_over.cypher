// purpose: Divide a session's tenure at a login: open a new tenure on the same jar and a successor session, and move to them what
//          comes later.
// access:  write
// params:  tenant STRING, session_id STRING, at ZONED DATETIME, new_tenure_id STRING, new_session_id STRING, is_released BOOLEAN, stays STRING NULL, change_id STRING
// returns: sessions INTEGER, events INTEGER
// index:   Session(tenant, session_id)
MATCH (session:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
CREATE (new_tenure:Tenure:Identity {
  tenant: $tenant,
  identity_id: $new_tenure_id,
  since: $at,
  until: CASE WHEN tenure.until > $at THEN tenure.until END,
  first_seen: $at,
  last_seen: $at,
  sessions: 1,
  events: 0
})-[:ON]->(jar)
CREATE (successor:Session)-[:DURING]->(new_tenure)
SET
  successor = session {
    .tenant,
    .method,
    .confidence,
    .evidence,
    .consent,
    .fingerprint,
    .fingerprint_confidence,
    .address,
    .browser,
    .browser_version,
    .os,
    .device_class,
    .is_bot,
    .country,
    .region,
    .city,
    .latitude,
    .longitude,
    .time_zone,
    .asn,
    .as_organization,
    .page_url,
    .page_referrer,
    .page_title
  },
  successor.session_id = $new_session_id,
  successor.started_at = $at,
  successor.received_at = session.received_at,
  successor.counted_at = session.counted_at,
  successor.last_seen = $at,
  successor.events = 0,
  tenure.until = $at
// The released login lies in the later part, so the new tenure takes over the mark of the release.
FOREACH (_ IN CASE WHEN $is_released THEN [1] ELSE [] END |
  SET new_tenure.released_from = $at, new_tenure.released_session_id = $new_session_id
  REMOVE tenure.released_from, tenure.released_session_id
)
WITH session, tenure, jar, visitor, new_tenure, successor
OPTIONAL MATCH (jar)-[current:CURRENT]->(current_tenure:Tenure)
WITH session, tenure, jar, visitor, new_tenure, successor, current, current_tenure
FOREACH (_ IN CASE WHEN current_tenure = tenure THEN [1] ELSE [] END |
  DELETE current
)
FOREACH (_ IN CASE WHEN current_tenure = tenure OR (current_tenure IS NULL AND NOT $is_released) THEN [1] ELSE [] END |
  CREATE (jar)-[:CURRENT]->(new_tenure)
)
WITH session, tenure, visitor, new_tenure, successor
OPTIONAL MATCH (session)-[next:SUCCEEDED_BY]->(next_session:Session)
FOREACH (_ IN CASE WHEN next IS NULL THEN [] ELSE [1] END |
  CREATE (successor)-[:SUCCEEDED_BY {at: next.at, change_id: next.change_id}]->(next_session)
  DELETE next
)
CREATE (session)-[:SUCCEEDED_BY {at: $at, change_id: $change_id}]->(successor)
WITH session, tenure, visitor, new_tenure, successor
CALL (session, new_tenure, successor) {
  OPTIONAL MATCH (session)-[recorded:RECORDED]->(event:Event)
  // What is dated before the session began counts from its beginning.
  WHERE
    (event.at >= $at OR session.started_at >= $at) AND
    NOT (event.at = $at AND coalesce(event.user_id = $stays, false))
  FOREACH (_ IN CASE WHEN event IS NULL THEN [] ELSE [1] END |
    DELETE recorded
    CREATE (successor)-[:RECORDED]->(event)
    SET event.tenure_id = new_tenure.identity_id
  )
  RETURN count(event) AS moved, min(event.at) AS earliest, max(event.at) AS latest
}
CALL (session, tenure, new_tenure) {
  OPTIONAL MATCH (tenure)<-[during:DURING]-(later:Session)
  WHERE later <> session AND later.started_at >= $at
  WITH during, later
  ORDER BY later.session_id
  CALL (new_tenure, later) {
    OPTIONAL MATCH (later)-[:RECORDED]->(event:Event)
    SET event.tenure_id = new_tenure.identity_id
    RETURN min(event.at) AS first
  }
  FOREACH (_ IN CASE WHEN later IS NULL THEN [] ELSE [1] END |
    DELETE during
    CREATE (later)-[:DURING]->(new_tenure)
  )
  RETURN
    count(later) AS sessions,
    coalesce(sum(later.events), 0) AS events,
    min(first) AS oldest,
    max(later.last_seen) AS newest
}
FOREACH (counted IN [session] |
  SET session.events = counted.events - moved
)
FOREACH (counted IN [tenure] |
  SET
    tenure.sessions = counted.sessions - sessions,
    tenure.events = counted.events - moved - events
)
SET
  successor.events = moved,
  successor.last_seen = CASE WHEN latest > $at THEN latest ELSE $at END,
  new_tenure.sessions = 1 + sessions,
  new_tenure.events = moved + events,
  new_tenure.first_seen = reduce(first = $at, seen IN [earliest, oldest] | CASE WHEN seen < first THEN seen ELSE first END),
  new_tenure.last_seen = reduce(last = $at, seen IN [latest, newest] | CASE WHEN seen > last THEN seen ELSE last END)
FOREACH (_ IN CASE
  WHEN visitor.latest_tenure_id = tenure.identity_id AND new_tenure.last_seen >= visitor.last_seen THEN [1]
  ELSE []
END |
  // A statement with `claim` records no event that would set these. Later calls compare their time with the beginning of
  // the new tenure.
  SET
    visitor.latest_tenure_id = new_tenure.identity_id,
    visitor.last_seen = new_tenure.last_seen
)
RETURN new_tenure.sessions AS sessions, new_tenure.events AS events
