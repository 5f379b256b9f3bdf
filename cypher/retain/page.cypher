// purpose: The next sessions in the order in which they began, and whether anything of each is older than it is kept.
// access:  read
// params:  tenant STRING, after_at ZONED DATETIME, after_id STRING, until ZONED DATETIME, events_before ZONED DATETIME, sessions_before ZONED DATETIME, addresses_before ZONED DATETIME, limit INTEGER
// returns: session_id STRING, started_at ZONED DATETIME, is_due BOOLEAN
// index:   Session(tenant, started_at, session_id)
MATCH (session:Session)
USING INDEX SEEK session:Session(tenant, started_at, session_id)
WHERE
  session.tenant = $tenant AND
  session.started_at >= $after_at AND
  session.started_at < $until AND
  session.session_id IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN session.started_at = $after_at THEN session.session_id > $after_id ELSE true END
WITH session
ORDER BY session.tenant, session.started_at, session.session_id
LIMIT $limit
RETURN
  session.session_id AS session_id,
  session.started_at AS started_at,
  (
    session.started_at < $sessions_before AND
    session.is_bare IS NULL AND
    NOT EXISTS {
      (session)-[:RECORDED]->(kept:Event)
      WHERE kept.at >= $events_before AND kept.is_bare IS NULL
    }
  ) OR
  (session.started_at < $addresses_before AND session.address IS NOT NULL) OR
  EXISTS {
    (session)-[:RECORDED]->(event:Event)
    WHERE
      (event.at < $events_before AND event.is_bare IS NULL) OR
      (event.at < $addresses_before AND event.address IS NOT NULL)
  } OR
  EXISTS {
    (session)-[:DURING]->(:Tenure)-[:ON]->(jar:Jar)
    WHERE jar.last_seen < $addresses_before AND coalesce(jar.sights, jar.passing) IS NOT NULL
  } OR
  EXISTS {
    (session)-[:DURING]->(:Tenure)-[inference:PROBABLY|WAS_PROBABLY]->()
    WHERE
      // part: rests_on_old_address
  } AS is_due
