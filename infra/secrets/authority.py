"""Our own certificate authority: it vouches for the servers between the hosts, and for nobody else."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.secrets.folder import SecretsError

_AUTHORITY_LASTS, _SERVER_LASTS = timedelta(days=3_650), timedelta(days=825)  # browsers take no longer from a server
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and the key it vouches for."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        form, encryption = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, form, encryption)

    @classmethod
    def read(cls, certificate: Path, key: Path) -> Self:
        """Both from PEM files; SecretsError when they cannot be had or do not belong together."""
        try:
            found = x509.load_pem_x509_certificate(certificate.read_bytes())
            private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            message = f"{certificate} and {key} are needed to sign: {error}; bring them back, or --renew ca"
            raise SecretsError(message) from error
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != found.public_key():
            message = f"{key} is not the key of {certificate}: bring the right one back, or --renew ca"
            raise SecretsError(message)
        return cls(found, private)


def authority(now: datetime) -> Identity:
    """A new authority, its certificate signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Stock-Insights authority {now:%Y-%m-%d}")
    return Identity(
        _certificate(name, key.public_key(), name, now, _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256()),
        key,
    )


def server(issuer: Identity, names: tuple[str, ...], now: datetime) -> Identity:
    """A server's key and certificate, good for `names` (hosts and IP addresses), the first of which is its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    by = issuer.certificate
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return Identity(
        _certificate(_name(names[0]), key.public_key(), by.subject, now, _SERVER_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(signed_by, critical=False)
        .sign(issuer.key, hashes.SHA256()),
        key,
    )


def names_of(certificate: x509.Certificate) -> set[str]:
    """Hosts and addresses that a certificate is good for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = map(str, found.get_values_for_type(x509.IPAddress))
    return {*found.get_values_for_type(x509.DNSName), *addresses}


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
