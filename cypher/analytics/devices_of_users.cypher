// purpose: How many users have each number of visitors, by one pass over the index of listed relationships in the order of its users.
// access:  read
// params:  tenant STRING
// returns: number INTEGER, count INTEGER
// index:   IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
WHERE
  identified.tenant = $tenant AND
  identified.user_id > '' AND
  identified.rank IS NOT NULL AND
  identified.visitor_id IS NOT NULL
WITH identified
ORDER BY identified.tenant, identified.user_id
WITH identified.user_id AS user_id, count(*) AS number
RETURN number, count(*) AS count
