// purpose: Advance the closing time of visitors' merge groups to the latest of the given time, the last time a visitor of the group received something, and its last closing.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, locked_ids LIST<STRING>, at ZONED DATETIME
// returns: visitor_id STRING, closed_at ZONED DATETIME
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (named:Visitor {tenant: $tenant, visitor_id: visitor_id})
WITH DISTINCT named.root_id AS root_id
CALL (root_id) {
  MATCH (visitor:Visitor {tenant: $tenant, root_id: root_id})
  WITH
    collect(visitor) AS visitors,
    max(visitor.last_received_at) AS received_at,
    max(visitor.last_closed_at) AS last_closed_at
  UNWIND [$at, received_at, last_closed_at] AS time
  RETURN visitors, max(time) AS closed_at
}
UNWIND visitors AS visitor
// The act begins again if one is not locked, and must not wait for it meanwhile.
FOREACH (_ IN CASE WHEN visitor.visitor_id IN $locked_ids THEN [1] ELSE [] END |
  SET visitor.last_closed_at = closed_at
)
RETURN visitor.visitor_id AS visitor_id, closed_at
