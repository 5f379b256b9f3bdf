// purpose: Keep a call's answer on the message that the call has locked.
// access:  write
// params:  tenant STRING, message_id STRING, answer STRING
// returns: nothing
// index:   Message(tenant, message_id)
MATCH (message:Message {tenant: $tenant, message_id: $message_id})
SET message.answer = $answer
