// purpose: The applied migrations, by version.
// access:  read
// params:  none
// returns: version INTEGER, title STRING, checksum STRING, applied_at ZONED DATETIME
// index:   Migration(version)
MATCH (migration:Migration)
WHERE migration.version > 0
RETURN
  migration.version AS version,
  migration.title AS title,
  migration.checksum AS checksum,
  migration.applied_at AS applied_at
ORDER BY migration.version
