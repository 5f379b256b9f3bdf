// purpose: The earliest claim (rival) among the tenures (other) whose ties (side) lead to one tenure, which would adopt it.
MATCH (other)-[offered:RESOLVES_TO]->(owner:User)
RETURN {
  claim: coalesce(offered.claim, other.identity_id),
  user_id: owner.user_id,
  at: offered.at,
  confidence: CASE
    WHEN coalesce(offered.confidence, 1.0) < coalesce(side.confidence, 1.0) THEN offered.confidence
    ELSE coalesce(side.confidence, 1.0)
  END
} AS rival
ORDER BY offered.at, coalesce(offered.claim, other.identity_id)
LIMIT 1
