// purpose: The visitors that logins may be carried on to, beside some visitors of each; the inferences to its user; and how many
//          tenures had led to its merge group when it came in.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, user_id STRING, survivor_id STRING, from_ids LIST<STRING>, weeks LIST<STRING>, crowd INTEGER, shared_by_max INTEGER, received_at ZONED DATETIME}, places_max INTEGER, unknown_browsers LIST<STRING>
// returns: i INTEGER, neighbours LIST<MAP>, inferred LIST<MAP>, leading INTEGER
// index:   User(tenant, user_id), Visitor(tenant, visitor_id), Identity(tenant, identity_id), BrowserAtIp(tenant, address, week, browser, os, device_class), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
CALL (row) {
  UNWIND row.from_ids AS from_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: from_id})
  // part: seen_beside
  WHERE shared_by <= row.shared_by_max
  UNWIND present AS found
  WITH row, visitor AS beside, found.visitor AS visitor, shared_by, found.last_seen AS last_seen, address, browser, os, device_class
  WHERE
    // part: neighbours_beside
}
CALL (user) {
  MATCH (user)<-[inference:PROBABLY]-(holder:Tenure)
  WHERE inference.confidence IS NOT NULL
  RETURN collect(inference {.confidence, .since, .last_seen, identity_id: holder.identity_id}) AS inferred
}
CALL (row) {
  MATCH (member:Visitor {tenant: $tenant, root_id: row.survivor_id})<-[:IN]-(:Jar)<-[:ON]-(led:Tenure)
  MATCH (led)<-[inference:PROBABLY|WAS_PROBABLY]-(holder:Tenure)
  WHERE inference.since <= row.received_at
  RETURN count(DISTINCT holder) AS leading
}
RETURN row.i AS i, neighbours, inferred, leading
