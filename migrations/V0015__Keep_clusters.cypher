// A job groups users and visitors into clusters, and clusters are listed largest first.

CREATE CONSTRAINT cluster_key IF NOT EXISTS
FOR (c:Cluster) REQUIRE (c.tenant, c.cluster_id) IS UNIQUE;
CREATE INDEX cluster_by_members IF NOT EXISTS
FOR (c:Cluster) ON (c.tenant, c.members, c.cluster_id);
