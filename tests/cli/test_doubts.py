"""`bus routes check` warns of what Omie and Keepfy applications hardly mean."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Place

APP = """  {name}:
    product: OMIE
    adapter: omie
    address: https://app.omie.example/api/v1/
    login: {{user: {name}, password: {{file: password}}}}
    credentials: {{user: "{name}", password: {{file: password}}}}
    read_every: 1m
    takes_answers: false
    options: {{reads: "Item, CustomerVendor", category: "2.01.03"}}
"""
BRANCH = """  {name}:
    product: KEEPFY
    adapter: keepfy
    address: https://keepfy.example/messages
    login: {{user: {name}, password: {{file: password}}}}
    credentials: {{user: access, password: {{file: password}}}}
    takes_answers: false
    options: {{branch: {name}}}
"""
RULES = """routes:
  orders: {transactions: [Request], from: k1, to: [o1]}
sharing:
  grupo:
    origin: o1
    destinations: [o2]
    entities: [Item, CustomerVendor]
    permissions: {o1: [include, edit]}
"""
APPS = "".join(APP.format(name=name) for name in ("o1", "o2"))
BRANCHES = "".join(BRANCH.format(name=name) for name in ("k1", "k2"))
FILE = f"applications:\n{APPS}{BRANCHES}{RULES}"
CATEGORY = ', category: "2.01.03"'
LOGIN = "    login: {user: o2, password: {file: password}}\n"
DOUBTS = [
    ("branch: k2", "branch: k1", "k2.options.branch", "k1 has the same address"),
    (CATEGORY, "", "o1.options.category", "route orders brings it Request"),
    (LOGIN, "", "o2.login", "no webhook"),
    ("Item, CustomerVendor", "Item", "o1.options.reads", "shares CustomerVendor"),
]


O2 = APP.format(name="o2")
K2 = BRANCH.format(name="k2")
MEANT = [
    ("", ""),
    (O2, O2.replace(CATEGORY, "")),
    (O2, O2.replace("Item, CustomerVendor", "Item")),
    (O2, O2.replace("    read_every: 1m\n", "").replace(LOGIN, "")),
    (K2, K2.replace("branch: k2", "branch: k1").replace("user: access", "user: another")),
    (K2, K2.replace("branch: k2", "branch: k1").replace("keepfy.example", "test.example")),
]


@pytest.mark.parametrize(("was", "becomes"), MEANT)
def test_what_is_meant_is_no_doubt(place: Place, was: str, becomes: str) -> None:
    """Who is sent no requisition, may change nothing, is not read, or is another's branch."""
    place.file("password", b"only-in-tests")
    assert was in FILE
    file = place.file("routes.yaml", FILE.replace(was, becomes, 1).encode())

    (told,) = place.json("routes", "check", file)

    assert (told["errors"], told["warnings"]) == ([], [])


@pytest.mark.parametrize(("was", "becomes", "key", "words"), DOUBTS)
def test_what_is_hardly_meant_is_told_with_its_line_and_a_remedy(
    place: Place, was: str, becomes: str, key: str, words: str
) -> None:
    """At the key, else at the nearest one above it; the file is right all the same."""
    place.file("password", b"only-in-tests")
    text = FILE.replace(was, becomes, 1)
    file = place.file("routes.yaml", text.encode())

    told = place.bus("routes", "check", file, "--language", "en")
    (as_json,) = place.json("routes", "check", file)
    (warning,) = as_json["warnings"]

    assert told.exit_code == 0
    assert f"{file}:{warning['line']}: applications.{key}: " in told.stdout
    assert words in told.stdout
    name, _, at = key.partition(".")
    first = name if at == "login" else at.partition(".")[0]
    begins = text.index(f"  {name}:\n")
    assert warning["line"] == text[: text.index(f"{first}:", begins)].count("\n") + 1
    assert "\n    → " in told.stdout
