// purpose: Lock a jar, and read its visitor and when its name turned out to be no browser's.
// access:  write
// params:  tenant STRING, jar_id STRING
// returns: visitor_id STRING, contradicted_at ZONED DATETIME NULL
// index:   Jar(tenant, jar_id)
MATCH (jar:Jar {tenant: $tenant, jar_id: $jar_id})
SET jar._lock = true
WITH jar
MATCH (jar)-[:IN]->(visitor:Visitor)
RETURN visitor.visitor_id AS visitor_id, jar.contradicted_at AS contradicted_at
