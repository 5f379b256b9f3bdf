// purpose: Lock migration 0, which stands for no migration, so that one runner at a time goes on.
// access:  write
// params:  none
// returns: nothing
// index:   Migration(version)
MERGE (migration:Migration {version: 0})
SET migration._lock = true
