// purpose: The cluster that a user or a visitor's merge group is in; no row if it is in none, or somebody in it was hidden or erased
//          since.
// access:  read
// params:  tenant STRING, user_id STRING NULL, visitor_id STRING NULL, label STRING, members_min INTEGER
// returns: cluster_id STRING, members INTEGER, users INTEGER, visitors INTEGER, labels LIST<STRING>, confidence FLOAT, doubt FLOAT, found_at ZONED DATETIME
// index:   User(tenant, user_id), Visitor(tenant, visitor_id)
CALL () {
  MATCH (member:User {tenant: $tenant, user_id: $user_id})
  WHERE member.hidden IS NULL
  RETURN member
  UNION
  MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
  USING INDEX SEEK named:Visitor(tenant, visitor_id)
  WITH named.root_id AS root_id
  MATCH (member:Visitor {tenant: $tenant, visitor_id: root_id})
  USING INDEX SEEK member:Visitor(tenant, visitor_id)
  RETURN member
}
MATCH (member)-[:IN_CLUSTER]->(cluster:Cluster)
WHERE
  cluster.digest IS NOT NULL AND
  cluster.members >= $members_min AND
  CASE WHEN $label = '' THEN true ELSE $label IN cluster.labels END
RETURN
  cluster.cluster_id AS cluster_id,
  cluster.members AS members,
  cluster.users AS users,
  cluster.visitors AS visitors,
  cluster.labels AS labels,
  cluster.confidence AS confidence,
  cluster.doubt AS doubt,
  cluster.found_at AS found_at
