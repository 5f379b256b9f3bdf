// purpose: How many nodes the database has, which Neo4j knows without looking at them.
// access:  read
// params:  none
// returns: size INTEGER
// index:   none
MATCH (n)
RETURN count(n) AS size
