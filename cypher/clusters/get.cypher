// purpose: The members of a cluster that reads may show, by their ids, at most so many of each kind, and how many there are; no row if
//          there is no such cluster.
// access:  read
// params:  tenant STRING, cluster_id STRING, limit INTEGER
// returns: found_at ZONED DATETIME, count INTEGER, visitor_ids LIST<STRING>, user_ids LIST<STRING>
// index:   Cluster(tenant, cluster_id)
MATCH (cluster:Cluster {tenant: $tenant, cluster_id: $cluster_id})
CALL (cluster) {
  MATCH (cluster)<-[:IN_CLUSTER]-(visitor:Visitor)
  WHERE visitor.root_id = visitor.visitor_id
  WITH visitor.visitor_id AS visitor_id
  ORDER BY visitor_id
  WITH collect(visitor_id) AS found_ids
  RETURN found_ids[..$limit] AS visitor_ids, size(found_ids) AS visitors
}
CALL (cluster) {
  MATCH (cluster)<-[:IN_CLUSTER]-(user:User)
  WHERE user.hidden IS NULL
  WITH user.user_id AS user_id
  ORDER BY user_id
  WITH collect(user_id) AS found_ids
  RETURN found_ids[..$limit] AS user_ids, size(found_ids) AS users
}
RETURN cluster.found_at AS found_at, visitors + users AS count, visitor_ids, user_ids
