"""The compose file keeps what deploy/README.md promises, read as Compose reads it: with its anchors merged."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase
from pydantic_settings import BaseSettings

from cli.settings.catalogue import all_settings, settings_class, settings_of
from deploy.carrier.settings import CarrierSettings
from deploy.local.kafka import LARGEST_MESSAGE, SERVER_PROPERTIES
from deploy.local.services import PREPARATION
from services.migrate import role_password
from shared.contracts.services import GROUPS, PUBLIC
from shared.contracts.services import SERVICES as SERVICES_WITH_SCHEMA
from shared.database.roles import role_of
from shared.settings import BusSettings
from shared.telemetry import metrics

Json = dict[str, Any]

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
COMPOSE: Final = (DEPLOY / "docker-compose.yml").read_text("utf-8")
DOCKERFILE: Final = (DEPLOY / "Dockerfile").read_text("utf-8")
EXAMPLE: Final = (DEPLOY / ".env.example").read_text("utf-8")
SERVICES: Final[dict[str, Json]] = yaml.safe_load(COMPOSE)["services"]
VOLUMES: Final = set(yaml.safe_load(COMPOSE)["volumes"])

READERS: Final[dict[str, type[BaseSettings]]] = {
    **{name: settings_class(name) for name in SERVICES_WITH_SCHEMA},
    "carrier": CarrierSettings,
}
ONE_SHOT: Final = ("migrate", "topics")
OURS: Final = (*READERS, *ONE_SHOT, "kefu", "reseal")

every_container = pytest.mark.parametrize("name", sorted(SERVICES))
our_container = pytest.mark.parametrize("name", OURS)
every_service = pytest.mark.parametrize("name", sorted(GROUPS))
every_reader = pytest.mark.parametrize("name", sorted(READERS))


def seconds(duration: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(s|m)", duration).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "m": 60}[unit]


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"(KEFU_\w+)=(\S+)", DOCKERFILE))


def test_every_service_of_the_contract_has_a_container() -> None:
    """Each consumer group is a service of the compose file, and each one-shot job of the local stack too."""
    assert set(SERVICES) >= {*GROUPS, *PREPARATION}
    for name, command in PREPARATION.items():
        assert (SERVICES[name].get("entrypoint") or SERVICES[name]["command"])[1:] == list(command[1:])


@every_container
def test_any_number_of_a_container_may_run(name: str) -> None:
    """No container has a fixed name, and a port of the host is fixed nowhere but by the operator's own setting."""
    container = SERVICES[name]
    assert not {"container_name", "hostname", "network_mode"} & set(container)
    for port in container.get("ports", ()):
        assert re.fullmatch(r"\$\{[A-Z]+_PUBLISH:-127\.0\.0\.1:\}:\d+", port), port


