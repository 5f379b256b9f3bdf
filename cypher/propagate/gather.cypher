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
  MATCH (tenure)-[inferred:PROBABLY]->(whom:Tenure)
  WITH tenure AS start, collect([inferred, whom]) AS links
  // What was said holds, before an inference or after it. Told: a tenure, one above it, a visitor that is one with its own…
  WITH links, COLLECT {
    MATCH (start)-[:TIED_TO|ON|IN|MERGED_INTO*0..19]->()<-[:MERGED_INTO*0..8]-(one)
    WITH DISTINCT one
    WHERE EXISTS { (one)-[:CANNOT_LINK]-() }
    RETURN one
  } AS told
  UNWIND links AS pair
  WITH pair[0] AS inferred, pair[1] AS whom, coalesce(pair[0].via, []) AS between, told
  WITH inferred, whom, between, told + COLLECT {
    // …or these of what it was carried on by.
    UNWIND between AS passed
    MATCH (:Identity {tenant: $tenant, identity_id: passed})-[:TIED_TO|ON|IN|MERGED_INTO*0..19]->()<-[:MERGED_INTO*0..8]-(one)
    WITH DISTINCT one
    WHERE EXISTS { (one)-[:CANNOT_LINK]-() }
    RETURN one
  } AS told
  WHERE
    // Not whom somebody said that one of these is not…
    NOT EXISTS {
      UNWIND told AS one
      MATCH
        (one)-[:CANNOT_LINK]-(apart)
        ((under WHERE NOT EXISTS { (under)-[:RESOLVES_TO]->() })-[:TIED_TO]->()){0,8}
        ()-[:RESOLVES_TO]->{0,1}(whose)
      WHERE whose IN COLLECT {
        MATCH
          (whom)
          ((beside WHERE NOT EXISTS { (beside)-[:RESOLVES_TO]->() })-[:TIED_TO]->()){0,8}
          ()-[:RESOLVES_TO]->{0,1}(led_to)
        RETURN led_to
      }
      RETURN apart
    } AND
    // …nor by way of visitors that are not one: whom it leads to, or every login that it was carried on from, and all between.
    EXISTS {
      UNWIND coalesce(inferred.claims, [whom.identity_id]) AS source
      WITH source
      WHERE NOT EXISTS {
        UNWIND told AS one
        MATCH (one)-[:CANNOT_LINK]-()-[:MERGED_INTO*0..8]->(apart)
        WHERE apart IN COLLECT {
          UNWIND between + source AS passed
          MATCH (:Identity {tenant: $tenant, identity_id: passed})-[:ON|IN|MERGED_INTO*2..10]->(seen_on)
          RETURN seen_on
        }
        RETURN apart
      }
      RETURN source
    }
  // So far what was said.
  // Whose the other is: the nearest user upwards, and nobody's beyond that.
  MATCH
    (whom)
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
