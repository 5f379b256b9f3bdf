// purpose: Write what changes of logins and other claims: `RESOLVES_TO`, the inferences that this contradicts, the kiosk's users,
//          the latest claims, relationships and audit trail; return how many sessions and events came to each user.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, at ZONED DATETIME, change_id STRING, tenure_ids LIST<STRING>, closes LIST<STRING>, opens LIST<MAP>, decides LIST<MAP>, gains LIST<STRING>, visitor_id STRING NULL, recent_users LIST<STRING> NULL, user_id STRING NULL, recent_claims LIST<INTEGER> NULL, relationships LIST<MAP>, traces LIST<MAP>}
// returns: i INTEGER, sessions INTEGER, events INTEGER
// index:   Identity(tenant, identity_id), User(tenant, user_id), Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
CALL () {
  // Whoever writes several tenures takes them in this order: those of the rows, and those that inferences join to them.
  UNWIND $rows AS row
  CALL (row) {
    UNWIND row.tenure_ids AS tenure_id
    MATCH (written:Identity {tenant: $tenant, identity_id: tenure_id})
    RETURN written
    UNION
    UNWIND row.decides AS decided
    MATCH (:Identity {tenant: $tenant, identity_id: decided.tenure_id})-[:PROBABLY]-(written:Tenure)
    RETURN written
  }
  WITH DISTINCT written
  ORDER BY written.identity_id
  SET written._lock = true
}
UNWIND $rows AS row
CALL (row) {
  UNWIND row.closes AS tenure_id
  MATCH (tenure:Identity {tenant: $tenant, identity_id: tenure_id})-[resolves:RESOLVES_TO]->(user:User)
  CREATE (tenure)-[closed:RESOLVED_TO]->(user)
  // part: close(open: resolves, at: row.at, change_id: row.change_id)
}
CALL (row) {
  UNWIND row.opens AS opening
  MATCH (tenure:Identity {tenant: $tenant, identity_id: opening.tenure_id})
  MATCH (user:User {tenant: $tenant, user_id: opening.user_id})
  CREATE (tenure)-[:RESOLVES_TO {
    method: opening.method,
    claim: opening.claim,
    at: opening.at,
    confidence: opening.confidence,
    session_id: opening.session_id,
    verified: CASE WHEN opening.verified THEN true END,
    since: row.at,
    change_id: row.change_id
  }]->(user)
}
CALL (row) {
  // A claim contradicts inferences of the tenures that follow it, those that lead to these tenures, and those carried on
  // through them.
  UNWIND row.decides AS decided
  MATCH (top:Identity {tenant: $tenant, identity_id: decided.tenure_id})
  MATCH
    (top)
    // part: downwards
    (tenure)
  CALL (decided, tenure) {
    MATCH (tenure)-[inference:PROBABLY]->(owner:User)
    WHERE owner.user_id <> decided.user_id
    RETURN inference, owner
    UNION
    MATCH (tenure)-[inference:PROBABLY]->(identity:Tenure)
    // The inferred tenure belongs to the nearest user upwards, and to no user beyond.
    MATCH
      (identity)
      // part: upwards(below: following, tie: way, above: followed)
      (nearest)-[:RESOLVES_TO]->(owner:User)
    WHERE owner.user_id <> decided.user_id
    RETURN inference, owner
    UNION
    MATCH (tenure)<-[inference:PROBABLY]-(holder:Tenure)
    MATCH
      (holder)
      // part: upwards(below: following, tie: way, above: followed)
      (nearest)-[:RESOLVES_TO]->(owner:User)
    WHERE owner.user_id <> decided.user_id
    RETURN inference, null AS owner
  }
  CALL (tenure, inference, owner) {
    RETURN inference AS contradicted
    UNION
    // The inferences by which the owner's login was carried on through this tenure.
    MATCH (owner)<-[beyond:PROBABLY]-(:Tenure)
    WHERE tenure.identity_id IN beyond.via
    RETURN beyond AS contradicted
  }
  WITH DISTINCT contradicted, startNode(contradicted) AS holder, endNode(contradicted) AS identity
  CREATE (holder)-[closed:WAS_PROBABLY]->(identity)
  // part: close(open: contradicted, at: row.at, change_id: row.change_id)
}
CALL (row) {
  UNWIND row.gains AS tenure_id
  MATCH (top:Identity {tenant: $tenant, identity_id: tenure_id})
  MATCH
    (top)
    // part: downwards
    (tenure)
  RETURN
    coalesce(sum(tenure.sessions), 0) AS sessions,
    coalesce(sum(tenure.events), 0) AS events
}
CALL (row) {
  WITH row
  WHERE row.recent_users IS NOT NULL
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
  SET visitor.recent_users = row.recent_users
}
CALL (row) {
  WITH row
  WHERE row.recent_claims IS NOT NULL
  MATCH (user:User {tenant: $tenant, user_id: row.user_id})
  SET user.recent_claims = row.recent_claims
}
CALL (row) {
  UNWIND row.relationships AS relationship
  // part: relationship(row: relationship)
}
CALL (row) {
  UNWIND row.traces AS trace
  // part: audit_entries(row: trace)
}
RETURN row.i AS i, sessions, events
