// Fingerprints that agree in some of their components are in one bucket.

CREATE CONSTRAINT fuzzy_bucket IF NOT EXISTS FOR (n:FuzzyBucket) REQUIRE (n.tenant, n.band, n.key) IS UNIQUE;
