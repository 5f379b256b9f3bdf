// purpose: The call, the request and the answer that each message id stands for.
// access:  read
// params:  tenant STRING, message_ids LIST<STRING>
// returns: message_id STRING, call STRING, session_sent STRING NULL, request_hash STRING, answer STRING
// index:   Message(tenant, message_id)
UNWIND $message_ids AS message_id
MATCH (message:Message {tenant: $tenant, message_id: message_id})
RETURN
  message.message_id AS message_id,
  message.call AS call,
  message.session_sent AS session_sent,
  message.request_hash AS request_hash,
  message.answer AS answer
