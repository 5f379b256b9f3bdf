// purpose: Find the tenures that inferences can lead to: a named tenure itself, and of a named user the tenure that was claimed last.
// access:  read
// params:  tenant STRING, identity_ids LIST<STRING>
// returns: identity_id STRING, tenure_id STRING
// index:   Identity(tenant, identity_id)
UNWIND $identity_ids AS identity_id
MATCH (identity:Identity {tenant: $tenant, identity_id: identity_id})
CALL (identity) {
  WITH identity
  WHERE identity:Tenure
  RETURN identity.identity_id AS tenure_id
  UNION
  // The answer of a visit names all linked users by one identity, so it does not say whose the inference was.
  MATCH (identity)<-[claim:RESOLVES_TO {method: 'claim'}]-(claimed:Tenure)
  WHERE identity.linked_id IS NULL
  RETURN claimed.identity_id AS tenure_id
  ORDER BY claim.at DESC, tenure_id
  LIMIT 1
}
RETURN identity_id, tenure_id
