// purpose: The names of all constraints in the database.
// access:  read
// params:  none
// returns: name STRING
// index:   none
SHOW CONSTRAINTS
YIELD name
RETURN name
