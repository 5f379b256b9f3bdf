// purpose: Who was seen, week by week, at each address where these merge groups were; a crowd is told, never sampled, and a group
//          with more addresses than a person has is skipped.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, weeks LIST<STRING>, places_max INTEGER, crowd INTEGER
// returns: visitor_id STRING, address STRING, week STRING, is_crowd BOOLEAN, there_ids LIST<STRING>
// index:   Visitor(tenant, root_id), BrowserAtIp(tenant, address, week)
UNWIND $visitor_ids AS visitor_id
CALL (visitor_id) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor_id})-[:SEEN_WITH]->(seen_at:BrowserAtIp)
  WHERE seen_at.week IN $weeks AND seen_at.device_class <> 'bot'
  WITH DISTINCT seen_at.address AS address, seen_at.week AS week
  LIMIT $places_max
  RETURN count(*) AS stays, collect(DISTINCT address) AS addresses
}
UNWIND CASE WHEN stays < $places_max THEN addresses ELSE [] END AS address
// A visit that came in late is kept in the week in which it came, so that is not the week of its days.
UNWIND $weeks AS week
CALL (address, week) {
  MATCH (place:BrowserAtIp {tenant: $tenant, address: address, week: week})
  USING INDEX SEEK place:BrowserAtIp(tenant, address, week)
  WHERE place.device_class <> 'bot'
  WITH place
  LIMIT $places_max
  RETURN collect(place) AS places, sum(COUNT { (place)<-[:SEEN_WITH]-() }) AS total
}
CALL (places, total) {
  UNWIND CASE WHEN total < $places_max THEN places ELSE [] END AS place
  MATCH (place)<-[:SEEN_WITH]-(visitor_there:Visitor)
  RETURN collect(DISTINCT visitor_there.root_id) AS root_ids
}
WITH
  visitor_id,
  address,
  week,
  root_ids,
  total >= $places_max OR size([root_id IN root_ids WHERE root_id <> visitor_id]) >= $crowd AS is_crowd
WHERE is_crowd OR size(root_ids) > 0
RETURN visitor_id, address, week, is_crowd, CASE WHEN is_crowd THEN [] ELSE root_ids END AS there_ids
