// purpose: The merge groups that were seen at addresses in some weeks, save those beyond a limit; only places that are no crowd
//          count, since nothing follows from a crowd.
// access:  read
// params:  tenant STRING, addresses LIST<STRING>, weeks LIST<STRING>, crowd INTEGER, limit INTEGER
// returns: address STRING, root_ids LIST<STRING>, is_whole BOOLEAN
// index:   BrowserAtIp(tenant, address, week)
UNWIND $addresses AS address
CALL (address) {
  UNWIND $weeks AS week
  MATCH (place:BrowserAtIp {tenant: $tenant, address: address, week: week})
  USING INDEX SEEK place:BrowserAtIp(tenant, address, week)
  WHERE COUNT { (place)<-[:SEEN_WITH]-() } <= $crowd
  MATCH (place)<-[:SEEN_WITH]-(visitor:Visitor)
  WITH visitor
  LIMIT $limit
  RETURN collect(DISTINCT visitor.root_id) AS root_ids, count(*) < $limit AS is_whole
}
RETURN address, root_ids, is_whole
