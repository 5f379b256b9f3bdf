// purpose: The earliest claim (rival) among tenures (other) that are tied (side) to one: what that one would adopt.
MATCH (other)-[theirs:RESOLVES_TO]->(owner:User)
RETURN {
  claim: coalesce(theirs.claim, other.identity_id),
  user_id: owner.user_id,
  at: theirs.at,
  confidence: CASE
    WHEN coalesce(theirs.confidence, 1.0) < coalesce(side.confidence, 1.0) THEN theirs.confidence
    ELSE coalesce(side.confidence, 1.0)
  END
} AS rival
ORDER BY theirs.at, coalesce(theirs.claim, other.identity_id)
LIMIT 1
