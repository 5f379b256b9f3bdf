// purpose: One side of a merge: a visitor and all visitors merged into it, their latest tenure, the top above that tenure, and
//          the anchor.
// access:  read
// params:  tenant STRING, visitor_id STRING, without STRING NULL
// returns: visitor_ids LIST<STRING>, height INTEGER, latest_id STRING NULL, top_id STRING NULL, tree_height INTEGER, anchor_id STRING NULL, anchor_depth INTEGER
// index:   Visitor(tenant, visitor_id), Identity(tenant, identity_id)
MATCH (root:Visitor {tenant: $tenant, visitor_id: $visitor_id})
CALL (root) {
  MATCH path = (root)<-[:MERGED_INTO*0..8]-(member:Visitor)
  WHERE $without IS NULL OR none(passed IN nodes(path) WHERE passed.visitor_id = $without)
  RETURN collect(member) AS members, max(length(path)) AS height
}
OPTIONAL CALL (members) {
  UNWIND members AS member
  WITH member
  WHERE member.latest_tenure_id IS NOT NULL
  RETURN member AS used_last
  ORDER BY member.last_seen DESC, member.visitor_id DESC
  LIMIT 1
}
OPTIONAL MATCH (latest:Identity {tenant: $tenant, identity_id: used_last.latest_tenure_id})
OPTIONAL MATCH (latest)-[:TIED_TO*0..8]->(top:Tenure)
WHERE NOT EXISTS { (top)-[:TIED_TO]->() }
// The anchor is the first claimed tenure upwards, else the top, as in cypher/init/gather.cypher; here it may be on any
// visitor.
OPTIONAL MATCH
  (latest)
  ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO {method: 'claim'}]->() })-[:TIED_TO]->(above)){0,8}
  (anchor)
WHERE
  EXISTS { (anchor)-[:RESOLVES_TO {method: 'claim'}]->() } OR
  NOT EXISTS { (anchor)-[:TIED_TO]->() }
CALL (top) {
  MATCH path = (top)<-[:TIED_TO*0..8]-(:Tenure)
  RETURN coalesce(max(length(path)), 0) AS tree_height
}
RETURN
  [root.visitor_id] + [member IN members WHERE member <> root | member.visitor_id] AS visitor_ids,
  height,
  latest.identity_id AS latest_id,
  top.identity_id AS top_id,
  tree_height,
  anchor.identity_id AS anchor_id,
  COUNT { (anchor)-[:TIED_TO*1..8]->() } AS anchor_depth
