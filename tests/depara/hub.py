"""A hub in dictionaries, for tests of the model alone."""

from collections.abc import Sequence

from depara.model import Key, Member, PairRow


class DictHub:
    """The open rows, and those that were closed."""

    def __init__(self) -> None:
        self.rows: dict[int, PairRow] = {}
        self.closed: list[PairRow] = []
        self._last = 0

    def find(self, key: Key) -> PairRow | None:
        """The open row of a key."""
        return next((row for row in self.rows.values() if row.key == key), None)

    def members(self, identity: int) -> Sequence[PairRow]:
        """The open rows of an identity."""
        return [row for row in self.rows.values() if row.identity == identity]

    def open(self, member: Member, identity: int, source: str) -> PairRow:
        """Add a row."""
        assert self.find(member.key) is None, "a key has one open row"
        self._last += 1
        identity = identity or self._last
        row = PairRow(self._last, identity, *member.key, member.qualifier, 1, 0, source, 1, 0)
        self.rows[row.number] = row
        return row

    def close(self, row: PairRow) -> None:
        """End a row."""
        del self.rows[row.number]
        self.closed.append(row._replace(until=2))

    def ids(self, key: Key) -> set[str]:
        """What a thing is called, as `application:id` or `application:id qualifier`."""
        row = self.find(key)
        rows = self.members(row.identity) if row else []
        return {f"{one.application}:{one.id} {one.qualifier}".rstrip() for one in rows}