@every_container
def test_no_container_has_more_rights_than_it_needs(name: str) -> None:
    """No capability, no way to gain one, and no container is privileged or sees the host."""
    container = SERVICES[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not {"cap_add", "privileged", "pid", "ipc", "devices"} & set(container)
    assert not any("docker.sock" in volume for volume in container.get("volumes", ()))


@our_container
def test_our_processes_are_nobody_and_change_nothing(name: str) -> None:
    """Our image runs as a user without a name, on a file system it cannot write, apart from /tmp and named volumes."""
    container = SERVICES[name]
    assert container["user"] == "10001:10001"
    assert container["read_only"] is True
    assert container["tmpfs"] == ["/tmp"]
    assert all(volume.split(":")[0] in VOLUMES for volume in container.get("volumes", ()))


def test_the_image_itself_is_not_root() -> None:
    """Without Compose, too, the image's last user is not root, and its command needs no shell."""
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.findall(r"^USER (.+)$", last_stage, re.MULTILINE)[-1] == "10001:10001"
    assert re.search(r'^CMD \["python", "-m", ', last_stage, re.MULTILINE)


def test_the_image_installs_only_what_the_lock_file_names() -> None:
    """Every dependency comes from the lock file and is refused when its hash is another."""
    assert "COPY requirements/runtime.txt" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert DOCKERFILE.count("pip install") == 1


@every_service
def test_a_service_starts_by_its_module_and_says_when_it_is_ready(name: str) -> None:
    """The process is PID 1, its module is its name, and it is healthy when /readyz says so."""
    container = SERVICES[name]
    assert container["command"] == ["python", "-m", f"services.{name}"]
    assert container["healthcheck"]["test"][-1] == "/readyz"
    assert (DEPLOY.parent / container["healthcheck"]["test"][-2]).is_file()
    assert container["restart"] == "unless-stopped"


@every_service
def test_a_service_has_time_to_drain(name: str) -> None:
    """Docker waits longer than the requests and the batch of a stopping process may take together."""
    drain = BusSettings.model_fields["drain_seconds"].default
    assert seconds(SERVICES[name]["stop_grace_period"]) > 2 * drain


@every_service
def test_a_service_waits_for_its_servers_and_jobs(name: str) -> None:
    """A service starts when both servers are healthy and both jobs have succeeded."""
    conditions = {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()}
    assert conditions == {
        "kafka": "service_healthy",
        "postgres": "service_healthy",
        "migrate": "service_completed_successfully",
        "topics": "service_completed_successfully",
    }


@pytest.mark.parametrize("name", ONE_SHOT)
def test_a_job_ends(name: str) -> None:
    """A one-shot job is tried again only when it fails, and has no health to wait for."""
    assert SERVICES[name]["restart"].startswith("on-failure")
    assert "healthcheck" not in SERVICES[name]


def test_the_core_needs_no_profile() -> None:
    """What every installation needs starts without a profile, and what is for some does not."""
    assert {name for name, one in SERVICES.items() if "profiles" not in one} == {
        *GROUPS,
        *ONE_SHOT,
        "kafka",
        "postgres",
    }
    assert SERVICES["carrier"]["profiles"] == ["sandbox"]
    assert SERVICES["prometheus"]["profiles"] == ["observability"]


@our_container
def test_every_setting_given_exists(name: str) -> None:
    """No container is given a KEFU_ setting that nothing of ours reads."""
    given = {key for key in {**SERVICES[name].get("environment", {}), **image_environment()} if key.startswith("KEFU_")}
    assert given <= {setting.name for setting in all_settings()}


@every_reader
def test_a_process_is_given_all_it_needs_and_no_secret_more(name: str) -> None:
    """Settings without a default are there, and no process holds a secret it does not read."""
    environment: Json = SERVICES[name]["environment"]
    read = list(settings_of(READERS[name]))
    assert {setting.name for setting in read if setting.default is None} <= environment.keys() | image_environment()
    assert {key for key in environment if key.startswith("KEFU_")} <= {setting.name for setting in read}


def test_inside_a_container_the_server_listens_to_others() -> None:
    """The image listens on every address of its container, at the port that is published and scraped."""
    environment = image_environment()
    assert environment["KEFU_HTTP_HOST"] == "0.0.0.0"
    for name in PUBLIC:
        assert SERVICES[name]["ports"][0].endswith(f":{environment['KEFU_HTTP_PORT']}")
    scraped = yaml.safe_load((DEPLOY / "observability" / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    assert {job["job_name"] for job in scraped} == set(GROUPS)
    assert {str(job["dns_sd_configs"][0]["port"]) for job in scraped} == {environment["KEFU_HTTP_PORT"]}


def test_secrets_come_from_the_environment_alone() -> None:
    """Every secret is handed on from the environment; without one that has no default Compose stops with a message."""
    secrets = [setting for setting in all_settings() if setting.secret and setting.name != "DATABASE_URL"]
    passwords = {"POSTGRES_PASSWORD", *(role_password(service) for service in SERVICES_WITH_SCHEMA)}
    for name in {setting.name for setting in secrets if setting.default is None} | passwords:
        assert f"${{{name}:?is not set; " in COMPOSE
    for name in {setting.name for setting in secrets if setting.default is not None}:
        assert f"{name}: ${{{name}:-}}" in COMPOSE
    assert set(re.findall(r"^([A-Z_]+)=$", EXAMPLE, re.MULTILINE)) == {
        *passwords,
        *(setting.name for setting in secrets),
    }
    assert not re.search(r"^[A-Z_]+=.+$", EXAMPLE, re.MULTILINE), "the example has no values"


@pytest.mark.parametrize("service", SERVICES_WITH_SCHEMA)
def test_a_service_enters_the_database_as_itself(service: str) -> None:
    """Each has the role of its own schema, and no other's password; the job that makes the roles has all of them."""
    url = SERVICES[service]["environment"]["DATABASE_URL"]
    assert f"{role_of(service)}:${{{role_password(service)}:?" in url
    assert "POSTGRES_PASSWORD" not in url
    assert role_password(service) in SERVICES["migrate"]["environment"]


def test_only_who_needs_the_database_reaches_it() -> None:
    """PostgreSQL shares its network with services and two jobs, and with nothing that strangers talk to."""
    (database,) = SERVICES["postgres"]["networks"]
    reach = {name for name, one in SERVICES.items() if database in one.get("networks", ["default"])}
    assert reach == {*SERVICES_WITH_SCHEMA, "migrate", "postgres", "reseal"}
    (broker,) = SERVICES["kafka"]["networks"]
    assert broker != database
    assert broker not in SERVICES["prometheus"].get("networks", ["default"])


def test_every_variable_of_the_example_is_used() -> None:
    """A variable an operator is told of is one the compose files read."""
    told = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) - {"COMPOSE_PROFILES"}
    assert told <= set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))


