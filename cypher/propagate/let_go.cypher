// purpose: Remove a claim that a user no longer has from the inferences it was carried on to, or replace it where it moved; an
//          inference without claims is closed.
// access:  write
// params:  tenant STRING, user_id STRING, claim STRING, moved_to STRING NULL, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})<-[inference:PROBABLY]-(holder:Tenure)
WHERE $claim IN inference.claims
WITH
  user,
  holder,
  inference,
  [other_claim IN inference.claims WHERE other_claim <> $claim] + CASE WHEN $moved_to IS NULL THEN [] ELSE [$moved_to] END AS claims
FOREACH (_ IN CASE WHEN size(claims) > 0 THEN [1] ELSE [] END |
  SET inference.claims = claims
)
WITH user, holder, inference, claims
WHERE size(claims) = 0
CREATE (holder)-[closed:WAS_PROBABLY]->(user)
// part: close(open: inference, at: $at, change_id: $change_id)
