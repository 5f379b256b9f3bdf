// purpose: List the addresses with the most visitors: offices, schools, cafés and networks, where an address says little about a person.
// access:  read
// params:  tenant STRING, since_week STRING, crowd INTEGER, look_at INTEGER, limit INTEGER
// returns: address STRING, visitors INTEGER, users INTEGER, alike INTEGER, is_crowd BOOLEAN, kinds INTEGER, first_week STRING, last_week STRING, last_seen ZONED DATETIME
// index:   IpAddress(tenant, address)
// given:   tenant = 'demo': The tenant to read.
//          since_week = '': The first week to count, such as 2026-W10. Empty means all weeks.
//          crowd = 30: The number of like visitors at which an address proves nothing: `address_crowd` in the tenant's policy.
//          look_at = 100000: The most addresses to examine. They come from an index, by tenant.
//          limit = 20: The most addresses to return.
// paste:   :params {tenant: 'demo', since_week: '', crowd: 30, look_at: 100000, limit: 20}
// example: | address      | visitors | users | alike | is_crowd | kinds | first_week | last_week | last_seen           |
//          |--------------|----------|-------|-------|----------|-------|------------|-----------|---------------------|
//          | 192.0.2.44   | 30       | 30    | 30    | yes      | 1     | 2026-W12   | 2026-W12  | 2026-03-17 17:21:30 |
//          | 198.51.100.9 | 1        | 1     | 1     | no       | 1     | 2026-W11   | 2026-W11  | 2026-03-14 17:03:00 |
//          | 203.0.113.7  | 1        | 1     | 1     | no       | 1     | 2026-W10   | 2026-W10  | 2026-03-04 12:00:00 |
//          | 203.0.113.8  | 1        | 1     | 1     | no       | 1     | 2026-W11   | 2026-W11  | 2026-03-14 12:02:00 |
//          | 203.0.113.9  | 1        | 1     | 1     | no       | 1     | 2026-W12   | 2026-W12  | 2026-03-17 17:08:00 |
MATCH (address:IpAddress)
USING INDEX SEEK address:IpAddress(tenant, address)
WHERE address.tenant = $tenant AND address.address IS NOT NULL
WITH address
LIMIT toInteger($look_at)
MATCH (address)<-[:AT]-(browser:BrowserAtIp)
WHERE browser.week >= $since_week
// Neo4j reads this count off the node. Only the edges of the most crowded addresses are followed, below.
WITH address, browser, COUNT { (browser)<-[:SEEN_WITH]-() } AS seen
WITH
  address,
  sum(seen) AS all_seen,
  max(seen) AS alike,
  count(DISTINCT [browser.browser, browser.os, browser.device_class]) AS kinds,
  min(browser.week) AS first_week,
  max(browser.week) AS last_week
ORDER BY all_seen DESC, address.address
LIMIT toInteger($limit)
CALL (address) {
  MATCH (address)<-[:AT]-(browser:BrowserAtIp)<-[met:SEEN_WITH]-(visitor:Visitor)
  WHERE browser.week >= $since_week
  RETURN visitor, max(met.last_seen) AS met_last
}
OPTIONAL MATCH (visitor)-[identified:IDENTIFIED_AS]->(user:User)
WHERE identified.visible AND user.hidden IS NULL
RETURN
  address.address AS address,
  count(DISTINCT visitor) AS visitors,
  count(DISTINCT user) AS users,
  alike,
  alike >= $crowd AS is_crowd,
  kinds,
  first_week,
  last_week,
  max(met_last) AS last_seen
ORDER BY visitors DESC, address
