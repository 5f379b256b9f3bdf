// purpose: What a message id stands for.
// access:  read
// params:  tenant STRING, message_id STRING
// returns: call STRING, session_sent STRING NULL, request_hash STRING, answer STRING
// index:   Message(tenant, message_id)
MATCH (message:Message {tenant: $tenant, message_id: $message_id})
RETURN
  message.call AS call,
  message.session_sent AS session_sent,
  message.request_hash AS request_hash,
  message.answer AS answer
