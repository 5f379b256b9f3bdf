// purpose: Forget what contradicted a jar's name, with all that the jar has shown of its browser: its next visit shows it anew.
// access:  write
// params:  tenant STRING, jar_id STRING
// returns: nothing
// index:   Jar(tenant, jar_id)
MATCH (jar:Jar {tenant: $tenant, jar_id: $jar_id})
REMOVE jar.contradicted_at, jar.browsers, jar.os, jar.device_class, jar.sights
