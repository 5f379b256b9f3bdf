"""Which texts are a public key, and what a reader of a refusal learns."""

import itertools
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.public_keys import read

EC, EDWARDS = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
RSA, EC_384 = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())


def pem(private: Any) -> str:
    return str(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def private_pem(private: Any) -> str:
    return str(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def jwk(form: Any, key: Any, **more: Any) -> str:
    return json.dumps({**form.to_jwk(key, as_dict=True), **more})


def test_pem_and_jwk_are_read_alike() -> None:
    for key, algorithm, form in ((EC, "ES256", ECAlgorithm), (EDWARDS, "EdDSA", OKPAlgorithm)):
        of_pem, of_jwk = read(f"\n{pem(key)}"), read(jwk(form, key.public_key(), kid="k-1", alg=algorithm, use="sig"))
        assert (of_pem.algorithm, of_pem.key_id, of_pem.pem) == (algorithm, None, pem(key))
        assert (of_jwk.algorithm, of_jwk.key_id, of_jwk.pem) == (algorithm, "k-1", of_pem.pem)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (private_pem(EC), "this is a private key"),
        (jwk(ECAlgorithm, EC), "holds a private key"),
        (jwk(OKPAlgorithm, EDWARDS), "holds a private key"),
        ('{"kty": "oct", "k": "c2VjcmV0"}', "a secret"),
        (pem(RSA), "this key is for neither"),
        (pem(EC_384), "this key is for neither"),
        (jwk(RSAAlgorithm, RSA.public_key()), "this key is for neither"),
        (jwk(ECAlgorithm, EC_384.public_key()), "this key is for neither"),
        (jwk(ECAlgorithm, EC.public_key(), alg="ES512"), "says alg ES512"),
        (jwk(ECAlgorithm, EC.public_key(), alg=["ES256"]), "says alg"),
        (jwk(ECAlgorithm, EC.public_key(), x="AAAA"), "no public key"),
        ('{"keys": []}', "a set of keys"),
        ("{}", "no public key"),
        ('{"kty": 5}', "no public key"),
        ("{", "not JSON"),
        ("", "neither a public key"),
        ("ssh-ed25519 AAAA", "neither a public key"),
        (pem(EC).replace("M", "N"), "neither a public key"),
    ],
    ids=itertools.count(),
)
def test_what_is_no_public_key_for_tokens_is_refused_with_what_to_give(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(text)
