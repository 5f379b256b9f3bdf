"""Read a public key that a tenant's servers sign tokens with, as PEM or as a JWK."""

import json
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from graph.rules.signing_keys import Algorithm

FORMS = "ES256 takes an EC key on P-256, and EdDSA an Ed25519 key"


@dataclass(frozen=True)
class PublicKey:
    """A public key as PEM, the one algorithm that it is for, and the id that its JWK has."""

    pem: str
    algorithm: Algorithm
    key_id: str | None


def read(text: str) -> PublicKey:
    """Return the public key in a text.

    Raises:
        ValueError: It is no public key for ES256 or EdDSA; the message says what to give instead.
    """
    if "PRIVATE KEY-----" in text:
        raise ValueError(
            "this is a private key, which stays with your servers; openssl pkey -pubout makes the public one"
        )
    if text.lstrip().startswith("{"):
        return _from_jwk(text)
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("this is neither a public key in PEM (BEGIN PUBLIC KEY) nor a JWK") from None
    return _public_key(key, None)


def _from_jwk(text: str) -> PublicKey:
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("this begins like a JWK and is not JSON") from None
    if "keys" in stated:
        raise ValueError("this is a set of keys; give one of its keys, which is an object with kty")
    if "d" in stated or stated.get("kty") == "oct":
        raise ValueError("this JWK holds a private key or a secret, which stays with your servers; leave out d")
    try:
        key = jwt.PyJWK({**stated, "alg": None}).key
    except (jwt.PyJWTError, ValueError, TypeError):
        raise ValueError(f"this JWK is no public key for tokens: {FORMS}") from None
    found = _public_key(key, stated.get("kid"))
    if stated.get("alg", found.algorithm) != found.algorithm:
        raise ValueError(f"this JWK says alg {stated['alg']}, and its key is for {found.algorithm}")
    return found


def _public_key(key: Any, key_id: object) -> PublicKey:
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        algorithm: Algorithm = "ES256"
    elif isinstance(key, Ed25519PublicKey):
        algorithm = "EdDSA"
    else:
        raise ValueError(f"this key is for neither: {FORMS}")  # noqa: TRY004 - the text is wrong
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(pem, algorithm, key_id if isinstance(key_id, str) else None)
