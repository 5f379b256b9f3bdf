// purpose: Remove the next places of weeks before this one where nobody was seen any more, and the addresses at which nothing is left.
// access:  write
// params:  tenant STRING, week STRING, limit INTEGER
// returns: looked_at INTEGER, addresses INTEGER
// index:   BrowserAtIp(tenant, week)
MATCH (place:BrowserAtIp)
USING INDEX SEEK place:BrowserAtIp(tenant, week)
WHERE place.tenant = $tenant AND place.week < $week AND NOT EXISTS { (place)<-[:SEEN_WITH]-() }
WITH place
LIMIT $limit
WITH place
ORDER BY place.address, place.week, place.browser, place.os, place.device_class
WITH collect(place) AS places
// part: remove_places
RETURN size(places) AS looked_at, addresses
