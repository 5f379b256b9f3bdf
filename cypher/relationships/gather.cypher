// purpose: What is known of each user and visitor: the records of the whole merge group, the visitors where the pair is hidden,
//          and whether a cannot-link is open or contradicted.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, user_id STRING, visitor_id STRING}
// returns: i INTEGER, survivor_id STRING, records LIST<MAP>, hidden LIST<STRING>, is_forbidden BOOLEAN, was_forbidden BOOLEAN
// index:   Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, user_id, visitor_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
CALL (row, visitor) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor.root_id})
  // Only ids are passed on, so that Neo4j seeks the edge by its key and does not read all visitors of the user.
  WITH row, member.visitor_id AS member_id
  MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: member_id}]->(:User)
  UNWIND ['stated', 'verified', 'claimed', 'collected'] AS source
  RETURN
    collect(
      CASE
        WHEN identified[source + '_count'] IS NOT NULL THEN {
          visitor_id: member_id,
          source: source,
          count: identified[source + '_count'],
          first: toString(identified[source + '_first']),
          last: toString(identified[source + '_last']),
          figure: coalesce(identified[source + '_figure'], 0.0)
        }
      END
    ) AS records,
    collect(DISTINCT CASE WHEN identified.hidden THEN member_id END) AS hidden
}
CALL (row, visitor) {
  MATCH (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[cannot_link:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
  WHERE user.user_id = row.user_id
  RETURN collect(DISTINCT type(cannot_link)) AS cannot_links
}
RETURN
  row.i AS i,
  visitor.root_id AS survivor_id,
  records,
  hidden,
  'CANNOT_LINK' IN cannot_links AS is_forbidden,
  'COULD_NOT_LINK' IN cannot_links AS was_forbidden
