// purpose: The members of a cluster, by their ids, at most so many of each kind; no row if there is no such cluster.
// access:  read
// params:  tenant STRING, cluster_id STRING, limit INTEGER
// returns: found_at ZONED DATETIME, count INTEGER, visitor_ids LIST<STRING>, user_ids LIST<STRING>
// index:   Cluster(tenant, cluster_id)
MATCH (cluster:Cluster {tenant: $tenant, cluster_id: $cluster_id})
CALL (cluster) {
  MATCH (cluster)<-[:IN_CLUSTER]-(visitor:Visitor)
  WITH visitor
  ORDER BY visitor.visitor_id
  LIMIT $limit
  RETURN collect(visitor.visitor_id) AS visitor_ids
}
CALL (cluster) {
  MATCH (cluster)<-[:IN_CLUSTER]-(user:User)
  WHERE user.hidden IS NULL
  WITH user
  ORDER BY user.user_id
  LIMIT $limit
  RETURN collect(user.user_id) AS user_ids
}
RETURN
  cluster.found_at AS found_at,
  COUNT { (cluster)<-[:IN_CLUSTER]-() } AS count,
  visitor_ids,
  user_ids
