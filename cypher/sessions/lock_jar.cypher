// purpose: Lock a jar, creating it if it does not exist.
// access:  write
// params:  tenant STRING, jar_id STRING, jar_kind STRING, at INTEGER
// returns: nothing
// index:   Jar(tenant, jar_id)
MERGE (jar:Jar {tenant: $tenant, jar_id: $jar_id})
ON CREATE SET jar.kind = $jar_kind, jar.created_at = datetime({epochMillis: $at})
SET jar._lock = true
