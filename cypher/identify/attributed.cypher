// purpose: Count the sessions and events of the given tenures and of the unclaimed tenures below them, from the tenures'
//          counters.
// access:  read
// params:  tenant STRING, tenure_ids LIST<STRING>
// returns: sessions INTEGER, events INTEGER
// index:   Identity(tenant, identity_id)
UNWIND $tenure_ids AS tenure_id
MATCH (top:Identity {tenant: $tenant, identity_id: tenure_id})
MATCH
  (top)
  // part: downwards
  (tenure)
RETURN
  coalesce(sum(tenure.sessions), 0) AS sessions,
  coalesce(sum(tenure.events), 0) AS events
