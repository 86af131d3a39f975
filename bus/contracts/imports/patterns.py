"""How hard a pattern of an XSD may be to match: some compile at once and then never end."""

from __future__ import annotations

import re

HEAVIEST = 1_000_000
"""The most that repetitions within repetitions may come to."""

_MANY = 1_000
"""What a repetition without an end counts for."""
_LONGEST = 4_096
_TOKEN = re.compile(
    r"\\.|\[(?:\\.|[^\]\\])*\]"  # an escape, a class of characters
    r"|(?P<open>\()|(?P<close>\))|(?P<or>\|)"
    r"|(?P<times>[*+?]|\{\s*(?P<least>\d+)\s*(?P<range>,\s*(?P<most>\d*))?\s*\})|.",
    re.DOTALL,
)


def is_heavy(pattern: str) -> bool:
    """Whether matching it may take for ever, as `(a+)+` or `((a{1,900}){1,900}){1,900}` may."""
    if len(pattern) > _LONGEST:
        return True
    # Of each group that is open: the heaviest part so far, and the part just read.
    groups = [[1, 1]]
    for token in _TOKEN.finditer(pattern):
        if token["open"]:
            groups.append([1, 1])
        elif token["close"] and len(groups) > 1:
            inside = max(groups.pop())
            groups[-1] = [max(groups[-1]), inside]
        elif token["times"]:
            groups[-1][1] *= _most(token)
        else:
            groups[-1] = [max(groups[-1]), 1]
    return max(map(max, groups)) >= HEAVIEST


def _most(token: re.Match[str]) -> int:
    if token["times"] == "?":
        return 1
    if token["least"] is None or (token["range"] and not token["most"]):
        return _MANY
    return max(int((token["most"] or token["least"])[:9]), 1)
