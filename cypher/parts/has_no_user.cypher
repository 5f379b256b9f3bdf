// purpose: Whether the latest tenure of a visitor is nobody's: neither it nor a tenure up its ties has a user.
NOT EXISTS {
  MATCH (latest:Identity {tenant: $tenant, identity_id: visitor.latest_tenure_id})
  USING INDEX SEEK latest:Identity(tenant, identity_id)
  MATCH (latest)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->()
}
