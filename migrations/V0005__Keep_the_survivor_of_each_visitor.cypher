// The survivor of each visitor's merge group, by which the group is found with one seek. A visitor that was never merged is
// its own. Each in transactions of its own: a graph may have very many.

CREATE INDEX visitor_by_root IF NOT EXISTS FOR (n:Visitor) ON (n.tenant, n.root_id);

MATCH (visitor:Visitor)
WHERE visitor.root_id IS NULL
CALL (visitor) {
  MATCH (visitor)-[:MERGED_INTO*0..8]->(root:Visitor)
  WHERE NOT EXISTS { (root)-[:MERGED_INTO]->() }
  SET visitor.root_id = root.visitor_id
} IN TRANSACTIONS OF 1000 ROWS;
