// purpose: The tenure a session is in at the time of a login, whose it is, and the tenures above it, nearest first.
// access:  read
// params:  tenant STRING, session_id STRING, user_id STRING, at ZONED DATETIME
// returns: session_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, tenure_id STRING, jar_known BOOLEAN, visitor_id STRING, survivor_id STRING, recent_users LIST<STRING>, held MAP NULL, released MAP NULL, contradicts BOOLEAN, again MAP NULL, above LIST<MAP>
// index:   Session(tenant, session_id), Event(tenant, tenure_id, at, event_id)
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
MATCH (visitor)-[:MERGED_INTO*0..8]->(survivor:Visitor)
WHERE NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
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
    MATCH (other)-[theirs:RESOLVES_TO]->(owner:User)
    RETURN {
      claim: coalesce(theirs.claim, other.identity_id),
      user_id: owner.user_id,
      at: theirs.at,
      confidence: CASE
        WHEN coalesce(theirs.confidence, 1.0) < side.confidence THEN theirs.confidence
        ELSE side.confidence
      END
    } AS rival
    ORDER BY theirs.at, coalesce(theirs.claim, other.identity_id)
    LIMIT 1
  }
  WITH over, steps, tie, held, user, rival
  ORDER BY steps
  RETURN [
    step IN collect({
      tenure_id: over.identity_id,
      tie: tie.confidence,
      held: CASE
        WHEN held IS NULL THEN null
        ELSE {
          method: held.method,
          claim: coalesce(held.claim, over.identity_id),
          user_id: user.user_id,
          at: held.at,
          confidence: held.confidence,
          session_id: held.session_id
        }
      END,
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
  survivor.visitor_id AS survivor_id,
  visitor.recent_users AS recent_users,
  CASE
    WHEN resolves IS NULL THEN null
    ELSE {
      method: resolves.method,
      claim: coalesce(resolves.claim, tenure.identity_id),
      user_id: holder.user_id,
      at: resolves.at,
      confidence: resolves.confidence,
      session_id: resolves.session_id
    }
  END AS held,
  CASE
    WHEN tenure.released_from IS NULL THEN null
    ELSE {session_id: tenure.released_session_id, at: tenure.released_from}
  END AS released,
  EXISTS {
    (visitor)-[:MERGED_INTO*0..8]->(:Visitor)<-[:MERGED_INTO*0..8]-(:Visitor)
    -[said:CANNOT_LINK|COULD_NOT_LINK]->(not_theirs:User)
    WHERE not_theirs.user_id = $user_id AND NOT coalesce(visitor.visitor_id IN said.closed_on, false)
  } AS contradicts,
  again,
  above
