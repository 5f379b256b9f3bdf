// purpose: Let each version have one `Migration` node at most, before the first migration runs.
// access:  schema
// params:  none
// returns: nothing
// index:   none
CREATE CONSTRAINT migration_key IF NOT EXISTS FOR (n:Migration) REQUIRE n.version IS UNIQUE
