// purpose: Keep clusters with their members, which leave any other cluster; the members are locked.
// access:  write
// params:  tenant STRING, at ZONED DATETIME, rows LIST<MAP> {cluster_id STRING, user_ids LIST<STRING>, visitor_ids LIST<STRING>, members INTEGER, users INTEGER, visitors INTEGER, labels LIST<STRING>, confidence FLOAT, doubt FLOAT, digest STRING}
// returns: nothing
// index:   Cluster(tenant, cluster_id), User(tenant, user_id), Visitor(tenant, visitor_id)
UNWIND $rows AS row
MERGE (cluster:Cluster {tenant: $tenant, cluster_id: row.cluster_id})
SET
  cluster.members = row.members,
  cluster.users = row.users,
  cluster.visitors = row.visitors,
  cluster.labels = row.labels,
  cluster.confidence = row.confidence,
  cluster.doubt = row.doubt,
  cluster.digest = row.digest,
  cluster.found_at = $at
WITH cluster, row
CALL (cluster) {
  MATCH (cluster)<-[was:IN_CLUSTER]-()
  DELETE was
}
CALL (row) {
  UNWIND row.user_ids AS user_id
  MATCH (user:User {tenant: $tenant, user_id: user_id})
  RETURN user AS member
  UNION
  UNWIND row.visitor_ids AS visitor_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
  RETURN visitor AS member
}
CALL (member) {
  MATCH (member)-[was:IN_CLUSTER]->()
  DELETE was
}
CREATE (member)-[:IN_CLUSTER]->(cluster)
