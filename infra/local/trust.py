"""The JVM's trust in certificates: it has its own store and ignores the machine's, which a company CA needs."""

import hashlib
import os
import re
import ssl
import tempfile
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning

from infra.local.settings import TrustSettings

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
SYMPTOM = "PKIX path building failed"


def asked_for(cache: Path) -> tuple[str, ...]:
    """JVM options that trust the bundle named by SSL_CERT_FILE or REQUESTS_CA_BUNDLE; none where neither is set."""
    bundle = TrustSettings().bundle
    return _options(bundle, cache) if bundle is not None and bundle.is_file() else ()


def machines_own(cache: Path) -> tuple[str, ...]:
    """JVM options that trust what this machine trusts; none where its bundle is not to be found."""
    bundle = ssl.get_default_verify_paths().cafile
    return _options(Path(bundle), cache) if bundle else ()


def _options(bundle: Path, cache: Path) -> tuple[str, ...]:
    return (f"-Djavax.net.ssl.trustStore={_store(bundle, cache)}", "-Djavax.net.ssl.trustStoreType=PKCS12")


def _store(bundle: Path, cache: Path) -> Path:
    """A PKCS #12 store with the certificates of a PEM bundle, made once per content."""
    pem = bundle.read_bytes()
    store = cache / f"trust-{hashlib.sha256(pem).hexdigest()[:12]}.p12"
    if not store.exists():
        cache.mkdir(parents=True, exist_ok=True)
        # Parts are fetched at once, and another checkout may be at it too: each writes a file of its own.
        descriptor, name = tempfile.mkstemp(prefix=f"{store.stem}-", dir=cache)
        os.close(descriptor)
        half = Path(name)
        half.write_bytes(pkcs12.serialize_java_truststore(_certificates(pem), NoEncryption()))
        half.replace(store)
    return store


def _certificates(pem: bytes) -> list[pkcs12.PKCS12Certificate]:
    """Each readable one: bundles carry a few that a strict parser refuses, and those must not cost us the others."""
    found = []
    for block in _CERTIFICATE.findall(pem):
        with warnings.catch_warnings():
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            try:
                found.append(pkcs12.PKCS12Certificate(x509.load_pem_x509_certificate(block), None))
            except (ValueError, CryptographyDeprecationWarning):
                continue
    return found
