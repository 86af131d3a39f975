"""An adapter of one's own, as docs/write-an-adapter.md tells: begun, installed, tested, in use."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.installation import Installed, install

pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.timeout(170)]

PASSWORD = "not-a-secret-of-anybody"
ROUTES = """
applications:
  rm: {{product: RM, login: {{user: rm, password: {{file: rm.password}}}}}}
  orders: {{product: ORDERS, adapter: folder-drop, address: "{address}", de_para: application}}
routes:
  units: {{transactions: [UnitOfMeasure], from: rm, to: [orders]}}
shared_ids: [{{entity: Company, between: [rm, orders]}}]
"""
READING = """
applications:
  orders: {{product: ORDERS, adapter: folder-drop, address: "{orders}", read_every: 1s}}
  shelf: {{product: ORDERS, adapter: folder-drop, address: "{shelf}", de_para: application}}
routes:
  units: {{transactions: [UnitOfMeasure], from: orders, to: [shelf]}}
shared_ids: [{{entity: Company, between: [orders, shelf]}}]
"""
RECORD = {
    "transaction": "UnitOfMeasure",
    "version": "2.000",
    "event": "upsert",
    "content": {"Code": ["UN"], "InternalId": ["UN"], "Description": ["Unidade"]},
}


@pytest.fixture(scope="module")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Installed, Path]:
    """An environment of its own, and in it a package that `bus adapters new` has written."""
    installed = install(wheel, tmp_path_factory.mktemp("foreign"))
    folder = tmp_path_factory.mktemp("work")
    installed.run("bus", "adapters", "new", "folder-drop", str(folder))
    installed.install(folder / "folder-drop")
    return installed, folder / "folder-drop"


def test_a_new_package_passes_its_own_tests(package: tuple[Installed, Path]) -> None:
    """The suite that holds our adapters holds it, from the wheel."""
    installed, folder = package

    quiet = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist")
    said = installed.run("python", "-m", "pytest", *quiet, cwd=folder)

    assert " passed" in said
    assert "failed" not in said
    assert installed.evaluate("bus.testing.suite.__file__", imports="bus.testing.suite").startswith(
        str(installed.home)
    )


def test_an_installed_package_is_listed(package: tuple[Installed, Path]) -> None:
    """It is found by its entry point, with its version and what its options mean."""
    installed, _ = package

    said = installed.run("bus", "adapters", "list", "--json", "--language", "en")

    listed = {one["adapter"]: one for one in map(json.loads, said.splitlines())}
    assert {"http-xml", "eai-soap"} < listed.keys()
    assert listed["folder-drop"]["package"] == "folder-drop"
    assert listed["folder-drop"]["version"] == "0.1.0"
    assert listed["folder-drop"]["usable"]
    assert "ResponseMessage" in listed["folder-drop"]["options"]["answers"]
    assert listed["folder-drop"]["features"] == ["asks", "reads"]


@pytest.mark.parametrize("document", ["docs/write-an-adapter.md", "README.md"])
def test_the_example_of_a_document_is_right(
    package: tuple[Installed, Path], checkout: Path, tmp_path: Path, document: str
) -> None:
    """What the guide and the README of a new package put into routes.yaml is taken as it stands."""
    installed, folder = package
    text = (checkout if document.startswith("docs") else folder).joinpath(document).read_text()
    (tmp_path / "routes.yaml").write_text(f"{text.split('```yaml')[1].split('```')[0]}routes: {{}}")

    said = installed.run("bus", "routes", "check", "--language", "en", cwd=tmp_path)

    assert "right. Applications: 1; routes: 0." in said


def test_a_bus_delivers_through_it(package: tuple[Installed, Path], tmp_path: Path) -> None:
    """What the bus took stands in the folder, whole, is told as delivered; a probe finds it."""
    installed, _ = package
    orders = tmp_path / "the orders"
    orders.mkdir()
    (tmp_path / "routes.yaml").write_text(ROUTES.format(address=orders.as_uri()), "utf-8")
    (tmp_path / "rm.password").write_text(PASSWORD, "utf-8")
    message = tmp_path / "unit.xml"
    example = ("schemas", "example", "UnitOfMeasure", "2.000", "--from", "rm", "--full")
    message.write_text(installed.run("bus", *example), "utf-8")
    asked = ("send", "--json", "--user", "rm", "--password", PASSWORD)

    with bus_running(installed, tmp_path) as address:
        sent = json.loads(installed.run("bus", *asked, "--url", address, str(message)))
        while state_of(installed, tmp_path, sent["message"]) != "delivered":
            time.sleep(0.1)  # the test's own time-out ends this
        probed = installed.run("bus", "adapters", "list", "--probe", "--json", cwd=tmp_path)

    (delivered,) = orders.iterdir()
    assert delivered.name.startswith("message-")
    assert '"probes": {"orders": {"reachable": true}}' in probed
    record = json.loads(delivered.read_text("utf-8"))
    assert (record["transaction"], record["event"]) == ("UnitOfMeasure", "upsert")
    assert record["content"]["Code"]


def test_a_bus_reads_through_it(package: tuple[Installed, Path], tmp_path: Path) -> None:
    """What another program wrote is delivered, once, also over a restart of the bus."""
    installed, _ = package
    orders, shelf = tmp_path / "orders", tmp_path / "shelf"
    for folder in (orders / "for-bus", shelf):
        folder.mkdir(parents=True)
    routes = READING.format(orders=orders.as_uri(), shelf=shelf.as_uri())
    (tmp_path / "routes.yaml").write_text(routes, "utf-8")

    delivered = [shelf / f"message-{number}.json" for number in (1, 2)]
    for number, file in enumerate(delivered, 1):
        leave(orders, str(number))
        with bus_running(installed, tmp_path):
            while not file.exists():
                time.sleep(0.1)  # the test's own time-out ends this
    told = installed.run("bus", "messages", "--json", cwd=tmp_path).splitlines()

    contents = [json.loads(file.read_text("utf-8"))["content"] for file in delivered]
    assert contents == [RECORD["content"]] * 2
    assert sorted(json.loads(line)["uuid"] for line in told) == ["1", "2"]


def leave(orders: Path, number: str) -> None:
    """The other program writes a record for the bus, and gives it its name last."""
    part = orders / f"{number}.part"
    part.write_text(json.dumps(RECORD | {"uuid": number}), "utf-8")
    part.rename(orders / "for-bus" / f"{number}.json")


@contextmanager
def bus_running(installed: Installed, folder: Path) -> Iterator[str]:
    """The address of a bus of that environment, with the routes and the journal of a folder."""
    with subprocess.Popen(
        [installed.program("bus"), "serve", "--port", "0", "--json"],
        cwd=folder,
        env=installed.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as bus:
        assert bus.stdout
        try:
            said = next((line for line in bus.stdout if '"address"' in line), "")
            yield json.loads(said)["address"]
        finally:
            bus.send_signal(signal.SIGTERM)
            bus.stdout.read()


def state_of(installed: Installed, folder: Path, message: str) -> str:
    """The state of the first delivery of a message, as an operator is told it."""
    told = json.loads(installed.run("bus", "trace", message, "--json", cwd=folder))
    return str(told["deliveries"][0]["state"])
