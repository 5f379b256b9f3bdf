// purpose: The tenures that belonged to each identity by facts at a time, the nearest first, with their jars and visitors, and the
//          edges between them; and how many there were.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING}, at ZONED DATETIME, limit INTEGER
// returns: i INTEGER, user_id STRING NULL, count INTEGER, tenures LIST<MAP>, maybe_count INTEGER, maybe_ids LIST<STRING>
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (identity:Identity {tenant: $tenant, identity_id: row.identity_id})
// part: hidden_visitors_then
CALL (identity, hidden_visitors) {
  CALL (identity) {
    MATCH (identity)<-[edge:RESOLVES_TO|RESOLVED_TO]-(holder:Tenure)
    WHERE
      // part: open_at
    RETURN holder
    UNION
    MATCH (identity)
    WHERE identity:Tenure
    RETURN identity AS holder
  }
  MATCH
    (holder)
    // part: downwards_then(above: greater, tie: climbed, below: lesser)
    (tenure:Tenure)
  WHERE
    tenure.first_seen <= $at AND
    // part: not_on_hidden_visitors
    AND NOT
    // part: is_hidden_now
  // A tenure comes after those that it is tied to, so that none is listed without its way to the identity.
  WITH tenure, min(size(climbed)) AS distance
  ORDER BY distance, tenure.last_seen DESC, tenure.identity_id DESC
  WITH collect(tenure) AS found
  RETURN size(found) AS count, found[..$limit] AS listed
}
CALL (listed) {
  UNWIND listed AS tenure
  MATCH (tenure)-[:ON]->(jar:Jar)-[into:IN|WAS_IN]->(named:Visitor)
  WHERE
    // part: inside_at(edge: into)
  // part: survivor_then
  RETURN collect({
    tenure_id: tenure.identity_id,
    first_seen: tenure.first_seen.epochMillis,
    last_seen: tenure.last_seen.epochMillis,
    sessions: tenure.sessions,
    events: tenure.events,
    jar_id: jar.jar_id,
    jar_kind: jar.kind,
    joined_by: into.method,
    joined_at: into.confidence,
    visitor_id: named.visitor_id,
    root_id: root.visitor_id,
    ties: COLLECT {
      MATCH (tenure)-[edge:TIED_TO|WAS_TIED_TO]->(above:Tenure)
      WHERE
        // part: open_at
      RETURN {target: above.identity_id, method: edge.method, confidence: edge.confidence}
    },
    users: COLLECT {
      MATCH (tenure)-[edge:RESOLVES_TO|RESOLVED_TO]->(user:User)
      WHERE
        // part: open_at
      RETURN {target: user.user_id, method: edge.method, confidence: coalesce(edge.confidence, 1.0)}
    }
  }) AS tenures
}
CALL (identity, listed) {
  UNWIND [identity] + listed AS whom
  MATCH (whom)<-[edge:PROBABLY|WAS_PROBABLY]-(maybe:Tenure)
  WHERE
    // part: open_at
  WITH maybe.identity_id AS maybe_id, max(edge.confidence) AS confidence
  ORDER BY confidence DESC, maybe_id
  WITH collect(maybe_id) AS found
  RETURN size(found) AS maybe_count, found[..$limit] AS maybe_ids
}
RETURN row.i AS i, identity.user_id AS user_id, count, tenures, maybe_count, maybe_ids
