// purpose: The relationship of one user and one visitor, as it is on the survivor of the visitor's merge group.
// access:  read
// params:  tenant STRING, user_id STRING, visitor_id STRING
// returns: visitor_id STRING, rank FLOAT, count INTEGER, first_seen ZONED DATETIME, last_seen ZONED DATETIME, source STRING, verified BOOLEAN
// index:   Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
// Only ids are passed on, so that Neo4j seeks the edge by its key and does not read all visitors of the user.
WITH visitor.root_id AS survivor_id
MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: $user_id, visitor_id: survivor_id}]->(user:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
WHERE identified.visible AND user.hidden IS NULL
RETURN
  survivor_id AS visitor_id,
  identified.rank AS rank,
  identified.count AS count,
  identified.first_seen AS first_seen,
  identified.last_seen AS last_seen,
  identified.source AS source,
  coalesce(identified.verified, false) AS verified
