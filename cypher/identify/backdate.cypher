// purpose: Let a claim count from an earlier login of the same user that arrived late.
// access:  write
// params:  tenant STRING, tenure_id STRING, at ZONED DATETIME, session_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
MATCH (:Identity {tenant: $tenant, identity_id: $tenure_id})-[resolves:RESOLVES_TO {method: 'claim'}]->(:User)
SET
  resolves.at = $at,
  resolves.session_id = $session_id
