// purpose: Close the ties from tenures to the tenures above them.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})-[tie:TIED_TO]->(above:Tenure)
CREATE (tenure)-[closed:WAS_TIED_TO]->(above)
// part: close(open: tie, at: $at, change_id: $change_id)
