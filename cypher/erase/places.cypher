// purpose: Remove the next places where only the erased were, and the addresses at which nobody is left.
// access:  write
// params:  tenant STRING, erasure_id STRING, limit INTEGER
// returns: looked_at INTEGER, addresses INTEGER
// index:   Erasure(tenant, erasure_id)
MATCH (:Erasure {tenant: $tenant, erasure_id: $erasure_id})-[listed:ERASES]->(place:BrowserAtIp)
WITH listed, place
ORDER BY place.address, place.week, place.browser, place.os, place.device_class
LIMIT $limit
DELETE listed
// Another visitor may be here by now. The lock comes before the look that decides.
SET place.is_new = true
REMOVE place.is_new
WITH collect(place) AS places
// part: remove_places
RETURN size(places) AS looked_at, addresses
