// purpose: The next clusters by their ids, each with a hash of its members; none if it lost one since the job found it.
// access:  read
// params:  tenant STRING, after STRING, limit INTEGER
// returns: cluster_id STRING, digest STRING NULL
// index:   Cluster(tenant, cluster_id)
MATCH (cluster:Cluster)
USING INDEX SEEK cluster:Cluster(tenant, cluster_id)
WHERE cluster.tenant = $tenant AND cluster.cluster_id > $after
WITH cluster
ORDER BY cluster.tenant, cluster.cluster_id
LIMIT $limit
RETURN cluster.cluster_id AS cluster_id, cluster.digest AS digest
