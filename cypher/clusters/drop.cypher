// purpose: Remove clusters, whose members are locked.
// access:  write
// params:  tenant STRING, cluster_ids LIST<STRING>
// returns: nothing
// index:   Cluster(tenant, cluster_id)
UNWIND $cluster_ids AS cluster_id
MATCH (cluster:Cluster {tenant: $tenant, cluster_id: cluster_id})
DETACH DELETE cluster
