// purpose: After jars moved to a new visitor, record each contradiction of a cannot-link on the visitors that now hold the
//          user's evidence.
// access:  write
// params:  tenant STRING, survivor_id STRING, visitor_ids LIST<STRING>, new_visitor_id STRING
// returns: visitor_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (new_visitor:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (new_visitor) {
  MATCH (visitor:Visitor {tenant: $tenant, root_id: $survivor_id})
  RETURN visitor
  UNION
  RETURN new_visitor AS visitor
}
MATCH (visitor)-[closed:COULD_NOT_LINK]->(user:User)
WHERE
  any(id IN closed.closed_on WHERE id IN $visitor_ids) AND
  EXISTS { (new_visitor)-[:IDENTIFIED_AS]->(user) }
WITH visitor, closed, COLLECT {
  UNWIND closed.closed_on AS id
  WITH id
  WHERE
    id <> new_visitor.visitor_id AND
    (
      NOT id IN $visitor_ids OR
      EXISTS {
        (:Visitor {tenant: $tenant, visitor_id: id})-[identified:IDENTIFIED_AS]->(user)
        WHERE
          // part: has_own_records
      }
    )
  RETURN id
} + [new_visitor.visitor_id] AS contradicted
SET closed.closed_on = contradicted
RETURN DISTINCT visitor.visitor_id AS visitor_id
