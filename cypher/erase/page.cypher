// purpose: The next tombstones by hash.
// access:  read
// params:  tenant STRING, after STRING, limit INTEGER
// returns: hash STRING, at ZONED DATETIME
// index:   Tombstone(tenant, hash)
MATCH (tombstone:Tombstone)
WHERE tombstone.tenant = $tenant AND tombstone.hash > $after AND tombstone.at IS NOT NULL
RETURN
  tombstone.hash AS hash,
  tombstone.at AS at
ORDER BY tombstone.tenant, tombstone.hash
LIMIT $limit
