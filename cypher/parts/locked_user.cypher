// purpose: Lock the user of a row, and create it if it does not exist.
MERGE (user:User {tenant: $tenant, user_id: row.user_id})
ON CREATE SET
  user:Identity,
  user.identity_id = row.identity_id,
  user.created_at = row.at
SET user._lock = true
