// purpose: Split a tenure at a login: a new tenure on the same jar, and a successor session with what the old one has from then on.
// access:  write
// params:  tenant STRING, session_id STRING, at ZONED DATETIME, new_tenure_id STRING, new_session_id STRING, is_released BOOLEAN, change_id STRING
// returns: sessions INTEGER, events INTEGER
// index:   Session(tenant, session_id)
MATCH (session:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
CREATE (fresh:Tenure:Identity {
  tenant: $tenant,
  identity_id: $new_tenure_id,
  since: $at,
  until: CASE WHEN tenure.until > $at THEN tenure.until END,
  first_seen: $at,
  last_seen: $at,
  sessions: 1,
  events: 0
})-[:ON]->(jar)
CREATE (successor:Session)-[:DURING]->(fresh)
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
// What was released stays so in the part that it is about.
FOREACH (_ IN CASE WHEN $is_released THEN [1] ELSE [] END |
  SET fresh.released_from = $at, fresh.released_session_id = $new_session_id
  REMOVE tenure.released_from, tenure.released_session_id
)
WITH session, tenure, jar, visitor, fresh, successor
OPTIONAL MATCH (jar)-[current:CURRENT]->(now:Tenure)
WITH session, tenure, jar, visitor, fresh, successor, current, now
FOREACH (_ IN CASE WHEN now = tenure THEN [1] ELSE [] END |
  DELETE current
)
FOREACH (_ IN CASE WHEN now = tenure OR (now IS NULL AND NOT $is_released) THEN [1] ELSE [] END |
  CREATE (jar)-[:CURRENT]->(fresh)
)
WITH session, tenure, visitor, fresh, successor
OPTIONAL MATCH (session)-[next:SUCCEEDED_BY]->(after:Session)
FOREACH (_ IN CASE WHEN next IS NULL THEN [] ELSE [1] END |
  CREATE (successor)-[:SUCCEEDED_BY {at: next.at, change_id: next.change_id}]->(after)
  DELETE next
)
CREATE (session)-[:SUCCEEDED_BY {at: $at, change_id: $change_id}]->(successor)
WITH session, tenure, visitor, fresh, successor
CALL (session, fresh, successor) {
  OPTIONAL MATCH (session)-[recorded:RECORDED]->(event:Event)
  WHERE event.at >= $at
  FOREACH (_ IN CASE WHEN event IS NULL THEN [] ELSE [1] END |
    DELETE recorded
    CREATE (successor)-[:RECORDED]->(event)
    SET event.tenure_id = fresh.identity_id
  )
  RETURN count(event) AS moved, max(event.at) AS latest
}
CALL (session, tenure, fresh) {
  OPTIONAL MATCH (tenure)<-[during:DURING]-(later:Session)
  WHERE later <> session AND later.started_at >= $at
  WITH during, later
  ORDER BY later.session_id
  CALL (fresh, later) {
    OPTIONAL MATCH (later)-[:RECORDED]->(event:Event)
    SET event.tenure_id = fresh.identity_id
    RETURN min(event.at) AS first
  }
  FOREACH (_ IN CASE WHEN later IS NULL THEN [] ELSE [1] END |
    DELETE during
    CREATE (later)-[:DURING]->(fresh)
  )
  RETURN
    count(later) AS sessions,
    coalesce(sum(later.events), 0) AS events,
    min(first) AS oldest,
    max(later.last_seen) AS newest
}
SET
  session.events = session.events - moved,
  successor.events = moved,
  successor.last_seen = coalesce(latest, $at),
  tenure.sessions = tenure.sessions - sessions,
  tenure.events = tenure.events - moved - events,
  fresh.sessions = 1 + sessions,
  fresh.events = moved + events,
  fresh.first_seen = CASE WHEN oldest < $at THEN oldest ELSE $at END,
  fresh.last_seen = CASE
    WHEN coalesce(newest, $at) > coalesce(latest, $at) THEN newest
    ELSE coalesce(latest, $at)
  END
FOREACH (_ IN CASE
  WHEN visitor.latest_tenure_id = tenure.identity_id AND fresh.last_seen >= visitor.last_seen THEN [1]
  ELSE []
END |
  // A statement that claims records no event: later ones compare with when the new tenure began.
  SET
    visitor.latest_tenure_id = fresh.identity_id,
    visitor.last_seen = fresh.last_seen
)
RETURN fresh.sessions AS sessions, fresh.events AS events
