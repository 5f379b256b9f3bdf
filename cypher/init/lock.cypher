// purpose: Lock the jar of each visit, then each fingerprint that could own it; both are made where there are none.
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
// One that several visitors share owns nobody: nothing depends on who reads it first, and a lock would queue them all.
WITH row, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
// Those that are one by merges count once, and a crowd is not looked at; so in lock_visitors and in split/lock_fingerprints.
WHERE
  visitors = 0 OR
  COUNT {
    MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(:Visitor)-[:MERGED_INTO*0..8]->(survivor:Visitor)
    WHERE visitors < row.fingerprint_crowd AND NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
    RETURN DISTINCT survivor
    LIMIT 2
  } = 1
SET
  fingerprint._lock = true,
  fingerprint.components = coalesce(fingerprint.components, row.components)
