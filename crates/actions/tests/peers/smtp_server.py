"""A real SMTP server for the tests of notify.email, on aiosmtpd (Apache-2.0).

usage: smtp_server.py MODE FOLDER [PORT]
  MODE    plain | starttls | tls | auth (STARTTLS and AUTH user "vigie", password "s3cret") | busy (answers 451) | reject (550)
  PORT    where it listens on 127.0.0.1; any free one where left out
  FOLDER  where ca.pem is written and each mail is put as N.eml, its envelope as N.json

It prints its port on one line when it is ready, and ends when its standard input is closed.
"""

import asyncio
import datetime
import ipaddress
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

mode, folder = sys.argv[1], pathlib.Path(sys.argv[2])
port = int(sys.argv[3]) if len(sys.argv) > 3 else 0


def certificate():
    """Makes a certificate for localhost and 127.0.0.1, signed by a CA that is made as well."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def build(name, key, issuer, issuer_key, is_ca):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        )
        if not is_ca:
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(issuer_key or key, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = build("Test CA", ca_key, None, None, True)
    leaf = build("localhost", key, ca.subject, ca_key, False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        leaf.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


class Handler:
    def __init__(self):
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        if mode == "busy":
            return "451 come back later"
        if mode == "reject":
            return "550 not here"
        self.count += 1
        (folder / f"{self.count}.eml").write_bytes(envelope.content)
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or mode == "tls",
            "user": session.auth_data.login.decode() if session.authenticated else None,
        }
        (folder / f"{self.count}.json").write_text(json.dumps(facts))
        return f"250 taken as {self.count}"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"vigie", b"s3cret")
    return AuthResult(success=good, handled=False, auth_data=data)


options = {}
ssl_context = None
if mode in ("starttls", "auth"):
    options |= {"tls_context": certificate(), "require_starttls": True}
if mode == "tls":
    ssl_context = certificate()
if mode == "auth":
    options |= {"authenticator": authenticate, "auth_required": True}


async def main():
    loop, handler = asyncio.get_running_loop(), Handler()
    server = await loop.create_server(lambda: SMTP(handler, **options), "127.0.0.1", port, ssl=ssl_context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
