// purpose: The relationship of one user and one visitor.
// access:  read
// params:  tenant STRING, user_id STRING, visitor_id STRING
// returns: rank FLOAT, count INTEGER, first_seen ZONED DATETIME, last_seen ZONED DATETIME, source STRING
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: $user_id, visitor_id: $visitor_id}]->(:User)
RETURN
  identified.rank AS rank,
  identified.count AS count,
  identified.first_seen AS first_seen,
  identified.last_seen AS last_seen,
  identified.source AS source
