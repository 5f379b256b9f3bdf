// purpose: Let what was contradicted on visitors be so where the user is known by now, after jars of theirs went to a new one.
// access:  write
// params:  tenant STRING, survivor_id STRING, visitor_ids LIST<STRING>, new_visitor_id STRING
// returns: visitor_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (fresh:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (fresh) {
  MATCH (one:Visitor {tenant: $tenant, root_id: $survivor_id})
  RETURN one
  UNION
  RETURN fresh AS one
}
MATCH (one)-[closed:COULD_NOT_LINK]->(user:User)
WHERE
  any(id IN closed.closed_on WHERE id IN $visitor_ids) AND
  EXISTS { (fresh)-[:IDENTIFIED_AS]->(user) }
WITH one, closed, COLLECT {
  UNWIND closed.closed_on AS id
  WITH id
  WHERE
    id <> fresh.visitor_id AND
    (
      NOT id IN $visitor_ids OR
      EXISTS {
        (:Visitor {tenant: $tenant, visitor_id: id})-[seen:IDENTIFIED_AS]->(user)
        // Something of its own, not only what counts by a merge.
        WHERE coalesce(seen.stated_count, seen.verified_count, seen.claimed_count, seen.collected_count) IS NOT NULL
      }
    )
  RETURN id
} + [fresh.visitor_id] AS contradicted
SET closed.closed_on = contradicted
RETURN DISTINCT one.visitor_id AS visitor_id
