"""Looking into encrypted connections of our own browser, so that they can be taped and played.

The browser is told the public key of one authority (`--ignore-certificate-errors-spki-list`) and trusts it for nothing but
this profile; the proxy shows certificates of that authority, and checks the server's own as the system would.
"""

from __future__ import annotations

import os
import ssl
from base64 import b64encode
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from time import time
from typing import TYPE_CHECKING

from operator_agent.errors import SetupError

if TYPE_CHECKING:
    from trustme import CA

_DAYS = 30
_FILE = "authority.pem"


class Authority:
    """Signs certificates for the hosts the browser asks for. `pin` is its public key, as the browser wants it on its command line.

    It is kept in `state` for a month, readable by its owner alone: to make one costs as much as half a browser start.
    """

    def __init__(self, state: Path) -> None:
        """Raises `SetupError` when `state` cannot be written."""
        self._contexts: dict[str, ssl.SSLContext] = {}
        try:
            self._pem = _kept(state / _FILE)
        except OSError as error:
            raise SetupError(f"{state} cannot be written ({error.strerror}); set OPERATOR_STATE to a writable place") from error
        self.pin = self._pem.partition("\n")[0]

    def context(self, host: str) -> ssl.SSLContext:
        """What to show a browser that asks for `host`."""
        from trustme import Blob

        if (found := self._contexts.get(host)) is None:
            found = self._contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            leaf = self._authority.issue_cert(host)
            # The whole chain is shown: the browser looks for the pinned key in what it is sent.
            chain = leaf.private_key_and_cert_chain_pem.bytes() + self._authority.cert_pem.bytes()
            with Blob(chain).tempfile() as file:
                found.load_cert_chain(file)
            found.set_alpn_protocols(["http/1.1"])
        return found

    @cached_property
    def _authority(self) -> CA:
        from trustme import CA

        _, certificate, key = self._pem.split("\n\n")
        return CA.from_pem(certificate.encode(), key.encode())


def system_trust() -> ssl.SSLContext:
    """Checks a server's certificate as this system's own programs do."""
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _kept(file: Path) -> str:
    """The pin, a certificate and its key, parted by empty lines: from `file`, or new ones kept there."""
    try:
        if file.stat().st_mtime > time() - _DAYS * 86_400 and (pem := file.read_text(encoding="ascii")).count("\n\n") == 2:
            return pem
    except FileNotFoundError:
        pass
    made = _made()
    file.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, for its owner alone: operators of one process may come here at the same time.
    descriptor, fresh = mkstemp(dir=file.parent, prefix=f"{_FILE}.")
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(made)
    Path(fresh).replace(file)
    return made


def _made() -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificate
    from trustme import CA

    authority = CA()
    certificate = load_pem_x509_certificate(authority.cert_pem.bytes())
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = b64encode(sha256(public).digest()).decode()
    parts = (authority.cert_pem.bytes().decode().strip(), authority.private_key_pem.bytes().decode().strip())
    return "\n\n".join((pin, *parts)) + "\n"
