// purpose: Read a page of fingerprints by hash, with their edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, strangers LIST<STRING>
// index:   Fingerprint(tenant, hash)
MATCH (fingerprint:Fingerprint)
USING INDEX SEEK fingerprint:Fingerprint(tenant, hash)
WHERE fingerprint.tenant = $tenant AND fingerprint.hash >= $first
WITH fingerprint
ORDER BY fingerprint.tenant, fingerprint.hash
LIMIT $limit
RETURN
  fingerprint.hash AS id,
  [(fingerprint)-[edge]->(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
