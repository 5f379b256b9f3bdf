// purpose: Mark jars whose names are no browser's, and each visitor whose jar several browsers used as that many machines.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, at INTEGER, browsers INTEGER NULL}
// returns: nothing
// index:   Jar(tenant, jar_id)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
WITH
  row,
  jar,
  coalesce(jar.contradicted_at, datetime({epochMillis: row.at})) AS contradicted_at,
  coalesce(jar.browsers, row.browsers) AS browsers
SET
  jar.contradicted_at = contradicted_at,
  jar.browsers = browsers
WITH row, jar
WHERE row.browsers IS NOT NULL
MATCH (jar)-[:IN]->(visitor:Visitor)
WHERE row.browsers > coalesce(visitor.machines, 1)
SET visitor.machines = row.browsers
