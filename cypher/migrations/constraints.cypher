// purpose: The constraints there are.
// access:  read
// params:  none
// returns: name STRING
// index:   none
SHOW CONSTRAINTS
YIELD name
RETURN name
