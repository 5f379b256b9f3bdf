// purpose: The first visitors on which all that a user claimed was claimed by one kind of login, and within a time.
// access:  read
// params:  tenant STRING, user_id STRING, verified BOOLEAN, since ZONED DATETIME, until ZONED DATETIME, limit INTEGER
// returns: visitor_id STRING
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})<-[claim:RESOLVES_TO {method: 'claim'}]-(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WITH
  visitor,
  all(made IN collect(claim) WHERE
    coalesce(made.verified, false) = $verified AND made.since >= $since AND made.since < $until
  ) AS is_released
WHERE is_released
RETURN visitor.visitor_id AS visitor_id
ORDER BY visitor_id
LIMIT $limit
