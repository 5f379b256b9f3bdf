// purpose: Let one runner at a time go on, by the lock on migration 0, which is none.
// access:  write
// params:  none
// returns: nothing
// index:   Migration(version)
MERGE (migration:Migration {version: 0})
SET migration._lock = true
