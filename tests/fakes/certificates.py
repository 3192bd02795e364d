"""A certificate authority of the tests' own, and a server's certificate by it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Authority:
    """Files of the root's certificate, and of a server's chain and key."""

    root: Path
    chain: Path
    key: Path

    def trust(self) -> ssl.SSLContext:
        """Believes this authority alone."""
        return ssl.create_default_context(cafile=str(self.root))

    def serving(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def make_authority(folder: Path, *names: str) -> Authority:
    """Its server is called ``names``, or 127.0.0.1."""
    folder.mkdir(parents=True, exist_ok=True)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)

    def begin(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        )  # fmt: skip

    root = begin(issuer, root_key.public_key()).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    identifier = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = root.add_extension(usage, True).add_extension(identifier, False)
    called = [*map(x509.DNSName, names), x509.IPAddress(ip_address("127.0.0.1"))]
    server = begin(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")]), key.public_key())
    server = server.add_extension(x509.SubjectAlternativeName(called), False)
    server = server.add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False)
    made = Authority(folder / "root.pem", folder / "chain.pem", folder / "key.pem")
    made.root.write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(_PEM))
    made.chain.write_bytes(server.sign(root_key, hashes.SHA256()).public_bytes(_PEM))
    no_password = serialization.NoEncryption()
    made.key.write_bytes(key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, no_password))
    return made
