// purpose: A tenure and those above it, nearest first: what each resolves to, and the earliest claim among its other children.
// access:  read
// params:  tenant STRING, tenure_id STRING
// returns: tenure_id STRING, tie FLOAT, held MAP NULL, rival MAP NULL
// index:   Identity(tenant, identity_id)
MATCH (start:Identity {tenant: $tenant, identity_id: $tenure_id})
MATCH way = (start)-[:TIED_TO*0..8]->(over:Tenure)
WITH over, length(way) AS steps, nodes(way)[-2] AS below, relationships(way)[-1] AS tie
OPTIONAL MATCH (over)-[held:RESOLVES_TO]->(user:User)
OPTIONAL CALL (over, below) {
  MATCH (other:Tenure)-[side:TIED_TO]->(over)
  WHERE below IS NULL OR other <> below
  // part: earliest_claim
}
RETURN
  over.identity_id AS tenure_id,
  coalesce(tie.confidence, 1.0) AS tie,
  // part: held(tenure: over)
  AS held,
  rival
ORDER BY steps
