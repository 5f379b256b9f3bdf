// purpose: The tenure a session is in at the time of a login, whose it is, and the tenures above it, nearest first.
// access:  read
// params:  tenant STRING, session_id STRING, user_id STRING, at ZONED DATETIME
// returns: session_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, tenure_id STRING, jar_known BOOLEAN, visitor_id STRING, survivor_id STRING, recent_users LIST<STRING>, held MAP NULL, released MAP NULL, contradicts BOOLEAN, again MAP NULL, above LIST<MAP>
// index:   Session(tenant, session_id), Event(tenant, tenure_id, at, event_id), Visitor(tenant, root_id)
MATCH (sent:Session {tenant: $tenant, session_id: $session_id})
CALL (sent) {
  MATCH
    (sent)
    ((earlier)-[handover:SUCCEEDED_BY]->(later) WHERE handover.at <= $at)*
    (session)
  WHERE NOT EXISTS { (session)-[next:SUCCEEDED_BY]->() WHERE next.at <= $at }
  RETURN session
  LIMIT 1
}
MATCH (session)-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
OPTIONAL MATCH (tenure)-[resolves:RESOLVES_TO]->(holder:User)
// A login that arrives late comes before others of the holder's, in this session or one begun since.
OPTIONAL CALL (session, tenure, holder) {
  MATCH (next:Event)
  USING INDEX next:Event(tenant, tenure_id, at, event_id)
  WHERE
    next.tenant = $tenant AND
    next.tenure_id = tenure.identity_id AND
    next.at > $at AND
    next.event_id IS NOT NULL AND
    next.user_id = holder.user_id AND
    next.user_id <> $user_id
  MATCH (next)<-[:RECORDED]-(theirs:Session)
  WHERE theirs = session OR theirs.started_at >= $at
  RETURN {session_id: theirs.session_id, at: next.at} AS again
  ORDER BY next.tenant, next.tenure_id, next.at, next.event_id
  LIMIT 1
}
CALL (tenure) {
  OPTIONAL MATCH way = (tenure)-[:TIED_TO*1..8]->(over:Tenure)
  WITH over, length(way) AS steps, nodes(way)[-2] AS below, relationships(way)[-1] AS tie
  OPTIONAL MATCH (over)-[held:RESOLVES_TO]->(user:User)
  // Only closing a claim that others follow makes them choose again; the other children matter then and only then.
  OPTIONAL CALL (tenure, over, below) {
    MATCH (other:Tenure)-[side:TIED_TO]->(over)
    WHERE other <> below AND EXISTS { (tenure)-[:RESOLVES_TO]->() }
    // part: earliest_claim
  }
  WITH over, steps, tie, held, user, rival
  ORDER BY steps
  RETURN [
    step IN collect({
      tenure_id: over.identity_id,
      tie: tie.confidence,
      held:
      // part: held(tenure: over)
      ,
      rival: rival
    })
    WHERE step.tenure_id IS NOT NULL
  ] AS above
}
RETURN
  session.session_id AS session_id,
  session.started_at AS started_at,
  session.last_seen AS last_seen,
  tenure.identity_id AS tenure_id,
  jar.known_since IS NOT NULL AS jar_known,
  visitor.visitor_id AS visitor_id,
  visitor.root_id AS survivor_id,
  visitor.recent_users AS recent_users,
  // part: held(held: resolves, user: holder)
  AS held,
  CASE
    WHEN tenure.released_from IS NULL THEN null
    ELSE {session_id: tenure.released_session_id, at: tenure.released_from}
  END AS released,
  EXISTS {
    (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[said:CANNOT_LINK|COULD_NOT_LINK]->(not_theirs:User)
    WHERE not_theirs.user_id = $user_id AND NOT coalesce(visitor.visitor_id IN said.closed_on, false)
  } AS contradicts,
  again,
  above
