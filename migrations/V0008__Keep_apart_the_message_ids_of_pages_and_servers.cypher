// What a page sends never meets what a server sends. Only servers make changes, and mostly pages send visits and events. An
// id that begins like a kept one stays as it is: so the statement can be repeated.
MATCH (message:Message)
WHERE NOT (message.message_id STARTS WITH 'public:' OR message.message_id STARTS WITH 'secret:')
CALL (message) {
  WITH
    message,
    CASE WHEN message.call IN ['init', 'collect', 'track', 'identify'] THEN 'public:' ELSE 'secret:' END +
    message.message_id AS kept_id
  WHERE NOT EXISTS { MATCH (other:Message) WHERE other.tenant = message.tenant AND other.message_id = kept_id }
  SET message.message_id = kept_id
} IN TRANSACTIONS OF 1000 ROWS;
