// purpose: Lock the user of a row, and create it if it does not exist and the row has an identity id for it.
OPTIONAL MATCH (known:User {tenant: $tenant, user_id: row.user_id})
OPTIONAL CALL (row, known) {
  WITH row
  WHERE known IS NULL AND row.identity_id IS NOT NULL
  MERGE (made:User {tenant: $tenant, user_id: row.user_id})
  ON CREATE SET
    made:Identity,
    made.identity_id = row.identity_id,
    made.created_at = row.at
  RETURN made
}
WITH *, coalesce(known, made) AS user
SET user._lock = true
