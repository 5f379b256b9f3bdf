// purpose: Write each relationship as weighed: one edge for each pair, with a record for each source; an edge without a rank is
//          in no list.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING, confidence FLOAT, rank FLOAT NULL, count INTEGER, first_seen STRING, last_seen STRING, source STRING, verified BOOLEAN, records MAP, hidden BOOLEAN NULL, visible BOOLEAN}
// returns: nothing
// index:   Visitor(tenant, visitor_id), User(tenant, user_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
WITH row
ORDER BY row.visitor_id, row.user_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
MERGE (visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(user)
// Times come as text, here and in audit/record. Writing them as the driver's own type took half of a batch's time
// (docs/decisions/0015).
SET identified += {
  confidence: row.confidence,
  rank: row.rank,
  count: row.count,
  first_seen: datetime(row.first_seen),
  last_seen: datetime(row.last_seen),
  source: row.source,
  verified: row.verified,
  hidden: row.hidden,
  visible: row.visible,
  stated_count: row.records.stated.count,
  stated_first: datetime(row.records.stated.first),
  stated_last: datetime(row.records.stated.last),
  stated_figure: row.records.stated.figure,
  verified_count: row.records.verified.count,
  verified_first: datetime(row.records.verified.first),
  verified_last: datetime(row.records.verified.last),
  verified_figure: row.records.verified.figure,
  claimed_count: row.records.claimed.count,
  claimed_first: datetime(row.records.claimed.first),
  claimed_last: datetime(row.records.claimed.last),
  claimed_figure: row.records.claimed.figure,
  collected_count: row.records.collected.count,
  collected_first: datetime(row.records.collected.first),
  collected_last: datetime(row.records.collected.last),
  collected_figure: row.records.collected.figure
}
