// purpose: Take a claim that a user no longer has from what it was carried on to; with the last of its claims an inference is closed.
// access:  write
// params:  tenant STRING, user_id STRING, claim STRING, moved_to STRING NULL, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})<-[link:PROBABLY]-(holder:Tenure)
WHERE $claim IN link.claims
WITH
  user,
  holder,
  link,
  [one IN link.claims WHERE one <> $claim] + CASE WHEN $moved_to IS NULL THEN [] ELSE [$moved_to] END AS claims
FOREACH (_ IN CASE WHEN size(claims) > 0 THEN [1] ELSE [] END |
  SET link.claims = claims
)
WITH user, holder, link, claims
WHERE size(claims) = 0
CREATE (holder)-[closed:WAS_PROBABLY]->(user)
// part: close(open: link)
