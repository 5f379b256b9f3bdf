// purpose: All relationships of a merge group, each visitor's with its own records.
// access:  read
// params:  tenant STRING, survivor_id STRING
// returns: user_id STRING, visitor_id STRING, records LIST<MAP>, hidden BOOLEAN
// index:   Visitor(tenant, root_id)
MATCH (member:Visitor {tenant: $tenant, root_id: $survivor_id})
MATCH (member)-[identified:IDENTIFIED_AS]->(user:User)
RETURN
  user.user_id AS user_id,
  member.visitor_id AS visitor_id,
  [
    source IN ['stated', 'verified', 'claimed', 'collected']
    WHERE identified[source + '_count'] IS NOT NULL |
    {
      visitor_id: member.visitor_id,
      source: source,
      count: identified[source + '_count'],
      first: identified[source + '_first'],
      last: identified[source + '_last'],
      figure: coalesce(identified[source + '_figure'], 0.0)
    }
  ] AS records,
  coalesce(identified.hidden, false) AS hidden
