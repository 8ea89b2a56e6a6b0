"""Whether a host can be reached before anything is sent there, and whose certificates are believed."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

import msgspec

from harness.errors import UsageError

PATIENCE = 10.0


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """How the certificate of an https:// host is checked.

    By default by the certificate authorities of this machine; `ca_file` names the only ones to believe instead, and
    `insecure` checks nothing, so anybody on the way can read the tokens that are sent.
    """

    ca_file: str = ""
    insecure: bool = False


def check_trust(trust: Trust, host: str) -> None:
    """Raise UsageError where the options about certificates contradict each other or the host."""
    if trust.ca_file and trust.insecure:
        raise UsageError("--ca-file and --insecure exclude each other; choose one.")
    if trust != Trust() and host and urlsplit(host).scheme != "https":
        raise UsageError(f"{host} has no certificate to check; leave out --ca-file and --insecure, or write https://.")
    if trust.ca_file:
        _context(trust)


def reach(host: str, trust: Trust) -> None:
    """Open a connection and close it again, without a request; raises UsageError where that fails."""
    parts = urlsplit(host)
    name, secure = parts.hostname or "", parts.scheme == "https"
    address = (name, parts.port or (443 if secure else 80))
    try:
        with socket.create_connection(address, timeout=PATIENCE) as opened:
            if secure:
                _context(trust).wrap_socket(opened, server_hostname=name).close()
    except ssl.SSLCertVerificationError as error:
        raise UsageError(
            f"The certificate of {host} is not trusted: {error.verify_message.rstrip('.')}. Name the certificate of "
            "its authority with --ca-file, or send without checking it with --insecure."
        ) from None
    except ssl.SSLError as error:
        words = (error.reason or "the handshake failed").replace("_", " ").lower()
        raise UsageError(f"{host} does not speak TLS: {words}; is it http:// instead?") from None
    except OSError as error:
        words = "nothing answered in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise UsageError(
            f"{host} cannot be reached, so nothing was sent: {words}; start the platform, or correct --host."
        ) from None


def _context(trust: Trust) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=trust.ca_file or None)
    except OSError as error:
        words = error.strerror if not isinstance(error, ssl.SSLError) else "it holds no certificate"
        raise UsageError(f"--ca-file {trust.ca_file!r} cannot be used: {words}; name a file in PEM format.") from None
    if trust.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
