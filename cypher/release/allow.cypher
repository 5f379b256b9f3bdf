// purpose: Close the cannot-links between users and the merge groups of visitors that a login or a statement contradicts.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING, at ZONED DATETIME, change_id STRING}
// returns: nothing
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (named:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
WITH
  named.root_id AS root_id,
  row.user_id AS user_id,
  collect(DISTINCT row.visitor_id) AS contradicted,
  head(collect({at: row.at, change_id: row.change_id})) AS contradiction
MATCH (visitor:Visitor {tenant: $tenant, root_id: root_id})-[forbids:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
WHERE user.user_id = user_id
// A cannot-link that is closed already lists these visitors too. They keep it closed if the merge by which it was closed is
// undone.
FOREACH (closed IN CASE WHEN type(forbids) = 'COULD_NOT_LINK' THEN [forbids] ELSE [] END |
  SET closed.closed_on = closed.closed_on + [visitor_id IN contradicted WHERE NOT visitor_id IN closed.closed_on]
)
FOREACH (_ IN CASE WHEN type(forbids) = 'CANNOT_LINK' THEN [1] ELSE [] END |
  CREATE (visitor)-[closed:COULD_NOT_LINK]->(user)
  SET
    closed = properties(forbids),
    closed.until = contradiction.at,
    closed.closed_by = contradiction.change_id,
    closed.closed_on = contradicted
  DELETE forbids
)
