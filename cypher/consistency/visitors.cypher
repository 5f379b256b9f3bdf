// purpose: Read a page of visitors by id: the numbers each keeps, whether it has a jar that is surely its own, its merges, its candidates, and its edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, known_jars INTEGER NULL, latest_tenure_id STRING NULL, first_seen INTEGER NULL, last_seen INTEGER NULL, machines INTEGER NULL, root_id STRING NULL, roots LIST<STRING>, has_own_jar BOOLEAN, merges INTEGER, is_circle BOOLEAN, candidates LIST<MAP>, strangers LIST<STRING>
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor)
USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
WHERE visitor.tenant = $tenant AND visitor.visitor_id >= $first
WITH visitor
ORDER BY visitor.tenant, visitor.visitor_id
LIMIT $limit
CALL (visitor) {
  OPTIONAL MATCH (visitor)-[:MERGED_INTO*0..8]->(root:Visitor)
  WHERE NOT EXISTS { (root)-[:MERGED_INTO]->() }
  RETURN collect(root.visitor_id) AS roots
}
CALL (visitor) {
  OPTIONAL MATCH (visitor)-[candidate:MAY_BE]-(other)
  WHERE other.tenant = $tenant
  RETURN collect(candidate {
    .candidate_id,
    .state,
    .change_id,
    .confidence,
    .addresses,
    .arithmetic,
    other_id: other.visitor_id,
    is_outgoing: startNode(candidate) = visitor,
    is_tenants: coalesce(candidate.tenant, '') = $tenant,
    is_emptied: any(
      side IN [visitor, other]
      // A visitor of an older release has no root_id.
      WHERE NOT EXISTS { (side)<-[:IN]-(:Jar) } AND NOT EXISTS {
        MATCH (member:Visitor {tenant: $tenant, root_id: side.root_id})
        USING INDEX SEEK member:Visitor(tenant, root_id)
        WHERE EXISTS { (member)<-[:IN]-(:Jar) }
      }
    ),
    found_at: candidate.found_at.epochMillis,
    decided_at: candidate.decided_at.epochMillis,
    first_seen: candidate.first_seen.epochMillis
  }) AS candidates
}
RETURN
  visitor.visitor_id AS id,
  visitor.known_jars AS known_jars,
  visitor.latest_tenure_id AS latest_tenure_id,
  visitor.first_seen.epochMillis AS first_seen,
  visitor.last_seen.epochMillis AS last_seen,
  visitor.machines AS machines,
  visitor.root_id AS root_id,
  roots,
  NOT EXISTS { (visitor)<-[:IN]-(:Jar) } OR
  EXISTS { (visitor)<-[own:IN|WAS_IN]-(:Jar) WHERE own.method IN ['new', 'split'] } AS has_own_jar,
  COUNT { (visitor)-[:MERGED_INTO]->() } AS merges,
  EXISTS { (visitor)-[:MERGED_INTO*1..9]->(visitor) } AS is_circle,
  candidates,
  [(visitor)-[edge]->(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] +
  // Erasures are not looked at for themselves.
  [(visitor)<-[edge:ERASES]-(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
