// purpose: Who each identity is: the nearest user upwards through its ties, else the top of them, and whom it probably is.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING}
// returns: i INTEGER, identity_id STRING, user_id STRING NULL, method STRING, confidence FLOAT, probable LIST<MAP>
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
MATCH
  (start)
  ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[tie:TIED_TO]->(above)){0,8}
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[resolves:RESOLVES_TO]->(user:User)
CALL (start, nearest, resolves) {
  UNWIND CASE WHEN resolves IS NOT NULL THEN [] WHEN start = nearest THEN [start] ELSE [start, nearest] END AS holder
  MATCH (holder)-[inferred:PROBABLY]->(whom:Identity)
  WITH start, collect([inferred, whom]) AS links
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
  RETURN collect(inferred {.confidence, .since, .last_seen, identity_id: whom.identity_id}) AS probable
}
RETURN
  row.i AS i,
  coalesce(user.identity_id, nearest.identity_id) AS identity_id,
  coalesce(user.user_id, nearest.user_id) AS user_id,
  CASE
    WHEN resolves IS NULL THEN 'own'
    WHEN size(tie) = 0 THEN resolves.method
    ELSE 'tied'
  END AS method,
  reduce(
    least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
    one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END
  ) AS confidence,
  probable
