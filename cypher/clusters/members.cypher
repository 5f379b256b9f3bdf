// purpose: The members that clusters have now.
// access:  read
// params:  tenant STRING, cluster_ids LIST<STRING>
// returns: visitor_ids LIST<STRING>, user_ids LIST<STRING>
// index:   Cluster(tenant, cluster_id)
UNWIND $cluster_ids AS cluster_id
OPTIONAL MATCH (:Cluster {tenant: $tenant, cluster_id: cluster_id})<-[:IN_CLUSTER]-(member)
RETURN collect(DISTINCT member.visitor_id) AS visitor_ids, collect(DISTINCT member.user_id) AS user_ids
