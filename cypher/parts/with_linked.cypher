// purpose: Whoever makes an identity (owner): a tenure or user (identity), and the users linked with it; hidden users are left out.
CALL (identity) {
  RETURN identity AS owner
  UNION
  MATCH (owner:User {tenant: $tenant, linked_id: identity.linked_id})
  USING INDEX SEEK owner:User(tenant, linked_id)
  RETURN owner
}
WITH *
WHERE owner.hidden IS NULL
