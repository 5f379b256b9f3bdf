// purpose: Mark jars whose names are no browser's.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, at INTEGER}
// returns: nothing
// index:   Jar(tenant, jar_id)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
SET jar.contradicted_at = coalesce(jar.contradicted_at, datetime({epochMillis: row.at}))
