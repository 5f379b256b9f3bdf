// What a page sends never meets what a server sends. Only servers make changes, and mostly pages send visits and events.
MATCH (message:Message)
CALL (message) {
  SET message.message_id =
    CASE WHEN message.call IN ['init', 'collect', 'track', 'identify'] THEN 'public:' ELSE 'secret:' END +
    message.message_id
} IN TRANSACTIONS OF 1000 ROWS;
