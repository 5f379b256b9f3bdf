// purpose: Copy the cannot-links, contradicted cannot-links and closed relationships of the visitors that jars leave to the
//          new visitor.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, new_visitor_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (new_visitor:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (new_visitor) {
  UNWIND $visitor_ids AS visitor_id
  MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[forbids:CANNOT_LINK]-(target)
  WHERE target:User OR target:Visitor
  WITH new_visitor, target, forbids
  ORDER BY forbids.since
  WITH new_visitor, target, head(collect(forbids)) AS forbids
  CREATE (new_visitor)-[copy:CANNOT_LINK]->(target)
  SET copy = properties(forbids)
  RETURN count(copy) AS copied
}
CALL (new_visitor) {
  UNWIND $visitor_ids AS visitor_id
  MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[closed:COULD_NOT_LINK]-(target)
  WHERE target:User OR target:Visitor
  CREATE (new_visitor)-[copy:COULD_NOT_LINK]->(target)
  SET
    copy = properties(closed),
    copy.closed_on = CASE
      WHEN target:Visitor THEN [target.visitor_id]
      ELSE [id IN closed.closed_on | CASE WHEN id = visitor_id THEN new_visitor.visitor_id ELSE id END]
    END
  RETURN count(copy) AS contradicted
}
// A closed relationship stays closed: associations from before the closing are not counted again. The copy keeps the
// `visitor_id` of the visitor on which it was closed.
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[closed:WAS_IDENTIFIED_AS]->(user:User)
CREATE (new_visitor)-[copy:WAS_IDENTIFIED_AS]->(user)
SET copy = properties(closed)
