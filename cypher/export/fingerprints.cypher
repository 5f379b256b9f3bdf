// purpose: Fingerprints by hash.
// access:  read
// params:  tenant STRING, hashes LIST<STRING>
// returns: said MAP
// index:   Fingerprint(tenant, hash)
UNWIND $hashes AS hash
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: hash})
RETURN properties(fingerprint) AS said
