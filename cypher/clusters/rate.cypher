// purpose: Write how sure clusters are.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {cluster_id STRING, confidence FLOAT, doubt FLOAT}
// returns: nothing
// index:   Cluster(tenant, cluster_id)
UNWIND $rows AS row
MATCH (cluster:Cluster {tenant: $tenant, cluster_id: row.cluster_id})
SET cluster.confidence = row.confidence, cluster.doubt = row.doubt
