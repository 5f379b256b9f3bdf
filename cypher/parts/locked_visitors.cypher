// purpose: Lock visitors (found) and the survivors of their merge groups in the order of their ids, which no merge changes
//          meanwhile, and return those that an erasure has not removed (locked_ids).
CALL (found) {
  UNWIND found AS visitor
  // By this the planner knows that these are nodes. It locks what might be anything against new edges first and then as a
  // node, and so deadlocks with all who locked the node and then add an edge to it.
  MATCH (visitor)
  OPTIONAL MATCH (survivor:Visitor {
    tenant: $tenant,
    visitor_id: CASE WHEN visitor.root_id <> visitor.visitor_id THEN visitor.root_id END
  })
  USING INDEX SEEK survivor:Visitor(tenant, visitor_id)
  UNWIND [visitor, survivor] AS held
  WITH DISTINCT held
  WHERE held IS NOT NULL
  ORDER BY held.visitor_id
  SET held._lock = true
  RETURN collect(held) AS locked
}
// The locked nodes are not looked up again. A look-up in a query that writes locks the key of what it does not find, and so
// deadlocks with all who wait for a visitor that an erasure has removed.
WITH *, [held IN locked WHERE held.visitor_id IS NOT NULL | held.visitor_id] AS locked_ids
