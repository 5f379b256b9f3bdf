// purpose: Find the open merges that certain changes made among a visitor and the visitors merged into it.
// access:  read
// params:  tenant STRING, visitor_id STRING, change_ids LIST<STRING>
// returns: visitor_id STRING, into_id STRING, change_id STRING
// index:   Visitor(tenant, visitor_id)
MATCH (:Visitor {tenant: $tenant, visitor_id: $visitor_id})<-[:MERGED_INTO*0..8]-(into:Visitor)<-[merged:MERGED_INTO]-(visitor:Visitor)
WHERE merged.change_id IN $change_ids
RETURN
  visitor.visitor_id AS visitor_id,
  into.visitor_id AS into_id,
  merged.change_id AS change_id
ORDER BY merged.since, change_id
