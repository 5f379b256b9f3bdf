// purpose: Carry logins on: by the claim of each, renew the inferences from tenures to its user that stand already, and open the
//          surest of the others, as many as there is room for.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, user_id STRING, claim STRING, at ZONED DATETIME, change_id STRING, room INTEGER, weeks LIST<STRING>, paths LIST<MAP>}
// returns: i INTEGER, opened INTEGER, following INTEGER, left_out INTEGER
// index:   Identity(tenant, identity_id), User(tenant, user_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
CALL (row, user) {
  UNWIND row.paths AS reach
  MATCH (tenure:Identity {tenant: $tenant, identity_id: reach.tenure_id})
  OPTIONAL MATCH (tenure)-[carried:PROBABLY]->(user)
  CALL (row, user, tenure) {
    MATCH (tenure)-[inferred:PROBABLY]->(whom:Tenure)
    // part: no_cannot_link(start: tenure)
    // The inferred tenure belongs to the nearest user upwards, and to no user beyond.
    MATCH
      (whom)
      // part: upwards
      (nearest)-[resolves:RESOLVES_TO]->(user)
    RETURN count(resolves) AS leads, count(CASE WHEN resolves.claim = row.claim THEN 1 END) AS by_claim
  }
  WITH reach, carried IS NOT NULL AS is_carried, leads, by_claim, EXISTS {
    // part: cannot_linked(told_ids: [tenure.identity_id])
    WITH DISTINCT apart
    MATCH
      (apart)
      // part: upwards(below: under)
      ()-[:RESOLVES_TO]->{0,1}(identity)
    WHERE identity = user
  } AS is_forbidden
  ORDER BY reach.confidence DESC, reach.tenure_id
  RETURN
    collect({reach: reach, is_carried: is_carried, leads: leads, by_claim: by_claim}) AS reached,
    collect(CASE WHEN is_forbidden THEN reach.tenure_id END) AS forbidden
}
// Nothing is carried on to or through a tenure that a cannot-link separates from the user.
WITH row, user, [
  found IN reached
  WHERE none(tenure_id IN found.reach.via + found.reach.tenure_id WHERE tenure_id IN forbidden)
] AS allowed
// A tenure whose inference leads to the user by another way keeps that one and gets no second.
WITH
  row,
  user,
  allowed,
  [found IN allowed WHERE found.is_carried | found.reach] AS renewed,
  [found IN allowed WHERE found.leads = 0 AND NOT found.is_carried | found.reach] AS unknown
WITH row, user, allowed, renewed, unknown, unknown[..row.room] AS opened
CALL (row, user, opened) {
  UNWIND opened AS reach
  WITH reach
  ORDER BY reach.tenure_id
  MATCH (tenure:Identity {tenant: $tenant, identity_id: reach.tenure_id})
  CREATE (tenure)-[:PROBABLY {claims: [], since: row.at, change_id: row.change_id}]->(user)
}
CALL (row, user, opened, renewed) {
  UNWIND opened + renewed AS reach
  WITH reach
  ORDER BY reach.tenure_id
  MATCH (tenure:Identity {tenant: $tenant, identity_id: reach.tenure_id})
  MATCH (tenure)-[inference:PROBABLY]->(user)
  SET inference.claims = CASE WHEN row.claim IN inference.claims THEN inference.claims ELSE inference.claims + row.claim END
  FOREACH (_ IN CASE WHEN reach.tenure_id IN [other IN opened | other.tenure_id] OR inference.since < row.at THEN [1] ELSE [] END |
    SET
      inference.method = reach.method,
      inference.confidence = reach.confidence,
      inference.evidence = reach.evidence,
      inference.rests_on = reach.rests_on,
      inference.weeks = row.weeks,
      inference.last_seen = reach.last_seen,
      inference.via = reach.via,
      inference.since = row.at
  )
}
RETURN
  row.i AS i,
  size(opened) AS opened,
  size([found IN allowed WHERE found.by_claim > 0]) AS following,
  size(unknown) - size(opened) AS left_out
