// purpose: What tenures have that leads to a user already: inferences, one that was carried on, and whether one rests on the claim;
//          and whether somebody said that they are not the user's.
// access:  read
// params:  tenant STRING, user_id STRING, claim STRING, rows LIST<MAP> {tenure_id STRING}
// returns: tenure_id STRING, leads INTEGER, by_claim INTEGER, carried_at ZONED DATETIME NULL, is_forbidden BOOLEAN
// index:   Identity(tenant, identity_id), User(tenant, user_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: $user_id})
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
CALL (tenure, user) {
  OPTIONAL MATCH (tenure)-[link:PROBABLY]->(user)
  RETURN link
}
CALL (tenure, user) {
  OPTIONAL MATCH (tenure)-[:PROBABLY]->(other:Tenure)
  // What does not count as it is read (cypher/identities/resolve.cypher) leads nowhere: the visitors are not one.
  WHERE NOT EXISTS {
    MATCH (tenure)-[:ON|IN|MERGED_INTO*2..10]->()<-[:MERGED_INTO*0..8]-(told)
    WITH DISTINCT told
    MATCH (told)-[:CANNOT_LINK]-()-[:MERGED_INTO*0..8]->(apart)
    WHERE apart IN COLLECT {
      MATCH (other)-[:ON|IN|MERGED_INTO*2..10]->(seen_on)
      RETURN seen_on
    }
  }
  // Whose the other is: the nearest user upwards, and nobody's beyond that.
  OPTIONAL MATCH
    (other)
    ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[:TIED_TO]->(above)){0,8}
    (nearest)-[resolves:RESOLVES_TO]->(user)
  RETURN count(resolves) AS leads, count(CASE WHEN resolves.claim = $claim THEN 1 END) AS by_claim
}
RETURN
  row.tenure_id AS tenure_id,
  leads + CASE WHEN link IS NULL THEN 0 ELSE 1 END AS leads,
  by_claim AS by_claim,
  link.since AS carried_at,
  EXISTS {
    MATCH (tenure)-[:TIED_TO|ON|IN|MERGED_INTO*0..19]->()<-[:MERGED_INTO*0..8]-(told)
    WITH DISTINCT told
    MATCH
      (told)-[:CANNOT_LINK]-(apart)
      ((under WHERE NOT EXISTS { (under)-[:RESOLVES_TO]->() })-[:TIED_TO]->()){0,8}
      ()-[:RESOLVES_TO]->{0,1}(whose)
    WHERE whose = user
  } AS is_forbidden
