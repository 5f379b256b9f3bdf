// purpose: The tenure that a session is in at the time of a login, what it resolves to, and the tenures above it, nearest first.
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
// The holder's next login after this one, where this login arrives late. It is in this session, or in one begun since.
OPTIONAL CALL (session, tenure, holder) {
  MATCH (next_login:Event)
  USING INDEX next_login:Event(tenant, tenure_id, at, event_id)
  WHERE
    next_login.tenant = $tenant AND
    next_login.tenure_id = tenure.identity_id AND
    next_login.at > $at AND
    next_login.event_id IS NOT NULL AND
    next_login.user_id = holder.user_id AND
    next_login.user_id <> $user_id
  MATCH (next_login)<-[:RECORDED]-(next_session:Session)
  WHERE next_session = session OR next_session.started_at >= $at
  RETURN {session_id: next_session.session_id, at: next_login.at} AS again
  ORDER BY next_login.tenant, next_login.tenure_id, next_login.at, next_login.event_id
  LIMIT 1
}
CALL (tenure) {
  OPTIONAL MATCH path = (tenure)-[:TIED_TO*1..8]->(upper:Tenure)
  WITH upper, length(path) AS steps, nodes(path)[-2] AS below, relationships(path)[-1] AS tie
  OPTIONAL MATCH (upper)-[held:RESOLVES_TO]->(user:User)
  // If this login closes a claim, the tenures that adopted it choose again. Only then do the other children matter.
  OPTIONAL CALL (tenure, upper, below) {
    MATCH (other:Tenure)-[side:TIED_TO]->(upper)
    WHERE other <> below AND EXISTS { (tenure)-[:RESOLVES_TO]->() }
    // part: earliest_claim
  }
  WITH upper, steps, tie, held, user, rival
  ORDER BY steps
  RETURN [
    step IN collect({
      tenure_id: upper.identity_id,
      tie: tie.confidence,
      held:
      // part: held(tenure: upper)
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
    (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[cannot_link:CANNOT_LINK|COULD_NOT_LINK]->(forbidden_user:User)
    WHERE forbidden_user.user_id = $user_id AND NOT coalesce(visitor.visitor_id IN cannot_link.closed_on, false)
  } AS contradicts,
  again,
  above
