"""Secrets come from the environment or from files, and are seen nowhere else."""

import traceback
from pathlib import Path

import pytest

from bus.config.secret import PRINTED, Hidden
from bus.core.errors import BusFault, Fault
from tests.config.conftest import ENVIRONMENT, Load, Refuse

SECRET = ENVIRONMENT["RM_PASSWORD"]
FILE = """
applications:
  rm:
    product: RM
    adapter: http-xml
    address: http://rm.example
    login: {user: rm, password: LOGIN}
    credentials: {user: other, password: CREDENTIALS}
    options: {api_token: OPTION}
routes: {}
"""


def written(
    login: str = "{env: RM_PASSWORD}",
    credentials: str = "{env: RM_PASSWORD}",
    option: str = "{env: RM_PASSWORD}",
) -> str:
    """A file with these references."""
    text = FILE.replace("LOGIN", login).replace("CREDENTIALS", credentials)
    return text.replace("OPTION", option)


def told(faults: tuple[Fault, ...]) -> list[tuple[int, str, str]]:
    """Line, key and kind of each fault."""
    return [(fault.line, fault.path, fault.detail("kind")) for fault in faults]


def test_a_resolved_secret_is_used_but_not_shown(load: Load) -> None:
    """The values hold the secret; their repr, and the text to be recorded, do not."""
    loaded = load(written())
    rm = loaded.deployment.applications["rm"]

    assert rm.login is not None
    assert rm.credentials is not None
    assert rm.login.password == rm.credentials.password == rm.options["api_token"] == SECRET
    assert SECRET not in repr(loaded)
    assert SECRET not in loaded.text
    assert repr(Hidden(SECRET)) == "'***'"


def test_a_secret_in_the_file_is_refused_and_not_repeated(refuse: Refuse) -> None:
    """An inline password is refused with a remedy, in login, credentials, options and address."""
    text = written("hunter2-a", "'hunter2-b'", "hunter2-c").replace("//rm.", "//bus:hunter2-d@rm.")

    faults = refuse(text)

    assert told(faults) == [
        (6, "applications.rm.address", "inline_secret"),
        (7, "applications.rm.login.password", "inline_secret"),
        (8, "applications.rm.credentials.password", "inline_secret"),
        (9, "applications.rm.options.api_token", "inline_secret"),
    ]
    assert "{env: NAME}" in faults[0].remedy("en")
    assert "hunter2" not in repr(faults)


def test_a_copy_of_a_secret_in_a_comment_is_found(refuse: Refuse) -> None:
    """The text is recorded for ever: a password in a comment is a mistake, at its line."""
    faults = refuse(
        f"# the password is {SECRET}\n" + written(credentials="{env: PROTHEUS_PASSWORD}")
    )

    assert told(faults)[0] == (1, "applications.rm.login.password", "copied_secret")
    assert SECRET not in repr(faults)


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("{env: RM_PASSWORT}", "secret_unset"),
        ("{file: nowhere.secret}", "secret_unreadable"),
        ("{file: .}", "secret_unreadable"),
        ("{file: latin.secret}", "secret_not_utf8"),
        ("{file: short.secret}", "secret_short"),
        ("{file: lines.secret}", "secret_control"),
        ("{file: empty.secret}", "secret_empty"),
        ("{env: RM_PASSWORD, file: x}", "secret_form"),
        ("{}", "secret_form"),
        ("[x]", "secret_form"),
        ("{env: [x]}", "secret_form"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told(
    refuse: Refuse, tmp_path: Path, reference: str, kind: str
) -> None:
    """An unset variable, a missing file and an unknown form are mistakes at their place."""
    (tmp_path / "latin.secret").write_bytes("não".encode("latin-1"))
    (tmp_path / "empty.secret").write_text("\n")
    (tmp_path / "short.secret").write_text("x\n")
    (tmp_path / "lines.secret").write_text("first-line\nsecond-line\n")

    (fault,) = refuse(written(login=reference))

    assert (fault.line, fault.details["kind"]) == (7, kind)
    assert fault.path == "applications.rm.login.password"
    if kind == "secret_unset":
        assert fault.details["nearest"] == "RM_PASSWORD"


@pytest.mark.parametrize("password", sorted({*PRINTED, "MESTRE", "Totvs", "rm", "RM"}))
def test_a_password_that_manuals_print_is_refused(
    refuse: Refuse, tmp_path: Path, password: str
) -> None:
    """What anybody would try first opens nothing here, nor is it presented to an application."""
    (tmp_path / "s").write_text(password)
    text = written(login="{file: s}", credentials="{file: s}").replace("user: other", "user: rm")

    kinds = {fault.detail("kind") for fault in refuse(text)}

    assert kinds <= {"secret_known", "copied_secret"}
    assert "secret_known" in kinds


def test_no_traceback_shows_a_secret(load: Load) -> None:
    """Not even the traceback of a refused file holds what a secret was resolved to."""
    with pytest.raises(BusFault) as caught:
        load(written() + "rotas: {}\n")

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=False)
    assert SECRET not in "".join(shown.format())
    assert SECRET not in repr(caught.value)


@pytest.mark.parametrize(
    ("before", "after"), [("\ufeff", ""), ("", "\n"), ("", "\r\n"), ("\ufeff", "\n\n")]
)
@pytest.mark.parametrize("form", ["env", "file"])
def test_what_an_editor_adds_to_a_secret_is_taken_off(  # noqa: PLR0913, PLR0917 - the combinations
    load: Load,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    after: str,
    form: str,
) -> None:
    """A byte order mark and the end of the line, whether it is kept in a file or a variable."""
    whole = f"{before}correct-staple{after}"
    (tmp_path / "login.secret").write_bytes(whole.encode())
    monkeypatch.setitem(ENVIRONMENT, "OTHER_LOGIN", whole)
    reference = "{env: OTHER_LOGIN}" if form == "env" else "{file: login.secret}"

    login = load(written(login=reference)).deployment.applications["rm"].login

    assert login is not None
    assert login.password == "correct-staple"
