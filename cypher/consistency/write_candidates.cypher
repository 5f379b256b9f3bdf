// purpose: Leave a visitor and another one a single candidate, which starts at the one whose id sorts first, with what is due of it;
//          none where it is not to be kept.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {visitor_id STRING, other_id STRING, is_kept BOOLEAN, candidate_id STRING, state STRING NULL, decided_at ZONED DATETIME NULL, change_id STRING NULL, confidence FLOAT NULL, first_seen ZONED DATETIME NULL}
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $rows AS row
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
MATCH (visitor)-[candidate:MAY_BE]-(other)
// What is no visitor has no such id.
WHERE coalesce(other.visitor_id, '') = row.other_id
WITH row, visitor, other, candidate
// What somebody decided comes first.
ORDER BY
  coalesce(candidate.state IN ['accepted', 'refused'], false) DESC,
  coalesce(candidate.found_at, datetime({epochMillis: 0})) DESC
WITH row, visitor, other, collect(candidate) AS candidates
WITH row, visitor, other, candidates, properties(candidates[0]) AS said
FOREACH (candidate IN candidates | DELETE candidate)
FOREACH (_ IN CASE WHEN row.is_kept THEN [1] ELSE [] END |
  CREATE (visitor)-[kept:MAY_BE]->(other)
  SET kept = said
  SET
    kept.tenant = $tenant,
    kept.candidate_id = row.candidate_id,
    kept.state = row.state,
    kept.decided_at = row.decided_at,
    kept.change_id = row.change_id,
    kept.confidence = row.confidence,
    kept.first_seen = row.first_seen
)
