"""A host is tried before anything is sent, and its certificate is checked unless somebody says otherwise."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.load.wire import Wire, pack
from harness.probes.load.reach import Trust, check_trust, reach
from tests.harness.load.target import Running, run_target
from tests.harness.load.test_generator import free_port
from tests.harness.load.test_wire import request

OPENSSL = shutil.which("openssl")
MAKE = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=here -addext"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, for 127.0.0.1, with its key beside it."""
    if not OPENSSL:
        pytest.skip("openssl is not installed, which makes the certificate")
    made = tmp_path_factory.mktemp("certificate") / "certificate.pem"
    files = ["-keyout", str(made.with_name("key.pem")), "-out", str(made)]
    subprocess.run([OPENSSL, *MAKE.split(), "subjectAltName=IP:127.0.0.1", *files], check=True, capture_output=True)
    return made


@pytest.fixture
def secure(certificate: Path) -> Iterator[Running]:
    """A server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with run_target(context) as running:
        yield running


def test_a_certificate_that_nobody_vouches_for_is_refused_with_both_ways_out(secure: Running) -> None:
    told = r"not trusted: self-signed certificate\. Name .* with --ca-file, or send without .* with --insecure"
    with pytest.raises(UsageError, match=told):
        reach(secure.url, Trust())
    with pytest.raises(ssl.SSLCertVerificationError):
        Wire(secure.url).send(pack(request()))

    assert secure.seen == []


@pytest.mark.parametrize("way", ["ca_file", "insecure"])
def test_both_ways_out_lead_there(secure: Running, certificate: Path, way: str) -> None:
    trust = Trust(insecure=True) if way == "insecure" else Trust(ca_file=str(certificate))

    reach(secure.url, trust)
    assert secure.seen == []
    assert Wire(secure.url, trust).send(pack(request())).get_code() == 200


def test_another_authority_is_not_enough(secure: Running, certificate: Path, tmp_path: Path) -> None:
    other = str(tmp_path / "other.pem")
    command = [str(OPENSSL), *MAKE.split(), "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key"), "-out"]
    subprocess.run([*command, other], check=True, capture_output=True)

    with pytest.raises(UsageError, match="is not trusted"):
        reach(secure.url, Trust(ca_file=other))


def test_where_nothing_listens_or_something_else_does_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="cannot be reached, so nothing was sent: Connection refused; start the"):
        reach(f"http://127.0.0.1:{free_port()}", Trust())
    with run_target() as plain, pytest.raises(UsageError, match=r"does not speak TLS: .*; is it http:// instead\?"):
        reach(plain.url.replace("http:", "https:"), Trust())


@pytest.mark.parametrize(
    ("trust", "host", "message"),
    [
        (Trust(ca_file="a", insecure=True), "https://a", "exclude each other"),
        (Trust(insecure=True), "http://a", "http://a has no certificate to check; leave out"),
        (Trust(ca_file="/nowhere.pem"), "https://a", "'/nowhere.pem' cannot be used: No such file or directory"),
        (Trust(ca_file=__file__), "https://a", "cannot be used: it holds no certificate; name a file in PEM format"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(trust: Trust, host: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_trust(trust, host)
