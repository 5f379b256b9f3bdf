// purpose: End tenures whose claim was released, so that the next session and the next login inherit nothing.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, from ZONED DATETIME, session_id STRING}, at ZONED DATETIME
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
WITH row, tenure, CASE WHEN tenure.until < $at THEN tenure.until ELSE $at END AS until
SET
  tenure.until = until,
  tenure.released_from = row.from,
  tenure.released_session_id = row.session_id
WITH tenure
MATCH (:Jar)-[current:CURRENT]->(tenure)
DELETE current
