"""Kinds of adapters are found by entry point, and a broken one harms nobody else."""

import asyncio
from dataclasses import replace

import pytest

from adapters.http_xml import ADAPTER
from bus.adapter_kinds import AdapterPool, OptionsByKind, announced, features_of, kind_named
from bus.core.errors import BusFault
from bus.core.route import Application, Deployment
from bus.ports.adapter import Feature
from tests.codec.samples import CODEC
from tests.support.foreign import KIND, Foreign

BROKEN = [
    ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    ("def (", "SyntaxError"),
    ("raise SystemExit('not on this system')", "SystemExit: not on this system"),
    ("OTHER = 1", "AttributeError"),
    ("class ADAPTER: pass", "ADAPTER is a class"),
    ("ADAPTER = object()", "object lacks name, open, options"),
    (KIND.format(name="x").replace("return {", "return tuple({") + "", "SyntaxError"),
    ("class K:\n name = 'x'\n open = 1\n options = 2\nADAPTER = K()", "TypeError"),
    (
        "class K:\n name = 'x'\n open = 1\n def options(self): return ('a',)\nADAPTER = K()",
        "TypeError",
    ),
    (
        "class K:\n name = 'x'\n open = 1\n def options(self): return {'a': ()}\nADAPTER = K()",
        "no Text",
    ),
]


def test_a_foreign_kind_is_found_beside_ours(foreign: Foreign) -> None:
    """By the same door, and by its name."""
    foreign("slate")

    assert kind_named("slate").name == "slate"
    assert kind_named("http-xml") is ADAPTER
    assert list(OptionsByKind()["slate"]) == ["colour"]
    assert {"http-xml", "eai-soap", "slate"} <= set(OptionsByKind())


@pytest.mark.parametrize(("module", "problem"), BROKEN, ids=[text for _, text in BROKEN])
def test_a_broken_kind_is_a_fault_that_names_its_package(
    foreign: Foreign, module: str, problem: str
) -> None:
    """Whatever goes wrong in it, and only when it is asked for."""
    foreign("slate", module, package="eai-slate")

    assert "slate" in OptionsByKind()
    assert OptionsByKind()["http-xml"]
    with pytest.raises(BusFault) as refusal:
        kind_named("slate")
    assert refusal.value.fault.code == "ADAPTER_UNUSABLE"
    for language in ("pt", "en"):
        assert problem in refusal.value.fault.reason(language)
        assert "eai-slate 1.2" in refusal.value.fault.reason(language)


def test_nothing_is_loaded_to_see_what_there_is(foreign: Foreign) -> None:
    """A package that nobody uses does not run."""
    foreign("slate", "raise KeyboardInterrupt")

    assert "slate" in announced()
    assert len(OptionsByKind()) == len(announced())


def test_who_can_be_asked_is_looked_up_once(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever claims deliveries wants to know each time; installed packages do not change."""
    foreign("slate", "import no_such_library")
    pool = AdapterPool(CODEC)
    kinds = ("eai-soap", "http-xml", "slate", "nothing", "")
    told = [pool.asks(Application(kind, "RM", adapter=kind)) for kind in kinds]
    monkeypatch.setattr("bus.adapter_kinds.announced", lambda: pytest.fail("looked up again"))

    again = [pool.asks(Application(f"other-{kind}", "RM", adapter=kind)) for kind in kinds]

    asking = [kind for kind in kinds if Feature.ASKS in features_of(kind_named("eai-soap"))][:1]
    assert told == again == [kind in asking for kind in kinds]


CLOSES = """
class Adapter:
    def __init__(self, name):
        self.name, self.closed = name, False
    async def close(self):
        self.closed = True
class K:
    name = "slate"
    def open(self, application, codec):
        return Adapter(application.name)
    def options(self):
        return {}
ADAPTER = K()
"""


async def test_who_is_configured_otherwise_is_let_go_in_time(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be under way by an adapter ends before it is closed; others stay open."""
    foreign("slate", CLOSES)
    monkeypatch.setattr("bus.adapter_kinds.LINGER", 0.0)
    rm, wms, gone = (
        Application(name, "X", adapter="slate", timeout=0.2) for name in ("rm", "wms", "gone")
    )
    moved = replace(wms, address="http://elsewhere.example")
    pool = AdapterPool(CODEC)
    stays, *leave = pool(rm), pool(wms), pool(gone)

    other = pool(moved)
    pool.keep(Deployment(2, {"rm": rm, "wms": moved}, ()))
    at_once = [one.closed for one in leave]  # type: ignore[attr-defined]
    async with asyncio.timeout(5):
        while not all(one.closed for one in leave):  # type: ignore[attr-defined]  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(0.02)

    assert at_once == [False, False]
    assert pool(rm) is stays
    assert pool(moved) is other
    assert not stays.closed  # type: ignore[attr-defined]
    pool.keep(Deployment(3, {}, ()))
    await pool.close()
    assert stays.closed  # type: ignore[attr-defined]
    assert other.closed  # type: ignore[attr-defined]


def test_two_packages_of_one_name_are_told(foreign: Foreign) -> None:
    """None of them takes the other's place in silence."""
    foreign("http-xml", package="somebodys-http")

    with pytest.raises(BusFault) as refusal:
        kind_named("http-xml")
    reason = refusal.value.fault.reason("en")
    assert "several packages have that name" in reason
    assert "eai-bus" in reason
    assert "somebodys-http 1.2" in reason


def test_a_kind_that_nobody_installed_is_none() -> None:
    """It is no fault of a package."""
    with pytest.raises(KeyError):
        kind_named("slate")
    assert OptionsByKind().get("slate") is None
