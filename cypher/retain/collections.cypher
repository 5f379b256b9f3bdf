// purpose: Remove those of the next collections that are older than sessions are kept, strip those with which a user id came, and
//          remove the addresses that are older than these are kept.
// access:  write
// params:  tenant STRING, after_at ZONED DATETIME, after_id STRING, until ZONED DATETIME, sessions_before ZONED DATETIME, addresses_before ZONED DATETIME, limit INTEGER
// returns: looked_at INTEGER, last_at ZONED DATETIME NULL, last_id STRING NULL, count INTEGER
// index:   Collection(tenant, started_at, collection_id)
MATCH (collection:Collection)
USING INDEX SEEK collection:Collection(tenant, started_at, collection_id)
WHERE
  collection.tenant = $tenant AND
  collection.started_at >= $after_at AND
  collection.started_at < $until AND
  collection.collection_id IS NOT NULL AND
  CASE WHEN collection.started_at = $after_at THEN collection.collection_id > $after_id ELSE true END
WITH collection
ORDER BY collection.tenant, collection.started_at, collection.collection_id
LIMIT $limit
WITH collect(collection) AS page
WITH page, size(page) AS looked_at, page[-1].started_at AS last_at, page[-1].collection_id AS last_id
CALL (page) {
  UNWIND page AS collection
  WITH collection
  WHERE
    (collection.started_at < $addresses_before AND collection.address IS NOT NULL) OR
    (collection.started_at < $sessions_before AND collection.is_bare IS NULL)
  WITH
    collection,
    collection.started_at < $sessions_before AS is_old,
    head([(collection)-[:DURING]->(tenure:Tenure) | tenure]) AS tenure,
    head([(collection)-[:DURING]->(:Tenure)-[:ON]->(jar:Jar) | jar]) AS jar
  ORDER BY jar.jar_id, tenure.identity_id
  CALL (tenure) {
    MATCH (tenure)-[inference:PROBABLY|WAS_PROBABLY]->()
    WHERE
      // part: rests_on_old_address
    DELETE inference
  }
  WITH collection, is_old, jar
  FOREACH (_ IN CASE WHEN jar.last_seen < $addresses_before THEN [1] ELSE [] END |
    REMOVE jar.sights, jar.passing
  )
  REMOVE collection.address
  FOREACH (_ IN CASE WHEN is_old THEN [1] ELSE [] END |
    // part: bare(node: collection)
  )
  FOREACH (gone IN CASE
    WHEN is_old AND coalesce(collection.collected_user_id, collection.refused_user_id) IS NULL THEN [collection]
    ELSE []
  END |
    DETACH DELETE gone
  )
  RETURN count(*) AS count
}
RETURN looked_at, last_at, last_id, count
