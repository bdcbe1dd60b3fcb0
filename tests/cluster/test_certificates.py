"""Certificates that Python's and Go's TLS take, each for its purpose only."""

import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mlops_lab.cluster.certificates import Authority, kubeconfig, write_key

HOSTS = ("localhost", "kubernetes.default.svc", "127.0.0.1", "10.96.0.1")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority.create(tmp_path / "pki", "ca")
    authority.issue("server", "kube-apiserver", hosts=HOSTS)
    authority.issue("client", "lab-admin", "system:masters")
    return authority


def read(authority: Authority, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((authority.folder / f"{name}.crt").read_bytes())


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(back, there, server_hostname=name),
        server.wrap_bio(there, back, server_side=True),
    ]
    for end in ends * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
    assert ends[0].version()


def contexts(authority: Authority) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server that wants a certificate, and a client that has one."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.path))
    client = ssl.create_default_context(cafile=str(authority.path))
    server.verify_mode = ssl.CERT_REQUIRED
    for context, name in ((server, "server"), (client, "client")):
        context.load_cert_chain(authority.folder / f"{name}.crt", authority.folder / f"{name}.key")
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return server, client


def test_keys_fit_and_are_as_kubeconfigs_their_owner_s_alone(
    authority: Authority, tmp_path: Path
) -> None:
    old = os.umask(0)
    try:
        authority.issue("open", "open")
        write_key(tmp_path / "alone.key", ec.generate_private_key(ec.SECP256R1()))
        kubeconfig(tmp_path / "alone.conf", "https://127.0.0.1:1", *map(Path, ("ca", "me", "key")))
    finally:
        os.umask(old)
    for name in ("server", "client", "open"):
        path = authority.folder / f"{name}.key"
        key = load_pem_private_key(path.read_bytes(), None)
        assert key.public_key() == read(authority, name).public_key()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for name in ("alone.key", "alone.conf"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert not (authority.folder / "ca.key").exists()


@pytest.mark.parametrize("name", ["ca", "server", "client"])
def test_a_certificate_is_valid_now_and_for_a_year(authority: Authority, name: str) -> None:
    now, found = datetime.now(UTC), read(authority, name)
    assert found.not_valid_before_utc < now
    assert timedelta(days=364) < found.not_valid_after_utc - now <= timedelta(days=365)


@pytest.mark.parametrize("name", HOSTS)
def test_server_and_client_trust_each_other(authority: Authority, name: str) -> None:
    handshake(*contexts(authority), name)


def test_another_name_is_not_trusted(authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(*contexts(authority), "example.org")


def test_a_client_s_certificate_serves_nothing(authority: Authority) -> None:
    server, client = contexts(authority)
    server.load_cert_chain(authority.folder / "client.crt", authority.folder / "client.key")
    client.check_hostname = False
    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        handshake(server, client, "localhost")


def test_python_3_13_s_strict_client_trusts_the_server(authority: Authority) -> None:
    server, client = contexts(authority)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    handshake(server, client, "localhost")


def test_kubectl_reads_the_kubeconfig(tmp_path: Path, real_kubectl: Path) -> None:
    from mlops_lab.cluster.kubectl import Kubectl

    path = tmp_path / "kubeconfig"
    kubeconfig(path, "https://127.0.0.1:1", Path("ca.crt"), Path("me.crt"), Path("me.key"))
    read = ["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"]
    assert Kubectl(real_kubectl, path)(*read) == "https://127.0.0.1:1"
