// purpose: What is known of the user of a row and a visitor (known): the records of the whole merge group, the visitors where the pair
//          is hidden, and whether a cannot-link is open or contradicted.
CALL (row, visitor) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor.root_id})
  // Only ids are passed on, so that Neo4j seeks the edge by its key and does not read all visitors of the user.
  WITH row, member.visitor_id AS member_id
  MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: member_id}]->(:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
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
WITH *, {
  survivor_id: visitor.root_id,
  records: records,
  hidden: hidden,
  is_forbidden: 'CANNOT_LINK' IN cannot_links,
  was_forbidden: 'COULD_NOT_LINK' IN cannot_links
} AS known
