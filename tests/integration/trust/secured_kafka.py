"""A Kafka that asks who is there: access lists, passwords, and certificates of an authority made for the run."""

import asyncio
import base64
import datetime
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import CreateAclsRequest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.kafka import Kafka, broker_answers
from deploy.local.layout import Layout
from deploy.local.ports import HOST
from deploy.local.progress import Progress
from deploy.local.run_logged import run_logged
from shared.contract_docs.access import GRANTS, WHO, Access, Operation, Resource

SECONDS: Final = 60.0
_CODES: Final = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
    Operation.ALTER_CONFIGS: 11,
}
_RESOURCES: Final = {Resource.TOPIC: 2, Resource.GROUP: 3}
_LITERAL, _ALLOW = 3, 3

# The inner listener is the administrator's: whoever comes by it is nobody, and nobody is the super user.
SECURITY: Final = """
listeners=BROKER://{host}:{inner},CONTROLLER://{host}:{controller},PASSWORD://{host}:{password},TLS://{host}:{tls}
advertised.listeners=BROKER://{host}:{inner},PASSWORD://{host}:{password},TLS://{host}:{tls}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,PASSWORD:SASL_PLAINTEXT,TLS:SASL_SSL
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:ANONYMOUS
listener.name.password.sasl.enabled.mechanisms=PLAIN
listener.name.tls.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.password.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required {users};
listener.name.tls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.tls.ssl.keystore.type=PEM
listener.name.tls.ssl.keystore.location={keystore}
"""


class SecuredKafka(Kafka):
    """One broker, the passwords of its principals, and the file of the authority that vouches for it."""

    def __init__(self, folder: Path) -> None:
        inner, controller, self._password, self._tls = _free_ports(4)
        self._ports = {"inner": inner, "controller": controller, "password": self._password, "tls": self._tls}
        super().__init__(Layout(folder), port=inner, controller_port=controller)
        self.passwords = {principal: secrets.token_hex(12) for principal in WHO}
        self.ca = folder / "ca.pem"
        self._keystore = folder / "broker.pem"

    def as_principal(self, principal: str, *, tls: bool = True) -> dict[str, str]:
        """The settings of a client that connects as it."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{self._tls if tls else self._password}",
            "KEFU_KAFKA_SECURITY_PROTOCOL": "SASL_SSL" if tls else "SASL_PLAINTEXT",
            "KEFU_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512" if tls else "PLAIN",
            "KEFU_KAFKA_USERNAME": principal,
            "KEFU_KAFKA_PASSWORD": self.passwords[principal],
            "KEFU_KAFKA_CA": str(self.ca) if tls else "",
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        """The broker with exactly the access lists of the contract."""
        self._layout.kafka.mkdir(parents=True, exist_ok=True)
        self._layout.logs.mkdir(parents=True, exist_ok=True)
        make_certificates(self.ca, self._keystore)
        self.prepare(Progress.silent())
        program = self.program()
        with (self._layout.logs / "broker.log").open("wb") as log:
            broker = subprocess.Popen(program.command, cwd=program.directory, stdout=log, stderr=log)
        try:
            give_up_at = time.monotonic() + SECONDS
            while not asyncio.run(broker_answers(self.address)):
                assert time.monotonic() < give_up_at, (self._layout.logs / "broker.log").read_text()[-3000:]
            asyncio.run(allow(self.address, GRANTS))
            yield
        finally:
            broker.kill()
            broker.wait()

    def _format(self, options: list[str]) -> None:
        users = " ".join(f'user_{name}="{password}"' for name, password in self.passwords.items())
        told = SECURITY.format(host=HOST, users=users, keystore=self._keystore, **self._ports)
        with self._properties.open("a", encoding="utf-8") as properties:
            properties.write(told)
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}"]
        for name, password in self.passwords.items():
            tool += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        arguments = self._home / "format.args"
        self._write_arguments(arguments, [*options, *tool, "--config", self._properties.name])
        log = self._layout.logs / "format.log"
        assert run_logged([str(self._java), f"@{arguments}"], log, folder=self._home), log.read_text()


async def allow(servers: str, grants: Sequence[Access]) -> None:
    """Adds access lists, and nothing else to what nobody may do."""
    client = AIOKafkaClient(bootstrap_servers=servers)
    await client.bootstrap()
    try:
        for one in grants:
            request = CreateAclsRequest(
                _RESOURCES[one.resource],
                one.name,
                _LITERAL,
                f"User:{one.principal}",
                "*",
                _CODES[one.operation],
                _ALLOW,
            )
            answer = await client.send(client.get_random_node(), request)
            assert [code for code, _ in answer.creation_responses] == [0], answer
    finally:
        await client.close()


def make_certificates(ca_file: Path, keystore: Path) -> None:
    """An authority, and a broker it vouches for under the address of this machine."""
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker of a test")])

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey, *, is_ca: bool) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        )
        return made.sign(ca_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    ca_file.write_bytes(certificate(ca_name, ca_key.public_key(), is_ca=True).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    keystore.write_bytes(private + certificate(name, key.public_key(), is_ca=False).public_bytes(pem))


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
