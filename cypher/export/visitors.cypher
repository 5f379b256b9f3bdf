// purpose: The visitors of a merge group, each with its users, its fingerprints and the places where it was seen, and its candidates.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: said MAP, edges LIST<MAP>
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
WITH named.root_id AS root_id
MATCH (visitor:Visitor {tenant: $tenant, root_id: root_id})
USING INDEX SEEK visitor:Visitor(tenant, root_id)
RETURN
  properties(visitor) AS said,
  [
    (visitor)-[edge:!IN&!WAS_IN]->(other) |
    edge {
      .*,
      type: type(edge),
      to: coalesce(other.user_id, other.visitor_id, other.hash),
      address: other.address,
      week: other.week,
      browser: other.browser,
      os: other.os,
      device_class: other.device_class
    }
  ] +
  [
    // A candidate starts at the visitor whose id sorts first.
    (visitor)<-[candidate:MAY_BE]-(first:Visitor) |
    candidate {.*, type: type(candidate), from: first.visitor_id}
  ] AS edges
