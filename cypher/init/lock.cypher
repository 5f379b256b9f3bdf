// purpose: Lock the jar of each visit, then each fingerprint that could own it, creating those that do not exist.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, jar_kind STRING, fingerprint STRING NULL, fingerprint_crowd INTEGER, components STRING NULL, at ZONED DATETIME}
// returns: nothing
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash)
UNWIND $rows AS row
WITH row
ORDER BY row.jar_id
MERGE (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
ON CREATE SET jar.kind = row.jar_kind, jar.created_at = row.at
SET jar._lock = true
WITH collect(row) AS visits
UNWIND visits AS row
WITH row
WHERE row.fingerprint IS NOT NULL
ORDER BY row.fingerprint
MERGE (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
ON CREATE SET fingerprint.first_seen = row.at
// A fingerprint that several merge groups share owns nobody. No decision depends on which visit reads it first, and a lock
// would queue them all.
WITH row, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
WHERE
  visitors = 0 OR
  // part: has_one_merge_group(crowd: row.fingerprint_crowd)
SET
  fingerprint._lock = true,
  fingerprint.components = coalesce(fingerprint.components, row.components)
