// purpose: Remove those of these jars that have no tenure left.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING}
// returns: jar_id STRING
// index:   Jar(tenant, jar_id)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
WHERE NOT EXISTS { (jar)<-[:ON]-() }
WITH jar, jar.jar_id AS jar_id
DETACH DELETE jar
RETURN jar_id
