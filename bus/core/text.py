"""What people read, in every language that the bus speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["pt", "en"]

Details = Mapping[str, "str | Text"]
"""What fills a text, by name: the same in each language, or a text of its own."""

NO_DETAILS: Details = {}


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Portuguese and English; where it is a template, with `{names}` to fill."""

    pt: str
    en: str

    def told(self, language: Language) -> str:
        """Itself in a language, as it is."""
        return self.pt if language == "pt" else self.en

    def filled(self, details: Mapping[str, object] = NO_DETAILS, /, **more: object) -> Text:
        """With details in place of their names; one that is a Text itself, in each language."""
        known = {**details, **more} if more else details
        return Text(
            self.pt.format_map(_InLanguage(known, "pt")),
            self.en.format_map(_InLanguage(known, "en")),
        )

    def as_dict(self) -> dict[Language, str]:
        """Itself by language, as JSON has it."""
        return {"pt": self.pt, "en": self.en}


NOTHING = Text("", "")
"""No words."""


def same(words: str) -> Text:
    """Words that no language changes: a name, a sign, or what another program said."""
    return Text(words, words)


def visible(text: str) -> str:
    """A text from outside that a terminal or a log shows as it is, and never obeys.

    Control characters (C0, DEL and C1, line ends too), and those that turn lines around, are
    spelt out.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else f"[U+{ord(each):04X}]" for each in text)


class _InLanguage:
    """Details in one language."""

    def __init__(self, details: Mapping[str, object], language: Language) -> None:
        self._details = details
        self._language = language

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - what a template may show
        detail = self._details[name]
        return detail.told(self._language) if isinstance(detail, Text) else detail
