// purpose: Lock jars, then a fingerprint.
// access:  write
// params:  tenant STRING, jar_ids LIST<STRING>, fingerprint STRING NULL
// returns: nothing
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash)
CALL () {
  UNWIND $jar_ids AS jar_id
  MATCH (jar:Jar {tenant: $tenant, jar_id: jar_id})
  WITH jar
  ORDER BY jar.jar_id
  SET jar._lock = true
  RETURN count(jar) AS jars
}
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: $fingerprint})
SET fingerprint._lock = true
