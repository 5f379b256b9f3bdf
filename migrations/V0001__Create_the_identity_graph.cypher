// The keys of the graph: docs/graph-model.md says what each label holds.
// Every statement may run again and does nothing then: a migration that was cut off is repeated whole.
// Every key starts with the tenant, except that of an API key, by which the tenant is found.

CREATE CONSTRAINT tenant_key IF NOT EXISTS FOR (n:Tenant) REQUIRE n.tenant IS UNIQUE;
CREATE CONSTRAINT api_key_hash IF NOT EXISTS FOR (n:ApiKey) REQUIRE n.key_hash IS UNIQUE;
CREATE CONSTRAINT api_key_key IF NOT EXISTS FOR (n:ApiKey) REQUIRE (n.tenant, n.key_id) IS UNIQUE;

CREATE CONSTRAINT visitor_key IF NOT EXISTS FOR (n:Visitor) REQUIRE (n.tenant, n.visitor_id) IS UNIQUE;
CREATE CONSTRAINT jar_key IF NOT EXISTS FOR (n:Jar) REQUIRE (n.tenant, n.jar_id) IS UNIQUE;
CREATE CONSTRAINT fingerprint_key IF NOT EXISTS FOR (n:Fingerprint) REQUIRE (n.tenant, n.hash) IS UNIQUE;
CREATE CONSTRAINT identity_key IF NOT EXISTS FOR (n:Identity) REQUIRE (n.tenant, n.identity_id) IS UNIQUE;
CREATE CONSTRAINT session_key IF NOT EXISTS FOR (n:Session) REQUIRE (n.tenant, n.session_id) IS UNIQUE;
CREATE CONSTRAINT event_key IF NOT EXISTS FOR (n:Event) REQUIRE (n.tenant, n.event_id) IS UNIQUE;
CREATE CONSTRAINT message_key IF NOT EXISTS FOR (n:Message) REQUIRE (n.tenant, n.message_id) IS UNIQUE;
CREATE CONSTRAINT user_key IF NOT EXISTS FOR (n:User) REQUIRE (n.tenant, n.user_id) IS UNIQUE;
CREATE CONSTRAINT ip_address_key IF NOT EXISTS FOR (n:IpAddress) REQUIRE (n.tenant, n.address) IS UNIQUE;
CREATE CONSTRAINT browser_at_ip_key IF NOT EXISTS
FOR (n:BrowserAtIp) REQUIRE (n.tenant, n.address, n.week, n.browser, n.os, n.device_class) IS UNIQUE;
CREATE CONSTRAINT audit_entry_key IF NOT EXISTS FOR (n:AuditEntry) REQUIRE (n.tenant, n.entry_id) IS UNIQUE;
CREATE CONSTRAINT identified_as_key IF NOT EXISTS
FOR ()-[r:IDENTIFIED_AS]-() REQUIRE (r.tenant, r.user_id, r.visitor_id) IS UNIQUE;

CREATE INDEX browser_at_ip_by_address IF NOT EXISTS FOR (n:BrowserAtIp) ON (n.tenant, n.address, n.week);
CREATE INDEX audit_entry_by_subject IF NOT EXISTS FOR (n:AuditEntry) ON (n.tenant, n.subject, n.at, n.entry_id);
CREATE INDEX event_by_tenure IF NOT EXISTS FOR (n:Event) ON (n.tenant, n.tenure_id, n.at, n.event_id);
CREATE INDEX identified_as_by_user IF NOT EXISTS
FOR ()-[r:IDENTIFIED_AS]-() ON (r.tenant, r.user_id, r.rank, r.visitor_id);
CREATE INDEX identified_as_by_visitor IF NOT EXISTS
FOR ()-[r:IDENTIFIED_AS]-() ON (r.tenant, r.visitor_id, r.rank, r.user_id);
