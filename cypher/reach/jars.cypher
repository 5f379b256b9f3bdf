// purpose: The merge groups that jars are in.
// access:  read
// params:  tenant STRING, jar_ids LIST<STRING>
// returns: jar_id STRING, root_id STRING
// index:   Jar(tenant, jar_id)
UNWIND $jar_ids AS jar_id
MATCH (jar:Jar {tenant: $tenant, jar_id: jar_id})-[:IN]->(visitor:Visitor)
RETURN jar.jar_id AS jar_id, visitor.root_id AS root_id
