// purpose: Remove the jars, locked by this act, that it made for repeated or refused visits and that hold nothing.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING}
// returns: nothing
// index:   Jar(tenant, jar_id)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
WHERE NOT EXISTS { (jar)--() }
DELETE jar
