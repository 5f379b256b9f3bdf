// Who was erased, by keyed hashes, so that nothing of it comes back; the receipts; and what an erasure looks for.

CREATE CONSTRAINT tombstone_key IF NOT EXISTS FOR (n:Tombstone) REQUIRE (n.tenant, n.hash) IS UNIQUE;
CREATE CONSTRAINT erasure_key IF NOT EXISTS FOR (n:Erasure) REQUIRE (n.tenant, n.erasure_id) IS UNIQUE;

CREATE INDEX erasure_by_start IF NOT EXISTS FOR (n:Erasure) ON (n.tenant, n.pending_since);
CREATE INDEX warning_by_subject IF NOT EXISTS FOR (n:Warning) ON (n.tenant, n.subject);
CREATE INDEX event_by_named_user IF NOT EXISTS FOR (n:Event) ON (n.tenant, n.named_user_id);
CREATE INDEX message_alone IF NOT EXISTS FOR (n:Message) ON (n.tenant, n.stands_alone, n.message_id);

// The answers of changes with a key are found by nothing else.
MATCH (message:Message)
WHERE size(labels(message)) = 1 AND message.stands_alone IS NULL
CALL (message) {
  SET message.stands_alone = true
} IN TRANSACTIONS OF 1000 ROWS;
