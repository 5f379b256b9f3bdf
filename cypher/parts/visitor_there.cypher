// purpose: The visitor of an id (visitor_id), if there is one.
// The id has two bounds, which are equal. In a query that writes, `=` would lock the key of a visitor that an erasure has removed,
// and two such queries deadlock.
CALL (visitor_id) {
  MATCH (named:Visitor)
  USING INDEX SEEK named:Visitor(tenant, visitor_id)
  WHERE named.tenant = $tenant AND named.visitor_id >= visitor_id AND named.visitor_id <= visitor_id
  RETURN named
  LIMIT 1
}
