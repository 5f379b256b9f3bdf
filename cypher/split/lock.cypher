// purpose: Lock jars in the order of their ids.
// access:  write
// params:  tenant STRING, jar_ids LIST<STRING>
// returns: nothing
// index:   Jar(tenant, jar_id)
UNWIND $jar_ids AS jar_id
MATCH (jar:Jar {tenant: $tenant, jar_id: jar_id})
WITH jar
ORDER BY jar.jar_id
SET jar._lock = true
