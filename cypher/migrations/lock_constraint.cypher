// purpose: Make migrations countable once each before the first of them runs.
// access:  schema
// params:  none
// returns: nothing
// index:   none
CREATE CONSTRAINT migration_key IF NOT EXISTS FOR (n:Migration) REQUIRE n.version IS UNIQUE
