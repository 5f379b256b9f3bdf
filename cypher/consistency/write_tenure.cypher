// purpose: Write the counts of a tenure as a repair counted them.
// access:  write
// params:  tenant STRING, tenure_id STRING, numbers MAP
// returns: nothing
// index:   Identity(tenant, identity_id)
MATCH (tenure:Identity {tenant: $tenant, identity_id: $tenure_id})
SET tenure += $numbers
