// purpose: One page of the clusters, largest first, in index order so that Neo4j sorts nothing.
// access:  read
// params:  tenant STRING, label STRING, members_min INTEGER, after_members INTEGER, after_id STRING, limit INTEGER
// returns: cluster_id STRING, members INTEGER, users INTEGER, visitors INTEGER, labels LIST<STRING>, confidence FLOAT, doubt FLOAT, found_at ZONED DATETIME
// index:   Cluster(tenant, members, cluster_id)
MATCH (cluster:Cluster)
USING INDEX SEEK cluster:Cluster(tenant, members, cluster_id)
WHERE
  cluster.tenant = $tenant AND
  cluster.members >= $members_min AND
  cluster.members <= $after_members AND
  cluster.cluster_id IS NOT NULL AND
  // Somebody in it was hidden or erased since.
  cluster.digest IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN cluster.members = $after_members THEN cluster.cluster_id < $after_id ELSE true END AND
  CASE WHEN $label = '' THEN true ELSE $label IN cluster.labels END
WITH cluster
ORDER BY cluster.tenant DESC, cluster.members DESC, cluster.cluster_id DESC
LIMIT $limit
RETURN
  cluster.cluster_id AS cluster_id,
  cluster.members AS members,
  cluster.users AS users,
  cluster.visitors AS visitors,
  cluster.labels AS labels,
  cluster.confidence AS confidence,
  cluster.doubt AS doubt,
  cluster.found_at AS found_at
