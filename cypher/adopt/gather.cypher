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
  MATCH (other)-[theirs:RESOLVES_TO]->(owner:User)
  RETURN {
    claim: coalesce(theirs.claim, other.identity_id),
    user_id: owner.user_id,
    at: theirs.at,
    confidence: CASE
      WHEN coalesce(theirs.confidence, 1.0) < side.confidence THEN theirs.confidence
      ELSE side.confidence
    END
  } AS rival
  ORDER BY theirs.at, coalesce(theirs.claim, other.identity_id)
  LIMIT 1
}
RETURN
  over.identity_id AS tenure_id,
  coalesce(tie.confidence, 1.0) AS tie,
  CASE
    WHEN held IS NULL THEN null
    ELSE {
      method: held.method,
      claim: coalesce(held.claim, over.identity_id),
      user_id: user.user_id,
      at: held.at,
      confidence: held.confidence,
      session_id: held.session_id
    }
  END AS held,
  rival
ORDER BY steps
