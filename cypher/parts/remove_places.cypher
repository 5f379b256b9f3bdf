// purpose: Remove those of these places where nobody was seen, and the addresses at which nothing is left; count these.
CALL (places) {
  UNWIND places AS place
  MATCH (place)-[:AT]->(address:IpAddress)
  WHERE NOT EXISTS { (place)<-[:SEEN_WITH]-() }
  DETACH DELETE place
  WITH DISTINCT address
  ORDER BY address.address
  WHERE NOT EXISTS { (address)--() }
  SET address._lock = true
  REMOVE address._lock
  WITH address
  WHERE NOT EXISTS { (address)--() }
  DELETE address
  RETURN count(*) AS addresses
}
