// purpose: The end of a WHERE and what follows: the neighbours (visitor) that a login may be carried on to, each beside the visitor
//          (beside) that it was seen with, as the fields of `Neighbour` in graph/rules/propagation.py (neighbours).
// A visitor of the same merge group is no neighbour.
visitor.root_id <> beside.root_id AND
// A login is not carried on to or through another user's browser: what was seen beside it is about that user.
// part: has_no_user
AND
// Nor is it to a visitor whose merge group is cannot-linked to the login's group or to the group it was found by.
NOT EXISTS {
  (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[:CANNOT_LINK]-(apart:Visitor)
  WHERE apart.root_id IN [row.survivor_id, beside.root_id]
}
MATCH (latest:Identity {tenant: $tenant, identity_id: visitor.latest_tenure_id})-[:TIED_TO*0..8]->(top)
USING INDEX SEEK latest:Identity(tenant, identity_id)
WHERE NOT EXISTS { (top)-[:TIED_TO]->() }
WITH beside, visitor, top, shared_by, last_seen, address, browser, os, device_class, visitor AS shown_by
// part: latest_features
WITH
  beside,
  beside AS shown_by,
  collect({
    features: features,
    neighbour_id: visitor.visitor_id,
    tenure_id: top.identity_id,
    recent_users: visitor.recent_users,
    shared_by: shared_by,
    last_seen: last_seen,
    address: address,
    browser: browser,
    os: os,
    device_class: device_class
  }) AS near
// part: latest_features
UNWIND near AS record
RETURN collect(record {.*, visitor_id: beside.visitor_id, beside_features: features}) AS neighbours
