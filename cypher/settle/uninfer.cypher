// purpose: Close the inferences of tenures by the fingerprint of their jars.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})-[inference:PROBABLY]->(whom:Identity)
WHERE inference.method IN ['fingerprint', 'fuzzy_fingerprint']
CREATE (tenure)-[closed:WAS_PROBABLY]->(whom)
// part: close(open: inference, at: $at, change_id: $change_id)
