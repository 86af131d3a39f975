"""What a product can hold of messages, as `bus adapters products` shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bus.core.text import Language
from bus.edge.words.adapters import say

if TYPE_CHECKING:
    from bus.core.limits import Limit
    from bus.core.profile import Profile


def told(profile: Profile, language: Language) -> list[str]:
    """A line for each limit of an element, then how many of a thing, then what is left out."""
    lines = [
        f"{name} {limit.path}: {'; '.join(_words(limit, language))}"
        for name, limits in sorted(profile.limits.items())
        for limit in limits
    ]
    holds = sorted(profile.holds.items())
    lines += [say("at_most", language, entity=name, count=most) for name, most in holds]
    if profile.one_company_group:
        lines.append(say("one_company_group", language))
    if profile.lost_characters:
        codes = ", ".join(f"U+{ord(one):04X}" for one in profile.lost_characters)
        lines.append(say("lost_characters", language, characters=codes))
    return lines


def as_json(profile: Profile) -> dict[str, object]:
    """The same for programs."""
    return {
        "limits": {
            name: [
                {
                    "path": limit.path,
                    "longest": limit.longest,
                    "most": limit.most,
                    "among": list(limit.among),
                    "ignored": limit.ignored,
                }
                for limit in limits
            ]
            for name, limits in profile.limits.items()
        },
        "holds": dict(profile.holds),
        "one_company_group": profile.one_company_group,
        "lost_characters": list(profile.lost_characters),
    }


def _words(limit: Limit, language: Language) -> Iterator[str]:
    if limit.longest:
        yield say("longest_value", language, count=limit.longest)
    if limit.most:
        yield say("most_elements", language, count=limit.most)
    if limit.among:
        yield say("only_values", language, known=", ".join(limit.among))
    if limit.ignored:
        yield say("not_kept", language)
