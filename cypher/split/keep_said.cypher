// purpose: Keep with a new visitor what somebody said of those it comes from, and what was closed there.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, new_visitor_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (fresh:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (fresh) {
  UNWIND $visitor_ids AS visitor_id
  MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[forbids:CANNOT_LINK]-(other)
  WHERE other:User OR other:Visitor
  WITH fresh, other, forbids
  ORDER BY forbids.since
  WITH fresh, other, head(collect(forbids)) AS forbids
  CREATE (fresh)-[copy:CANNOT_LINK]->(other)
  SET copy = properties(forbids)
  RETURN count(copy) AS copied
}
CALL (fresh) {
  UNWIND $visitor_ids AS visitor_id
  MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[closed:COULD_NOT_LINK]-(other)
  WHERE other:User OR other:Visitor
  CREATE (fresh)-[copy:COULD_NOT_LINK]->(other)
  SET
    copy = properties(closed),
    copy.closed_on = CASE
      WHEN other:Visitor THEN [other.visitor_id]
      ELSE [one IN closed.closed_on | CASE WHEN one = visitor_id THEN fresh.visitor_id ELSE one END]
    END
  RETURN count(copy) AS contradicted
}
// What was closed stays closed: associations from before it are not counted again. It keeps whose it was.
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[closed:WAS_IDENTIFIED_AS]->(user:User)
CREATE (fresh)-[known:WAS_IDENTIFIED_AS]->(user)
SET known = properties(closed)
