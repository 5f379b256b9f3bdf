// purpose: Close the `RESOLVES_TO` of tenures as `RESOLVED_TO`, with the time and the change that closed it.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})-[resolves:RESOLVES_TO]->(user:User)
CREATE (tenure)-[closed:RESOLVED_TO]->(user)
// part: close(open: resolves)
