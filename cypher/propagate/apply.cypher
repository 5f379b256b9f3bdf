// purpose: Write down that tenures are probably a user's because of a claim; one whose inference leads to that user already keeps it.
// access:  write
// params:  tenant STRING, user_id STRING, claim STRING, rows LIST<MAP> {tenure_id STRING, method STRING, confidence FLOAT, evidence STRING, last_seen ZONED DATETIME}, at ZONED DATETIME, change_id STRING
// returns: made INTEGER, led INTEGER
// index:   Identity(tenant, identity_id), User(tenant, user_id)
UNWIND $rows AS row
WITH row
ORDER BY row.tenure_id
MATCH (user:User {tenant: $tenant, user_id: $user_id})
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
CALL (tenure, user) {
  OPTIONAL MATCH (tenure)-[link:PROBABLY]->(other:Identity)
  WHERE
    other = user OR
    EXISTS { (other)-[:TIED_TO*0..8]->(:Tenure)-[:RESOLVES_TO]->(user) }
  RETURN
    head(collect(CASE WHEN other = user THEN link END)) AS propagated,
    count(link) AS leads,
    count(
      CASE WHEN EXISTS { (other)-[:TIED_TO*0..8]->(:Tenure)-[:RESOLVES_TO {claim: $claim}]->(user) } THEN 1 END
    ) AS by_claim
}
FOREACH (_ IN CASE WHEN leads = 0 THEN [1] ELSE [] END |
  CREATE (tenure)-[:PROBABLY {
    method: row.method,
    confidence: row.confidence,
    evidence: row.evidence,
    last_seen: row.last_seen,
    claims: [$claim],
    since: $at,
    change_id: $change_id
  }]->(user)
)
FOREACH (link IN CASE WHEN propagated IS NULL OR $claim IN propagated.claims THEN [] ELSE [propagated] END |
  SET link.claims = link.claims + $claim
)
RETURN
  count(CASE WHEN leads = 0 THEN 1 END) AS made,
  count(CASE WHEN by_claim > 0 THEN 1 END) AS led
