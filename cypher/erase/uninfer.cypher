// purpose: Remove the inferences that were carried on by way of tenures that are erased.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING}
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (:Identity {tenant: $tenant, identity_id: row.tenure_id})-[:PROBABLY]->(user:User)<-[inference:PROBABLY]-(:Tenure)
WHERE row.tenure_id IN inference.via
WITH DISTINCT inference
DELETE inference
