// purpose: The tombstones (erased) of the ids that a call (row) names.
WITH
  *,
  COLLECT {
    MATCH (tombstone:Tombstone)
    WHERE tombstone.tenant = $tenant AND tombstone.hash IN coalesce(row.hashes, [])
    RETURN tombstone {.hash, at: tombstone.at.epochMillis}
  } AS erased
