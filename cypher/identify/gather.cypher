// purpose: What each login finds: the call with its message id, the tenure of its session at that time with the tenures above it,
//          nearest first, and what is known of the user and the visitor.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, message_id STRING NULL, session_id STRING, user_id STRING, at ZONED DATETIME, hashes LIST<STRING>}
// returns: i INTEGER, message MAP NULL, erased LIST<MAP>, login MAP NULL
// index:   Message(tenant, message_id), Tombstone(tenant, hash), Session(tenant, session_id), Event(tenant, tenure_id, at, event_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
OPTIONAL MATCH (message:Message {tenant: $tenant, message_id: row.message_id})
OPTIONAL CALL (row) {
  MATCH (sent:Session {tenant: $tenant, session_id: row.session_id})
  CALL (row, sent) {
    MATCH
      (sent)
      ((earlier)-[handover:SUCCEEDED_BY]->(later) WHERE handover.at <= row.at)*
      (session)
    WHERE NOT EXISTS { (session)-[next:SUCCEEDED_BY]->() WHERE next.at <= row.at }
    RETURN session
    LIMIT 1
  }
  MATCH (session)-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
  OPTIONAL MATCH (tenure)-[resolves:RESOLVES_TO]->(holder:User)
  // The holder's next login after this one, where this login arrives late. It is in this session, or in one begun since.
  OPTIONAL CALL (row, session, tenure, holder) {
    MATCH (next_login:Event)
    USING INDEX SEEK next_login:Event(tenant, tenure_id, at, event_id)
    WHERE
      next_login.tenant = $tenant AND
      next_login.tenure_id = tenure.identity_id AND
      next_login.at > row.at AND
      next_login.event_id IS NOT NULL AND
      next_login.user_id = holder.user_id AND
      next_login.user_id <> row.user_id
    MATCH (next_login)<-[:RECORDED]-(next_session:Session)
    WHERE next_session = session OR next_session.started_at >= row.at
    RETURN {
      session_id: next_session.session_id,
      at: next_login.at,
      verified: coalesce(next_login.source = 'verified', false)
    } AS again
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
  // part: relationship_records
  RETURN {
    session_id: session.session_id,
    started_at: session.started_at,
    last_seen: session.last_seen,
    erased_from: session.erased_from,
    erased_at: session.erased_at,
    tenure_id: tenure.identity_id,
    jar_known: coalesce(jar.known_since <= row.at, false),
    visitor_id: visitor.visitor_id,
    visitor_seen: visitor.last_seen,
    recent_users: visitor.recent_users,
    held:
    // part: held(held: resolves, user: holder)
    ,
    released: CASE
      WHEN tenure.released_from IS NULL THEN null
      ELSE {session_id: tenure.released_session_id, at: tenure.released_from, verified: false}
    END,
    contradicts: EXISTS {
      (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[cannot_link:CANNOT_LINK|COULD_NOT_LINK]->(forbidden_user:User)
      WHERE forbidden_user.user_id = row.user_id AND NOT coalesce(visitor.visitor_id IN cannot_link.closed_on, false)
    },
    again: again,
    above: above,
    known: known
  } AS login
}
// part: erased
RETURN
  row.i AS i,
  CASE
    WHEN message IS NULL THEN null
    ELSE message {.call, .session_sent, .request_hash, .answer}
  END AS message,
  erased,
  login
