// purpose: Delete the empty jars and fingerprints that this act created and locked for repeated or refused visits.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, fingerprint STRING NULL}
// returns: nothing
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash)
UNWIND $rows AS row
OPTIONAL MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
WHERE NOT EXISTS { (jar)--() }
OPTIONAL MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
WHERE NOT EXISTS { (fingerprint)--() }
WITH collect(DISTINCT jar) + collect(DISTINCT fingerprint) AS left_over
FOREACH (node IN left_over |
  DELETE node
)
