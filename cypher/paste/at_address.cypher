// purpose: List who was seen at an address, the latest first, with the users of each visitor.
// access:  read
// params:  tenant STRING, address STRING, limit INTEGER
// returns: visitor_id STRING, who LIST<STRING>, devices LIST<STRING>, first_seen ZONED DATETIME, last_seen ZONED DATETIME
// index:   IpAddress(tenant, address), Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
// given:   tenant = 'demo': The tenant to read.
//          address: The address as it is kept. Of an IPv6 address the first 64 bits are kept: 2001:db8:1:2::.
//          limit = 100: The most visitors to return.
// paste:   :params {tenant: 'demo', address: '203.0.113.8', limit: 100}
// example: | visitor_id  | who  | devices                  | first_seen          | last_seen           |
//          |-------------|------|--------------------------|---------------------|---------------------|
//          | vis_…df8377 | anna | Chrome on Linux, desktop | 2026-03-14 12:02:00 | 2026-03-14 12:02:00 |
MATCH (address:IpAddress {tenant: $tenant, address: $address})
USING INDEX SEEK address:IpAddress(tenant, address)
MATCH (address)<-[:AT]-(browser:BrowserAtIp)<-[met:SEEN_WITH]-(seen:Visitor)
WITH
  // Who was merged is shown as the survivor.
  coalesce(seen.root_id, seen.visitor_id) AS visitor_id,
  min(met.first_seen) AS first_seen,
  max(met.last_seen) AS last_seen,
  collect(DISTINCT browser.browser + ' on ' + browser.os + ', ' + browser.device_class)[..5] AS devices
ORDER BY last_seen DESC, visitor_id
LIMIT toInteger($limit)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
WHERE
  NOT
  EXISTS {
    MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(user:User)
    USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
    WHERE
      identified.tenant = $tenant AND
      identified.visitor_id = visitor.root_id AND
      identified.rank IS NOT NULL AND
      identified.user_id IS NOT NULL AND
      (NOT identified.visible OR coalesce(user.hidden, false))
  }
CALL (visitor) {
  MATCH (visitor)-[identified:IDENTIFIED_AS]->(user:User)
  WHERE identified.visible AND user.hidden IS NULL
  WITH identified, user
  ORDER BY identified.last_seen DESC, user.user_id
  RETURN collect(user.user_id)[..20] AS who
}
RETURN visitor_id, who, devices, first_seen, last_seen
ORDER BY last_seen DESC, visitor_id
