// purpose: Record that a migration was applied.
// access:  write
// params:  version INTEGER, title STRING, checksum STRING, applied_at ZONED DATETIME
// returns: nothing
// index:   none
CREATE (:Migration {version: $version, title: $title, checksum: $checksum, applied_at: $applied_at})