def test_the_broker_is_set_as_in_the_local_stack() -> None:
    """What changes behaviour is the same in a container as in the embedded broker."""
    local = dict(
        line.split("=", 1)
        for line in SERVER_PROPERTIES.splitlines()
        if "=" in line and not line.startswith("#") and "{" not in line
    )
    local |= {"message.max.bytes": str(LARGEST_MESSAGE), "replica.fetch.max.bytes": str(LARGEST_MESSAGE)}
    laptop_only = {name for name in local if "threads" in name or "dedupe" in name}
    environment: Json = SERVICES["kafka"]["environment"]
    here = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
        for name, value in environment.items()
        if name.startswith("KAFKA_")
    }
    assert {name: here.get(name) for name in local.keys() - laptop_only} == {
        name: value for name, value in local.items() if name not in laptop_only
    }


def test_every_metric_of_the_alerts_exists() -> None:
    """No alert waits for a metric that no service has."""
    rules = yaml.safe_load((DEPLOY / "observability" / "alerts.yml").read_text("utf-8"))
    used = {
        name for group in rules["groups"] for rule in group["rules"] for name in re.findall(r"\bkefu_\w+", rule["expr"])
    }
    endings = {"counter": "_total", "histogram": "_bucket"}
    families = [
        one for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase) for one in metric.collect()
    ]
    assert used, "the alerts were not read"
    assert used <= {family.name + endings.get(family.type, "") for family in families}


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_has_a_limit_of_memory(name: str) -> None:
    """One that grows without end is ended by itself, before the host ends another."""
    assert re.fullmatch(r"\$\{\w+:-[0-9]+[mg]\}", SERVICES[name]["mem_limit"])


class OverlayLoader(yaml.SafeLoader):
    """Reads Compose's own tag for what an overlay takes away."""


OverlayLoader.add_constructor("!reset", lambda loader, node: None)


def overlay(name: str) -> dict[str, Json]:
    return yaml.load((DEPLOY / f"docker-compose.{name}.yml").read_text("utf-8"), OverlayLoader)["services"]  # type: ignore[no-any-return]


@every_service
def test_with_databases_of_their_own_each_service_has_its_migration(name: str) -> None:
    """A service and the job that migrates its schema are given the same URL, and the service waits for that job."""
    services = overlay("databases")
    jobs = {job["command"][0]: (key, job) for key, job in services.items() if key.startswith("migrate")}
    key, job = jobs[name]
    assert job["environment"] == services[name]["environment"]
    assert f"${{{name.upper()}_DATABASE_URL:?" in job["environment"]["DATABASE_URL"]
    assert key in services[name].get("depends_on", {}) or key in SERVICES[name]["depends_on"]


def test_the_outside_listener_is_added_to_the_inner_one() -> None:
    """With the overlay, services still find the broker where they found it without."""
    inside, outside = SERVICES["kafka"]["environment"], overlay("outside")["kafka"]["environment"]
    for name in outside:
        assert set(str(inside[name]).split(",")) < set(outside[name].split(","))
