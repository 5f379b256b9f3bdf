// purpose: Keep clusters with those of their members that are still there and visible; all members, and those that they had before, are
//          locked.
// access:  write
// params:  tenant STRING, at ZONED DATETIME, rows LIST<MAP> {cluster_id STRING, user_ids LIST<STRING>, visitor_ids LIST<STRING>, members INTEGER, users INTEGER, visitors INTEGER, labels LIST<STRING>, digest STRING}
// returns: nothing
// index:   Cluster(tenant, cluster_id), User(tenant, user_id), Visitor(tenant, visitor_id)
UNWIND $rows AS row
MERGE (cluster:Cluster {tenant: $tenant, cluster_id: row.cluster_id})
SET
  cluster.members = row.members,
  cluster.users = row.users,
  cluster.visitors = row.visitors,
  cluster.labels = row.labels,
  cluster.found_at = $at
REMOVE cluster.digest
WITH cluster, row
CALL (cluster) {
  MATCH (cluster)<-[was:IN_CLUSTER]-()
  DELETE was
}
CALL (row) {
  UNWIND row.user_ids AS user_id
  MATCH (member:User {tenant: $tenant, user_id: user_id})
  WHERE member.hidden IS NULL
  RETURN member
  UNION
  UNWIND row.visitor_ids AS visitor_id
  MATCH (member:Visitor {tenant: $tenant, visitor_id: visitor_id})
  USING INDEX SEEK member:Visitor(tenant, visitor_id)
  WHERE member.root_id = visitor_id
  RETURN member
}
// part: outdated_cluster(cluster: before)
CALL (member) {
  MATCH (member)-[was:IN_CLUSTER]->()
  DELETE was
}
CREATE (member)-[:IN_CLUSTER]->(cluster)
WITH cluster, row, count(*) AS kept
// If somebody went in the meantime, the figures are wrong. Without a digest no list has the cluster, and the next run writes it.
SET cluster.digest = CASE WHEN kept = size(row.user_ids) + size(row.visitor_ids) THEN row.digest END
