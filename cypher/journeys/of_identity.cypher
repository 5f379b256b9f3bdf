// purpose: The next tenures of a user or of a top tenure by first time, each with the least confidence on the way, and those whose
//          inferences lead there, with whose these are.
// access:  read
// params:  tenant STRING, user_id STRING NULL, identity_id STRING NULL, since ZONED DATETIME, until ZONED DATETIME, after_at ZONED DATETIME, after_id STRING, limit INTEGER
// returns: tenure_id STRING, visitor_id STRING, confidence FLOAT, first_seen INTEGER, last_seen INTEGER, events INTEGER, identity_id STRING, resolved MAP NULL
// index:   User(tenant, user_id), User(tenant, linked_id), Identity(tenant, identity_id), Visitor(tenant, root_id)
CALL () {
  MATCH (user:User {tenant: $tenant, user_id: $user_id})
  WHERE
    // part: is_somebody
  RETURN user AS owner
  UNION
  MATCH (identity:Identity {tenant: $tenant, identity_id: $identity_id})
  // A user's journey is the user's own, and an identity's is that of all linked users.
  // part: with_linked
  RETURN owner
}
WITH owner AS identity
// part: hidden_visitors
CALL (identity) {
  MATCH (identity)<-[resolves:RESOLVES_TO]-(holder:Tenure)
  RETURN holder, CASE WHEN resolves.method = 'claim' THEN 1.0 ELSE resolves.confidence END AS sure
  UNION
  MATCH (identity)
  WHERE NOT EXISTS { (identity)-[:RESOLVES_TO]->() }
  RETURN identity AS holder, 1.0 AS sure
}
MATCH
  (holder)
  // part: downwards(tie: ties)
  (certain)
WITH
  identity,
  hidden_visitors,
  certain,
  reduce(least = sure, tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END) AS sure
CALL (certain, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, sure AS confidence, false AS is_probable
  UNION
  // The part `whose` and graph/rules/probable.py decide whether the inference is read, and its confidence.
  MATCH (certain)<-[:PROBABLY]-(holder:Tenure)
  WHERE NOT EXISTS { (holder)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->() }
  MATCH
    (holder)
    // part: downwards
    (tenure:Tenure)
  RETURN tenure, sure AS confidence, true AS is_probable
}
WITH identity, hidden_visitors, tenure, is_probable, confidence
WHERE
  // part: next_streams
  AND
  // part: not_on_hidden_visitors
WITH
  identity,
  tenure,
  max(CASE WHEN NOT is_probable THEN confidence END) AS certainly,
  max(CASE WHEN is_probable THEN confidence END) AS perhaps
// A tenure may lead to several linked users, and a page has it once.
WITH tenure, collect([identity.identity_id, certainly, perhaps]) AS owned_by
ORDER BY tenure.first_seen, tenure.identity_id
LIMIT $limit
OPTIONAL MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
UNWIND owned_by AS owned
UNWIND [[owned[1], null], [owned[2], tenure]] AS way
WITH owned[0] AS identity_id, tenure, coalesce(used.root_id, used.visitor_id, '') AS visitor_id, way[0] AS confidence, way[1] AS start
WHERE confidence IS NOT NULL
OPTIONAL CALL (start) {
  WITH start
  WHERE start IS NOT NULL
  CALL (start) {
    // part: whose
  }
  RETURN resolved
}
RETURN
  tenure.identity_id AS tenure_id,
  visitor_id,
  confidence,
  tenure.first_seen.epochMillis AS first_seen,
  tenure.last_seen.epochMillis AS last_seen,
  tenure.events AS events,
  identity_id,
  resolved
