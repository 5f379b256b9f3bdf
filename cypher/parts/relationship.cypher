// purpose: Write one relationship (row) of a locked visitor and user as weighed: one edge for each pair, with a record for each
//          source.
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
// MERGE would lock both nodes against new edges, and so deadlock with an act that has added one and waits for the node.
OPTIONAL MATCH (visitor)-[known:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(user)
// Times come as text, here and in audit_entries. Writing them as the driver's own type took half of a batch's time
// (docs/decisions/0015).
WITH row, visitor, user, known, {
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
} AS weighed
FOREACH (_ IN CASE WHEN known IS NULL THEN [1] ELSE [] END |
  CREATE (visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(user)
  SET identified += weighed
)
FOREACH (identified IN CASE WHEN known IS NULL THEN [] ELSE [known] END |
  SET identified += weighed
)
