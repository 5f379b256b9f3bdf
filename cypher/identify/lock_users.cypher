// purpose: Lock the users who log in, creating those that do not exist, and read under all locks whom each login may be carried on
//          to: the locked neighbours of a visitor that are nobody's, and the user's inferences.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, user_id STRING, identity_id STRING, at ZONED DATETIME, survivor_id STRING, tenure_ids LIST<STRING>, verified BOOLEAN, from_ids LIST<STRING>, locked_ids LIST<STRING>, weeks LIST<STRING>, crowd INTEGER, shared_by_max INTEGER}, places_max INTEGER, unknown_browsers LIST<STRING>, users_days FLOAT, claims_max INTEGER
// returns: i INTEGER, identity_id STRING, linked_id STRING NULL, created_at ZONED DATETIME, unverified_claims INTEGER, recent_claims LIST<INTEGER>, neighbours LIST<MAP>, inferred LIST<MAP>, others LIST<MAP>
// index:   User(tenant, user_id), Visitor(tenant, visitor_id), Identity(tenant, identity_id), BrowserAtIp(tenant, address, week, browser, os, device_class), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
CALL () {
  // Those whose claims and inferences the logins may close. A node of 50 edges takes and loses edges without its lock.
  UNWIND $rows AS row
  UNWIND row.tenure_ids AS tenure_id
  MATCH (:Identity {tenant: $tenant, identity_id: tenure_id})-[:PROBABLY|RESOLVES_TO]->(other:User)
  WHERE COUNT { (other)--() } < 50
  RETURN collect(DISTINCT {user_id: other.user_id}) AS others
}
UNWIND $rows + others AS row
WITH row
ORDER BY row.user_id
// part: locked_user
WITH row, user
// An erasure held the lock, and removed the user or took the name.
WHERE row.identity_id IS NOT NULL AND user.identity_id IS NOT NULL AND user.user_id = row.user_id
WITH collect(row) AS rows, collect(user) AS users
UNWIND range(0, size(rows) - 1) AS number
WITH rows[number] AS row, users[number] AS user
CALL (row) {
  UNWIND row.from_ids AS from_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: from_id})
  // part: seen_beside
  WHERE shared_by <= row.shared_by_max
  UNWIND present AS found
  WITH row, visitor AS beside, found.visitor AS visitor, shared_by, found.last_seen AS last_seen, address, browser, os, device_class
  WHERE
    // A newer neighbour isn't locked; its own `init` already linked it here.
    visitor.visitor_id IN row.locked_ids AND
    // part: neighbours_beside
}
CALL (user, neighbours) {
  MATCH (user)<-[inference:PROBABLY]-(holder:Tenure)
  // Another transaction may close the inference at this moment; then it has no properties any more.
  WHERE size(neighbours) > 0 AND inference.confidence IS NOT NULL
  RETURN collect(inference {.confidence, .since, .last_seen, identity_id: holder.identity_id}) AS inferred
}
CALL (row) {
  WITH {root_id: row.survivor_id} AS used, row.at - duration({days: $users_days}) AS since, row.at + duration({days: $users_days}) AS until
  // part: users_there
  RETURN users
}
RETURN
  row.i AS i,
  user.identity_id AS identity_id,
  user.linked_id AS linked_id,
  user.created_at AS created_at,
  // Neo4j keeps the number of edges with the node. Only where it reaches the bound are the claims counted one by one.
  CASE
    WHEN row.verified OR COUNT { (user)<-[:RESOLVES_TO]-() } < $claims_max THEN 0
    ELSE COUNT { (user)<-[claim:RESOLVES_TO {method: 'claim'}]-() WHERE claim.verified IS NULL }
  END AS unverified_claims,
  coalesce(user.recent_claims, []) AS recent_claims,
  neighbours,
  inferred,
  [other IN users WHERE other.user_id <> row.user_id] AS others
