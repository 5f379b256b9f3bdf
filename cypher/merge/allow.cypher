// purpose: Close the cannot-links that a merge contradicts: between visitors of its two sides, and between one side's visitors
//          and the other side's users.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, other_ids LIST<STRING>, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $visitor_ids + $other_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[forbids:CANNOT_LINK|COULD_NOT_LINK]->(other)
WITH visitor, forbids, other, CASE WHEN visitor_id IN $visitor_ids THEN $other_ids ELSE $visitor_ids END AS across
WITH visitor, forbids, other, across, COLLECT {
  // One seek by key for each visitor, since a user may have very many visitors.
  WITH across, other.user_id AS user_id
  UNWIND across AS used_id
  MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: user_id, visitor_id: used_id}]->(:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
  // Only a relationship with records of its own contradicts, not one that only folds merged visitors' records.
  WHERE
    // part: has_own_records
  RETURN used_id
  ORDER BY used_id
} AS used_ids
WITH visitor, forbids, other, CASE
  WHEN other.visitor_id IN across THEN [other.visitor_id]
  ELSE used_ids
END AS contradicted
WHERE size(contradicted) > 0
// A cannot-link that is closed already lists these visitors too. If one of the merges is undone, the visitors of the other
// keep it closed.
FOREACH (closed IN CASE WHEN type(forbids) = 'COULD_NOT_LINK' THEN [forbids] ELSE [] END |
  SET closed.closed_on = closed.closed_on + [visitor_id IN contradicted WHERE NOT visitor_id IN closed.closed_on]
)
FOREACH (_ IN CASE WHEN type(forbids) = 'CANNOT_LINK' THEN [1] ELSE [] END |
  CREATE (visitor)-[closed:COULD_NOT_LINK]->(other)
  SET
    closed = properties(forbids),
    closed.until = $at,
    closed.closed_by = $change_id,
    closed.closed_on = contradicted
  DELETE forbids
)
