// purpose: List the clusters that most likely hold somebody by mistake, as the daily job found them, the most doubtful first.
// access:  read
// params:  tenant STRING, label STRING, look_at INTEGER, limit INTEGER
// returns: doubt FLOAT, members INTEGER, labels LIST<STRING>, who LIST<STRING>, visitors INTEGER, confidence FLOAT, found_at ZONED DATETIME, cluster_id STRING
// index:   Cluster(tenant, members, cluster_id)
// given:   tenant = 'demo': The tenant to read.
//          label = '': Only clusters with this label, such as household. Empty means all.
//          look_at = 100000: The most clusters to examine, largest first. They come from an index, by tenant.
//          limit = 20: The most clusters to return.
// paste:   :params {tenant: 'demo', label: '', look_at: 100000, limit: 20}
// example: | doubt | members | labels          | who      | visitors | confidence | found_at            | cluster_id  |
//          |-------|---------|-----------------|----------|----------|------------|---------------------|-------------|
//          | 0.40  | 3       |                 | cleo     | 2        | 0.60       | 2026-03-17 17:21:30 | clu_…e185f1 |
//          | 0.06  | 3       | several_devices | anna     | 2        | 0.94       | 2026-03-17 17:21:30 | clu_…aea519 |
//          | 0.05  | 3       | shared_device   | kid, mum | 1        | 0.95       | 2026-03-17 17:21:30 | clu_…123cff |
MATCH (cluster:Cluster)
USING INDEX SEEK cluster:Cluster(tenant, members, cluster_id)
WHERE cluster.tenant = $tenant AND cluster.members IS NOT NULL AND cluster.cluster_id IS NOT NULL
WITH cluster
ORDER BY cluster.tenant DESC, cluster.members DESC, cluster.cluster_id DESC
LIMIT toInteger($look_at)
WITH cluster
WHERE cluster.digest IS NOT NULL AND CASE WHEN $label = '' THEN true ELSE $label IN cluster.labels END
ORDER BY cluster.doubt DESC, cluster.members DESC, cluster.cluster_id DESC
LIMIT toInteger($limit)
CALL (cluster) {
  MATCH (cluster)<-[:IN_CLUSTER]-(user:User)
  WHERE user.hidden IS NULL
  WITH user
  ORDER BY user.user_id
  LIMIT 20
  RETURN collect(user.user_id) AS who
}
RETURN
  cluster.doubt AS doubt,
  cluster.members AS members,
  cluster.labels AS labels,
  who,
  cluster.visitors AS visitors,
  cluster.confidence AS confidence,
  cluster.found_at AS found_at,
  cluster.cluster_id AS cluster_id
ORDER BY doubt DESC, members DESC, cluster_id DESC
