// purpose: The names of all indexes, each with its state, which says whether it can be used yet.
// access:  read
// params:  none
// returns: name STRING, state STRING
// index:   none
SHOW INDEXES
YIELD name, state
RETURN name, state
