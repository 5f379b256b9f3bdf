// purpose: Read a page of addresses by address, with the edges that join them and the browsers seen there to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, strangers LIST<STRING>
// index:   IpAddress(tenant, address), BrowserAtIp(tenant, address, week)
MATCH (address:IpAddress)
USING INDEX SEEK address:IpAddress(tenant, address)
WHERE address.tenant = $tenant AND address.address >= $first
WITH address
ORDER BY address.tenant, address.address
LIMIT $limit
CALL (address) {
  OPTIONAL MATCH (seen:BrowserAtIp)
  USING INDEX SEEK seen:BrowserAtIp(tenant, address, week)
  WHERE seen.tenant = $tenant AND seen.address = address.address AND seen.week > ''
  WITH address, collect(seen) AS browsers
  UNWIND [address] + browsers AS node
  UNWIND [(node)-[edge:AT|ERASES]-(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS stranger
  RETURN collect(stranger) AS strangers
}
RETURN address.address AS id, strangers
