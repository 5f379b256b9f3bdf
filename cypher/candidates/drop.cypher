// purpose: Remove open candidates that are none any more; the visitors are locked.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {one_id STRING, other_id STRING}
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $rows AS row
MATCH (one:Visitor {tenant: $tenant, visitor_id: row.one_id})
MATCH (other:Visitor {tenant: $tenant, visitor_id: row.other_id})
MATCH (one)-[candidate:MAY_BE]->(other)
WHERE candidate.state = 'open'
DELETE candidate
