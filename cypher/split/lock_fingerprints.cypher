// purpose: Lock the given fingerprint and those seen on the given locked jars, each only while at most one merge group has
//          it, as in init.
// access:  write
// params:  tenant STRING, jar_ids LIST<STRING>, fingerprint STRING NULL, fingerprint_crowd INTEGER
// returns: hash STRING
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash)
CALL () {
  UNWIND $jar_ids AS jar_id
  MATCH (:Jar {tenant: $tenant, jar_id: jar_id})<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE visit.fingerprint IS NOT NULL
  RETURN visit.fingerprint AS hash
  UNION
  UNWIND [$fingerprint] AS hash
  RETURN hash
}
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: hash})
WITH fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
// As in init, a fingerprint that several merge groups share is not locked here: its new edge locks it, after the visitors.
WHERE
  visitors = 0 OR
  // part: has_one_merge_group(crowd: $fingerprint_crowd)
WITH fingerprint
ORDER BY fingerprint.hash
SET fingerprint._lock = true
RETURN fingerprint.hash AS hash
