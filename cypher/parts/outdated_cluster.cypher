// purpose: Leave the cluster of a user or visitor (member) out of lists, until the job finds it anew.
CALL (member) {
  MATCH (member)-[:IN_CLUSTER]->(cluster:Cluster)
  REMOVE cluster.digest
}
