// purpose: What merge groups have to do with: the addresses where they were, their users, whom their tenures are tied to or
//          probably belong to, and what that rests on; beyond a limit a group is not whole.
// access:  read
// params:  tenant STRING, root_ids LIST<STRING>, limit INTEGER
// returns: root_id STRING, addresses LIST<STRING>, user_ids LIST<STRING>, root_ids LIST<STRING>, rests_on LIST<STRING>, is_whole BOOLEAN
// index:   Visitor(tenant, root_id)
UNWIND $root_ids AS root_id
CALL (root_id) {
  MATCH (visitor:Visitor {tenant: $tenant, root_id: root_id})-[:SEEN_WITH]->(place:BrowserAtIp)
  WITH place
  LIMIT $limit
  RETURN collect(DISTINCT place.address) AS addresses, count(*) AS places
}
CALL (root_id) {
  MATCH (visitor:Visitor {tenant: $tenant, root_id: root_id})-[:IDENTIFIED_AS]->(user:User)
  WITH user
  LIMIT $limit
  RETURN collect(DISTINCT user.user_id) AS known_ids, count(*) AS known
}
CALL (root_id) {
  MATCH (visitor:Visitor {tenant: $tenant, root_id: root_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  MATCH (tenure)-[way:RESOLVES_TO|PROBABLY|TIED_TO]-(other:Identity)
  WITH way, other
  LIMIT $limit
  OPTIONAL MATCH (other)-[:ON]->(:Jar)-[:IN]->(there:Visitor)
  RETURN
    collect(DISTINCT other.user_id) AS owner_ids,
    collect(DISTINCT there.root_id) AS root_ids,
    collect(way.rests_on) AS rests_on,
    count(*) AS ways
}
RETURN
  root_id,
  addresses,
  known_ids + owner_ids AS user_ids,
  root_ids,
  reduce(all = [], each IN rests_on | all + each) AS rests_on,
  places < $limit AND known < $limit AND ways < $limit AS is_whole
