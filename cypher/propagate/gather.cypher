// purpose: How tenures already lead to a user: the number of inferences, how many rest on this claim, when one was carried on,
//          and whether a cannot-link forbids it.
// access:  read
// params:  tenant STRING, user_id STRING, claim STRING, rows LIST<MAP> {tenure_id STRING}
// returns: tenure_id STRING, leads INTEGER, by_claim INTEGER, carried_at ZONED DATETIME NULL, is_forbidden BOOLEAN
// index:   Identity(tenant, identity_id), User(tenant, user_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: $user_id})
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
CALL (tenure, user) {
  OPTIONAL MATCH (tenure)-[carried:PROBABLY]->(user)
  RETURN carried
}
CALL (tenure, user) {
  MATCH (tenure)-[inferred:PROBABLY]->(whom:Tenure)
  // part: no_cannot_link(start: tenure)
  // The inferred tenure belongs to the nearest user upwards, and to no user beyond.
  MATCH
    (whom)
    // part: upwards
    (nearest)-[resolves:RESOLVES_TO]->(user)
  RETURN count(resolves) AS leads, count(CASE WHEN resolves.claim = $claim THEN 1 END) AS by_claim
}
RETURN
  row.tenure_id AS tenure_id,
  leads + CASE WHEN carried IS NULL THEN 0 ELSE 1 END AS leads,
  by_claim AS by_claim,
  carried.since AS carried_at,
  EXISTS {
    // part: cannot_linked(told_ids: [tenure.identity_id])
    WITH DISTINCT apart
    MATCH
      (apart)
      // part: upwards(below: under)
      ()-[:RESOLVES_TO]->{0,1}(identity)
    WHERE identity = user
  } AS is_forbidden
