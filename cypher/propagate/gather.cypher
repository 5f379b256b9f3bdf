// purpose: What tenures have that leads to a user already: inferences, one that was carried on, and whether one rests on the claim;
//          and whether somebody said that they are not the user's.
// access:  read
// params:  tenant STRING, user_id STRING, claim STRING, rows LIST<MAP> {tenure_id STRING}
// returns: tenure_id STRING, leads INTEGER, by_claim INTEGER, carried_at ZONED DATETIME NULL, is_forbidden BOOLEAN
// index:   Identity(tenant, identity_id), User(tenant, user_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: $user_id})
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
CALL (tenure, user) {
  OPTIONAL MATCH (tenure)-[link:PROBABLY]->(user)
  RETURN link
}
CALL (tenure, user) {
  MATCH (tenure)-[inferred:PROBABLY]->(whom:Tenure)
  // part: no_cannot_link(start: tenure)
  // Whose the other is: the nearest user upwards, and nobody's beyond that.
  MATCH
    (whom)
    // part: upwards
    (nearest)-[resolves:RESOLVES_TO]->(user)
  RETURN count(resolves) AS leads, count(CASE WHEN resolves.claim = $claim THEN 1 END) AS by_claim
}
RETURN
  row.tenure_id AS tenure_id,
  leads + CASE WHEN link IS NULL THEN 0 ELSE 1 END AS leads,
  by_claim AS by_claim,
  link.since AS carried_at,
  EXISTS {
    // part: cannot_linked(told_ids: [tenure.identity_id])
    WITH DISTINCT apart
    MATCH
      (apart)
      // part: upwards(below: under)
      ()-[:RESOLVES_TO]->{0,1}(whose)
    WHERE whose = user
  } AS is_forbidden
