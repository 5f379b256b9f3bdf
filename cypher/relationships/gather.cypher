// purpose: What is known between pairs of a user and a visitor, by source.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, user_id STRING, visitor_id STRING}
// returns: i INTEGER, records LIST<MAP>
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
OPTIONAL MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(:User)
RETURN
  row.i AS i,
  [
    source IN ['stated', 'verified', 'claimed', 'collected']
    WHERE identified[source + '_count'] IS NOT NULL |
    {
      source: source,
      count: identified[source + '_count'],
      first: identified[source + '_first'],
      last: identified[source + '_last'],
      figure: coalesce(identified[source + '_figure'], 0.0)
    }
  ] AS records
