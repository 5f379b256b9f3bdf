// purpose: The tenure or user that stands for each subject at a time, and the survivor of the visitor that it is on; no row for
//          one that does not exist.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, kind STRING, id STRING}, at ZONED DATETIME, is_now BOOLEAN
// returns: i INTEGER, identity_id STRING, user_id STRING NULL, visitor_id STRING NULL
// index:   User(tenant, user_id), Identity(tenant, identity_id), Session(tenant, session_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $rows AS row
CALL (row) {
  MATCH (user:User {tenant: $tenant, user_id: CASE WHEN row.kind = 'user' THEN row.id END})
  WHERE
    // part: is_somebody
  RETURN user AS start
  UNION
  MATCH (start:Identity {tenant: $tenant, identity_id: CASE WHEN row.kind = 'identity' THEN row.id END})
  RETURN start
  UNION
  MATCH (session:Session {tenant: $tenant, session_id: CASE WHEN row.kind = 'session' THEN row.id END})
  MATCH (session)-[:DURING]->(start:Tenure)
  RETURN start
  UNION
  MATCH (named:Visitor {tenant: $tenant, visitor_id: CASE WHEN row.kind = 'visitor' THEN row.id END})
  // Without the hint Neo4j began with all visitors of the tenant.
  USING INDEX SEEK named:Visitor(tenant, visitor_id)
  CALL (named) {
    MATCH (member:Visitor {tenant: $tenant, root_id: named.root_id})
    WITH member
    ORDER BY member.last_seen DESC, member.visitor_id DESC
    LIMIT 1
    MATCH (start:Identity {tenant: $tenant, identity_id: CASE WHEN $is_now THEN member.latest_tenure_id END})
    RETURN start
    UNION
    // In the past it was the tenure that had been used last by then.
    MATCH
      (named)
      ((lesser)-[up:MERGED_INTO|UNMERGED_FROM WHERE up.since <= $at AND coalesce(up.until > $at, true)]->(greater)){0,8}
      (root)
    WHERE
      NOT $is_now AND
      NOT EXISTS {
        (root)-[edge:MERGED_INTO|UNMERGED_FROM]->()
        WHERE
          // part: open_at
      }
    MATCH
      (root)
      ((over)<-[down:MERGED_INTO|UNMERGED_FROM WHERE down.since <= $at AND coalesce(down.until > $at, true)]-(under)){0,8}
      (member)
    MATCH (member)<-[:IN]-(:Jar)<-[:ON]-(start:Tenure)
    WHERE start.first_seen <= $at
    RETURN start
    ORDER BY CASE WHEN start.last_seen < $at THEN start.last_seen ELSE $at END DESC, start.first_seen DESC, start.identity_id DESC
    LIMIT 1
  }
  RETURN start
}
OPTIONAL MATCH (start)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
RETURN
  row.i AS i,
  start.identity_id AS identity_id,
  start.user_id AS user_id,
  coalesce(visitor.root_id, visitor.visitor_id) AS visitor_id
