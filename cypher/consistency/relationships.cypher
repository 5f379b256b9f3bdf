// purpose: Read the relationships of visitors and of the visitors merged into them, whether the indexes find each from both ends, and which users are hidden in each visitor's merge group.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, is_merged BOOLEAN, is_server BOOLEAN, edges LIST<MAP>, hidden LIST<STRING>
// index:   Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, user_id, rank, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
CALL (visitor) {
  // Walk the merges: root_id may be damaged, and a repair must not show what is hidden.
  MATCH (visitor)-[:MERGED_INTO*0..8]->(above:Visitor)
  WITH DISTINCT above
  WITH collect(above) AS all, collect(CASE WHEN NOT EXISTS { (above)-[:MERGED_INTO]->() } THEN above END) AS tops
  // Merges in a circle have no top.
  RETURN CASE WHEN tops = [] THEN all ELSE tops END AS tops
}
UNWIND tops AS top
// Each merge group is walked once for all its visitors.
WITH top, collect(visitor) AS visitors
CALL (top) {
  MATCH (top)<-[:MERGED_INTO*0..8]-(member)
  WITH DISTINCT member
  MATCH (member)-[identified:IDENTIFIED_AS]->(user:User)
  WHERE identified.hidden
  RETURN collect(DISTINCT CASE WHEN user.tenant = $tenant THEN user.user_id END) AS hidden_below
}
UNWIND visitors AS visitor
WITH visitor, collect(hidden_below) AS parts
CALL (visitor) {
  OPTIONAL MATCH (visitor)<-[:MERGED_INTO*0..8]-(member:Visitor)
  WITH DISTINCT member
  MATCH (member)-[identified:IDENTIFIED_AS]->(user:User)
  WHERE user.tenant = $tenant
  RETURN collect({
    user_id: user.user_id,
    visitor_id: member.visitor_id,
    is_keyed:
      coalesce(identified.tenant, '') = $tenant AND
      coalesce(identified.user_id, '') = user.user_id AND
      coalesce(identified.visitor_id, '') = member.visitor_id,
    is_of_user: EXISTS {
      MATCH (:Visitor)-[same:IDENTIFIED_AS]->(:User)
      USING INDEX SEEK same:IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
      WHERE
        same.tenant = $tenant AND
        same.user_id = user.user_id AND
        same.rank = identified.rank AND
        same.visitor_id = member.visitor_id
    },
    is_of_visitor: EXISTS {
      MATCH (:Visitor)-[same:IDENTIFIED_AS]->(:User)
      USING INDEX SEEK same:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
      WHERE
        same.tenant = $tenant AND
        same.visitor_id = member.visitor_id AND
        same.rank = identified.rank AND
        same.user_id = user.user_id
    },
    is_hidden: coalesce(identified.hidden, false),
    visible: identified.visible,
    verified: identified.verified,
    confidence: identified.confidence,
    rank: identified.rank,
    count: identified.count,
    first_seen: identified.first_seen,
    last_seen: identified.last_seen,
    source: identified.source,
    records: [
      source IN ['stated', 'verified', 'claimed', 'collected']
      WHERE
        identified[source + '_count'] IS NOT NULL OR
        identified[source + '_first'] IS NOT NULL OR
        identified[source + '_last'] IS NOT NULL |
      {
        source: source,
        count: coalesce(identified[source + '_count'], 0),
        first: identified[source + '_first'],
        last: identified[source + '_last'],
        figure: coalesce(identified[source + '_figure'], 0.0)
      }
    ]
  }) AS edges
}
RETURN
  visitor.visitor_id AS visitor_id,
  EXISTS { (visitor)-[:MERGED_INTO]->() } AS is_merged,
  visitor.kind = 'server' AS is_server,
  edges,
  reduce(users = [], part IN parts | users + part) AS hidden
