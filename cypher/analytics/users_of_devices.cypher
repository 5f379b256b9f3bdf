// purpose: How many visitors have each number of users, by one pass over the index of listed relationships in the order of its visitors.
// access:  read
// params:  tenant STRING
// returns: number INTEGER, count INTEGER
// index:   IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
WHERE
  identified.tenant = $tenant AND
  identified.visitor_id > '' AND
  identified.rank IS NOT NULL AND
  identified.user_id IS NOT NULL
WITH identified
ORDER BY identified.tenant, identified.visitor_id
WITH identified.visitor_id AS visitor_id, count(*) AS number
RETURN number, count(*) AS count
