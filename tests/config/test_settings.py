"""The settings come from the environment and from options, and are checked."""

from pathlib import Path

import pytest

from bus.config import Settings, load_settings
from bus.core.errors import BusFault


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests do not matter."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BUS_{name.upper()}", raising=False)


def test_the_environment_sets_what_no_option_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option goes before the environment, and the environment before the default."""
    monkeypatch.setenv("BUS_PORT", "9090")
    monkeypatch.setenv("BUS_MAX_BODY", "512 KB")
    monkeypatch.setenv("BUS_HOST", "10.0.0.1")

    settings = load_settings(host="10.0.0.2", journal=None)

    assert (settings.host, settings.port, settings.journal) == ("10.0.0.2", 9090, "./bus.db")
    assert (settings.max_body, settings.routes) == (524288, Path("routes.yaml"))


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("BUS_PORT", "tcp://10.0.0.1:8080", "int_parsing"),
        ("BUS_PORT", "70000", "less_than_equal"),
        ("BUS_MAX_BODY", "10 parsecs", "size"),
        ("BUS_BODY_TIMEOUT", "0", "duration"),
        ("BUS_LANGUAGE", "es", "enum"),
        ("BUS_BROKER", "http://mq.example", "broker_scheme"),
        ("BUS_JOURNAL", "postgressql://bus@db.example/bus", "journal_scheme"),
        ("BUS_JOURNAL", "mysql://bus@db.example/bus", "journal_scheme"),
        ("BUS_JOURNAL", "postgresql://bus@db.example", "journal_url"),
        ("BUS_JOURNAL", "postgresql:///bus", "journal_url"),
        ("BUS_JOURNAL", "postgresql://bus:se/cret@db.example/bus", "journal_url"),
        ("BUS_JOURNAL", "postgresql://bus:se@cret/x@db.example/bus", "journal_url"),
        ("BUS_JOURNAL", "postgresql://bus:sec#ret@db.example/bus", "journal_url"),
        ("BUS_JOURNAL", "postgresql://bus:sec?ret@db.example/bus", "journal_url"),
        ("BUS_BROKER", "amqp://", "broker_url"),
        ("BUS_BROKER", "amqp://bus:secret@mq.example:port", "broker_url"),
        ("BUS_BROKER", "amqp://bus:se/cret@mq.example", "broker_url"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, kind: str
) -> None:
    """A setting that cannot be read is a fault of the configuration, under its variable."""
    monkeypatch.setenv(name, value)

    with pytest.raises(BusFault) as caught:
        load_settings()

    fault = caught.value.fault
    assert (fault.path, fault.details["kind"]) == (name, kind)


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """`BUS_PORT=` in a file of variables means the default."""
    monkeypatch.setenv("BUS_PORT", "")

    assert load_settings().port == 8080


@pytest.mark.parametrize("url", ["amqp://bus:pa ss@mq.example", "amqp://bus:pa/ss@mq.example/x"])
def test_what_is_wrong_of_a_broker_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Whatever of the address it could not read."""
    monkeypatch.setenv("BUS_BROKER", url)

    with pytest.raises(BusFault) as caught:
        load_settings()

    told = caught.value.fault
    said = f"{told}{told.reason('pt')}{told.remedy('pt')}{told.details}"
    assert "BUS_BROKER" in said
    assert "pa ss" not in said
    assert "pa/ss" not in said
