// purpose: Remove the components of those of the next fingerprints that nobody showed since a time, and take these out of their
//          buckets; their hashes stay.
// access:  write
// params:  tenant STRING, after STRING, before ZONED DATETIME, limit INTEGER
// returns: looked_at INTEGER, last STRING NULL, count INTEGER
// index:   Fingerprint(tenant, hash)
MATCH (fingerprint:Fingerprint)
USING INDEX SEEK fingerprint:Fingerprint(tenant, hash)
WHERE fingerprint.tenant = $tenant AND fingerprint.hash > $after
WITH fingerprint
ORDER BY fingerprint.tenant, fingerprint.hash
LIMIT $limit
WITH
  fingerprint,
  fingerprint.hash AS hash,
  fingerprint.components IS NOT NULL AND
  fingerprint.first_seen < $before AND
  NOT EXISTS { (fingerprint)<-[seen:HAS_FINGERPRINT]-(:Visitor) WHERE seen.last_seen >= $before } AS is_old
FOREACH (_ IN CASE WHEN is_old THEN [1] ELSE [] END |
  REMOVE fingerprint.components, fingerprint.features
)
WITH fingerprint, hash, is_old
CALL (fingerprint, is_old) {
  OPTIONAL MATCH (fingerprint)-[in_bucket:IN_BUCKET]->(bucket:FuzzyBucket)
  WHERE is_old
  // part: emptied_buckets
}
RETURN count(*) AS looked_at, max(hash) AS last, count(CASE WHEN is_old THEN 1 END) AS count
