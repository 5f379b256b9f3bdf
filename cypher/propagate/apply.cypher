// purpose: Write down that tenures are probably a user's because of a claim; what was inferred before is renewed by later evidence.
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
MATCH (tenure)-[link:PROBABLY]->(user)
SET link.claims = CASE WHEN $claim IN link.claims THEN link.claims ELSE link.claims + $claim END
FOREACH (_ IN CASE WHEN row.is_new OR link.since < $at THEN [1] ELSE [] END |
  SET
    link.method = row.method,
    link.confidence = row.confidence,
    link.evidence = row.evidence,
    link.last_seen = row.last_seen,
    link.via = row.via,
    link.since = $at
)
