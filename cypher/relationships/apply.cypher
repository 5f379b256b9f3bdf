// purpose: Write relationships as weighed: one edge a pair, with a record a source; one without a rank is in no list.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING, confidence FLOAT, rank FLOAT NULL, count INTEGER, first_seen STRING, last_seen STRING, source STRING, verified BOOLEAN, records LIST<MAP>, hidden BOOLEAN NULL, visible BOOLEAN}
// returns: nothing
// index:   Visitor(tenant, visitor_id), User(tenant, user_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
WITH row
ORDER BY row.visitor_id, row.user_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
MERGE (visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(user)
// Times are text, here and in audit/record: writing them as the driver's own was half of a batch's time (docs/decisions/0015).
SET
  identified.confidence = row.confidence,
  identified.rank = row.rank,
  identified.count = row.count,
  identified.first_seen = datetime(row.first_seen),
  identified.last_seen = datetime(row.last_seen),
  identified.source = row.source,
  identified.verified = row.verified,
  identified.hidden = row.hidden,
  identified.visible = row.visible
FOREACH (record IN row.records |
  SET
    identified[record.source + '_count'] = record.count,
    identified[record.source + '_first'] = datetime(record.first),
    identified[record.source + '_last'] = datetime(record.last),
    identified[record.source + '_figure'] = record.figure
)
