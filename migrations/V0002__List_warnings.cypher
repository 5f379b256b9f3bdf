// Odd input and refusals, listed newest first: all of a tenant, or those of one code.

CREATE CONSTRAINT warning_key IF NOT EXISTS FOR (n:Warning) REQUIRE (n.tenant, n.warning_id) IS UNIQUE;

CREATE INDEX warning_by_time IF NOT EXISTS FOR (n:Warning) ON (n.tenant, n.at, n.warning_id);
CREATE INDEX warning_by_code IF NOT EXISTS FOR (n:Warning) ON (n.tenant, n.code, n.at, n.warning_id);
