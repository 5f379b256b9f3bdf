// purpose: Resolve one tenure or user, with what of this is hidden.
// access:  read
// params:  tenant STRING, identity_id STRING
// returns: resolved MAP, hidden_ids LIST<STRING>
// index:   Identity(tenant, identity_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (start:Identity {tenant: $tenant, identity_id: $identity_id})
CALL (start) {
  // part: whose
}
// part: hidden_owners
RETURN resolved, hidden_ids
