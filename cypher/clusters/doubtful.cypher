// purpose: One page of the clusters, the most doubtful first, of the `look_at` largest: no index has them by their doubt.
// access:  read
// params:  tenant STRING, label STRING, members_min INTEGER, after_doubt FLOAT, after_members INTEGER, after_id STRING, look_at INTEGER, limit INTEGER
// returns: cluster_id STRING, members INTEGER, users INTEGER, visitors INTEGER, labels LIST<STRING>, confidence FLOAT, doubt FLOAT, found_at ZONED DATETIME
// index:   Cluster(tenant, members, cluster_id)
MATCH (cluster:Cluster)
USING INDEX SEEK cluster:Cluster(tenant, members, cluster_id)
WHERE cluster.tenant = $tenant AND cluster.members >= $members_min AND cluster.cluster_id IS NOT NULL
WITH cluster
ORDER BY cluster.tenant DESC, cluster.members DESC, cluster.cluster_id DESC
LIMIT $look_at
WITH cluster
WHERE
  // Somebody in it was hidden or erased since.
  cluster.digest IS NOT NULL AND
  CASE WHEN $label = '' THEN true ELSE $label IN cluster.labels END AND
  CASE
    WHEN cluster.doubt <> $after_doubt THEN cluster.doubt < $after_doubt
    WHEN cluster.members <> $after_members THEN cluster.members < $after_members
    ELSE cluster.cluster_id < $after_id
  END
RETURN
  cluster.cluster_id AS cluster_id,
  cluster.members AS members,
  cluster.users AS users,
  cluster.visitors AS visitors,
  cluster.labels AS labels,
  cluster.confidence AS confidence,
  cluster.doubt AS doubt,
  cluster.found_at AS found_at
ORDER BY doubt DESC, members DESC, cluster_id DESC
LIMIT $limit
