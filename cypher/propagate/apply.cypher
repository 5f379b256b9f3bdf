// purpose: Write inferences from tenures to a user because of a claim; later evidence renews an inference that stands already.
// access:  write
// params:  tenant STRING, user_id STRING, claim STRING, rows LIST<MAP> {tenure_id STRING, is_new BOOLEAN, method STRING, confidence FLOAT, evidence STRING, last_seen ZONED DATETIME, via LIST<STRING>}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id), User(tenant, user_id)
UNWIND $rows AS row
WITH row
ORDER BY row.tenure_id
MATCH (user:User {tenant: $tenant, user_id: $user_id})
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
FOREACH (_ IN CASE WHEN row.is_new THEN [1] ELSE [] END |
  CREATE (tenure)-[:PROBABLY {claims: [], since: $at, change_id: $change_id}]->(user)
)
WITH row, user, tenure
MATCH (tenure)-[inference:PROBABLY]->(user)
SET inference.claims = CASE WHEN $claim IN inference.claims THEN inference.claims ELSE inference.claims + $claim END
FOREACH (_ IN CASE WHEN row.is_new OR inference.since < $at THEN [1] ELSE [] END |
  SET
    inference.method = row.method,
    inference.confidence = row.confidence,
    inference.evidence = row.evidence,
    inference.last_seen = row.last_seen,
    inference.via = row.via,
    inference.since = $at
)
