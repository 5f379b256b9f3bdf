// purpose: Write the counts of a session as a repair counted them.
// access:  write
// params:  tenant STRING, session_id STRING, numbers MAP
// returns: nothing
// index:   Session(tenant, session_id)
MATCH (session:Session {tenant: $tenant, session_id: $session_id})
SET session += $numbers
