// purpose: The indexes there are and whether they can be used yet.
// access:  read
// params:  none
// returns: name STRING, state STRING
// index:   none
SHOW INDEXES
YIELD name, state
RETURN name, state
