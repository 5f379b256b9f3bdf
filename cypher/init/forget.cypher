// purpose: Delete the empty jars that this act created and locked for repeated or refused visits.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING}
// returns: nothing
// index:   Jar(tenant, jar_id)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
WHERE NOT EXISTS { (jar)--() }
DELETE jar
