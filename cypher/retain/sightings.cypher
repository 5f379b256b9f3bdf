// purpose: Remove the next edges to places of weeks before this one.
// access:  write
// params:  tenant STRING, week STRING, limit INTEGER
// returns: count INTEGER
// index:   BrowserAtIp(tenant, week)
MATCH (place:BrowserAtIp)
USING INDEX SEEK place:BrowserAtIp(tenant, week)
WHERE place.tenant = $tenant AND place.week < $week
MATCH (place)<-[seen:SEEN_WITH]-(:Visitor)
WITH seen
LIMIT $limit
DELETE seen
RETURN count(*) AS count
