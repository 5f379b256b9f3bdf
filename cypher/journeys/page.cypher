// purpose: The next events of each tenure after a point in time, in index order so that Neo4j sorts nothing.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING}, after_at ZONED DATETIME, after_id STRING, until ZONED DATETIME, limit INTEGER
// returns: event_id STRING, name STRING, at ZONED DATETIME, received_at ZONED DATETIME, properties STRING, session_id STRING, tenure_id STRING, identity_id STRING, confidence FLOAT, page_url STRING NULL, page_referrer STRING NULL, page_title STRING NULL, seen MAP
// index:   Identity(tenant, identity_id), Event(tenant, tenure_id, at, event_id), User(tenant, user_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
CALL (row) {
  MATCH (event:Event)
  USING INDEX SEEK event:Event(tenant, tenure_id, at, event_id)
  WHERE
    event.tenant = $tenant AND
    event.tenure_id = row.tenure_id AND
    event.at >= $after_at AND
    event.at < $until AND
    event.event_id IS NOT NULL AND
    // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
    CASE WHEN event.at = $after_at THEN event.event_id > $after_id ELSE true END AND
    // A login whose claim was released stays in its tenure and names its user. Leave it out if that user is hidden.
    NOT EXISTS { (:User {tenant: $tenant, user_id: event.user_id, hidden: true}) } AND
    // Leave it out if the relationship with this visitor was closed after it, and was hidden then.
    NOT EXISTS {
      MATCH (event)<-[:RECORDED]-(:Session)-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
      WHERE event.user_id IS NOT NULL
      MATCH (visitor)-[closed:WAS_IDENTIFIED_AS {user_id: event.user_id, visible: false}]->(:User)
      WHERE closed.until >= coalesce(event.counted_at, event.received_at)
    } AND
    // Leave it out if the relationship is hidden now.
    NOT EXISTS {
      MATCH (event)<-[:RECORDED]-(:Session)-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
      WHERE event.user_id IS NOT NULL
      WITH coalesce(visitor.root_id, visitor.visitor_id) AS visitor_id
      MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: event.user_id, visitor_id: visitor_id}]->(:User)
      USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
      WHERE NOT identified.visible
    }
  // Before the limit: an erasure that is under way may have left an event without its session or visitor, and a page without it
  // would look like the last one.
  MATCH (event)<-[:RECORDED]-(session:Session)-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
  RETURN event, session, visitor
  ORDER BY event.tenant, event.tenure_id, event.at, event.event_id
  LIMIT $limit
}
OPTIONAL MATCH (taken_for:Identity {tenant: $tenant, identity_id: event.identity_id})
// A server's call observes no browser, so the session's observations stand for it.
WITH event, session, visitor, taken_for, CASE WHEN event.browser IS NULL THEN session ELSE event END AS seen
RETURN
  event.event_id AS event_id,
  event.name AS name,
  event.at AS at,
  event.received_at AS received_at,
  event.properties AS properties,
  session.session_id AS session_id,
  event.tenure_id AS tenure_id,
  // Leave out the identity that the event was taken for if it is hidden now. Leave it out too if the relationship with the
  // merge group is hidden, or was when it was closed after the event.
  CASE
    WHEN
      taken_for.hidden OR
      EXISTS {
        (visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[hidden:IDENTIFIED_AS|WAS_IDENTIFIED_AS {visible: false}]->(taken_for)
        WHERE coalesce(hidden.until >= coalesce(event.counted_at, event.received_at), true)
      }
    THEN event.tenure_id
    ELSE event.identity_id
  END AS identity_id,
  event.confidence AS confidence,
  event.page_url AS page_url,
  event.page_referrer AS page_referrer,
  event.page_title AS page_title,
  seen
  // part: seen
  AS seen
