"""Check whether a call may name a user: a customer's server may, a page with its server's signature."""

from datetime import datetime

from app import context
from app.calls.arrival import Sent
from app.user_proofs import Flaw, ProofKey, key_of_hash, key_of_token
from graph.acts import identify
from graph.errors import Forbidden
from graph.model import Warned
from graph.rules.identifiers import normalise
from graph.rules.placeholders import is_placeholder
from graph.rules.signing_keys import signing_secret


def collected_user_id(
    user_id: str | None, as_sent: object, sent: Sent, received_at: datetime
) -> tuple[str | None, tuple[Warned, ...]]:
    """Return a user id that counts as evidence; None and a warning if it is a placeholder, or lacks its signature.

    `as_sent` is as for `is_verified`.
    """
    if user_id is None:
        return None, ()
    if is_placeholder(user_id, context.policy().placeholder_user_ids):
        return None, (identify.placeholder(user_id, received_at),)
    try:
        is_verified(user_id, as_sent, sent)
    except Forbidden as error:
        return None, (Warned(error.code, user_id, error.message, received_at),)
    return user_id, ()


def is_verified(user_id: str, as_sent: object, sent: Sent) -> bool:
    """Whether the user id is verified: by a secret key, or by a valid `userHash` or `userToken`.

    Where the tenant's policy folds case, the signature may also be of the id in the case in which it was sent. Nothing else
    may differ from the id as the graph keeps it: a signature of `anna` with an invisible character is another account's.
    `as_sent` is None if the id did not come with the signature.

    Raises:
        Forbidden: A signature is invalid, or is missing while the tenant's `identify_verification` is `enforce`. If that
            setting is `off`, signatures are not checked.
    """
    settings, user_hash, user_token = context.tenant_settings(), sent["user_hash"], sent["user_token"]
    mode = settings.identify_verification
    unsigned = user_hash is None and user_token is None
    trusted = context.caller().trusted
    if mode == "off" or (unsigned and trusted):
        return trusted
    if unsigned:
        if mode == "enforce" and not is_placeholder(user_id, context.policy().placeholder_user_ids):
            why = "this tenant takes a user id from a page only with its server's signature, userHash or userToken"
            raise Forbidden(why, code="user_hash_required", subject=user_id)
        return False
    keys, now = _keys(), context.now()
    spellings = {user_id} if as_sent is None else {user_id, normalise(str(as_sent))}
    if user_hash is not None:
        must_end = settings.user_hash_expiry == "required"
        try:
            context.note_signed(key_of_hash(user_hash, keys, spellings, now, must_end=must_end))
        except Flaw as flaw:
            raise Forbidden(str(flaw), code="user_hash_invalid", subject=user_id) from None
    if user_token is not None:
        expected = {"audience": settings.token_audience, "issuer": settings.token_issuer}
        try:
            context.note_signed(key_of_token(user_token, keys, spellings, now, **expected))
        except Flaw as flaw:
            raise Forbidden(str(flaw), code="user_token_invalid", subject=user_id) from None
    return True


def _keys() -> list[ProofKey]:
    """Return the tenant's live signing keys; a secret counts under each `SECRET_KEY` that is still valid."""
    tenant = context.caller().tenant
    return [
        ProofKey(key.key_id, key.algorithm, text)
        for key in context.signing_keys()
        for text in (
            [key.public_key]
            if key.public_key is not None
            else [signing_secret(secret_key, tenant, key.key_id) for secret_key in context.secret_keys()]
        )
    ]
