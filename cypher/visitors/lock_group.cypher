// purpose: Lock all visitors of the given visitors' merge groups, and return their ids.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
CALL () {
  UNWIND $visitor_ids AS visitor_id
  // part: visitor_there
  CALL (named) {
    // Lock the named visitor even if its root_id is damaged, so that a repair can write it.
    RETURN named AS visitor
    UNION
    MATCH (visitor:Visitor {tenant: $tenant, root_id: named.root_id})
    RETURN visitor
  }
  RETURN collect(DISTINCT visitor) AS found
}
// part: locked_visitors
RETURN [visitor IN found WHERE visitor.visitor_id IN locked_ids | visitor.visitor_id] AS visitor_ids
