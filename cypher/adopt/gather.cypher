// purpose: A tenure and the tenures above it, nearest first, with what each resolves to and the earliest claim among its other
//          children.
// access:  read
// params:  tenant STRING, tenure_id STRING
// returns: tenure_id STRING, tie FLOAT, held MAP NULL, rival MAP NULL
// index:   Identity(tenant, identity_id)
MATCH (start:Identity {tenant: $tenant, identity_id: $tenure_id})
MATCH path = (start)-[:TIED_TO*0..8]->(upper:Tenure)
WITH upper, length(path) AS steps, nodes(path)[-2] AS below, relationships(path)[-1] AS tie
OPTIONAL MATCH (upper)-[held:RESOLVES_TO]->(user:User)
OPTIONAL CALL (upper, below) {
  MATCH (other:Tenure)-[side:TIED_TO]->(upper)
  WHERE below IS NULL OR other <> below
  // part: earliest_claim
}
RETURN
  upper.identity_id AS tenure_id,
  coalesce(tie.confidence, 1.0) AS tie,
  // part: held(tenure: upper)
  AS held,
  rival
ORDER BY steps
