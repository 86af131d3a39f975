"""What an adapter reads of its application's configuration, and what may be wrong with it."""

from __future__ import annotations

from bus.core.errors import BusFault, Fault
from bus.core.route import Application
from bus.core.text import Text, same

LARGEST_PAGE = 500
PAGE = Text(
    f"Registros por página do que se lê, {LARGEST_PAGE} no máximo; 100, se não for dito.",
    f"Records a page of what is read, {LARGEST_PAGE} at most; 100 where it is not given.",
)
"""What the option `page` of an application that is read says."""


def page_size(application: Application) -> int:
    """Records a page of what is read: its option `page`, else 100; BusFault."""
    text = application.options.get("page", "100")
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE:
        return int(text)
    hint = Text(f"Use 1 … {LARGEST_PAGE}.", f"Use 1 … {LARGEST_PAGE}.")
    raise mistake(application, "options.page", text, hint)


def connect_timeout(application: Application, usual: float) -> float:
    """Seconds that connecting may take: its option `connect_timeout`, else the usual; BusFault."""
    text = application.options.get("connect_timeout", str(usual))
    hint = Text("Indique segundos, por exemplo 5.", "Give seconds, such as 5.")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise mistake(application, "options.connect_timeout", text, hint)
    return seconds


def doubt(application: Application, key: str, problem: Text, hint: Text) -> Fault:
    """What a key of an application's configuration may say, but hardly means."""
    path = f"applications.{application.name}.{key}"
    return Fault("CONFIGURATION_INVALID", path, details={"problem": problem, "hint": hint})


def mistake(application: Application, key: str, problem: str | Text, hint: Text) -> BusFault:
    """What is wrong with a key of an application's configuration: its value, or in words."""
    said = problem if isinstance(problem, Text) else same(problem)
    if isinstance(problem, str) and key.startswith("options."):
        said = Text(f"“{problem}” não serve", f"“{problem}” will not do")
    return BusFault(doubt(application, key, said, hint))
