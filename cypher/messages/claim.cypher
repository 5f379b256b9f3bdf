// purpose: Lock a message id for a call, creating its node if the id is new, and return what it stands for; this call's own
//          message has no answer yet.
// access:  write
// params:  tenant STRING, message_id STRING, call STRING, request_hash STRING
// returns: call STRING, session_sent STRING NULL, request_hash STRING, answer STRING NULL
// index:   Message(tenant, message_id)
MERGE (message:Message {tenant: $tenant, message_id: $message_id})
ON CREATE SET
  message.call = $call,
  message.request_hash = $request_hash,
  message.stands_alone = true
RETURN
  message.call AS call,
  message.session_sent AS session_sent,
  message.request_hash AS request_hash,
  message.answer AS answer
