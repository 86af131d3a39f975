"""Foresee: which of several messages would be refused, before the first of them is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from bus.core.envelope import MessageType
from bus.core.identity import RepeatVerdict, identity_of
from bus.core.subject import document_key
from bus.engine.accept import UNPROCESSABLE
from bus.engine.examine import Examined, Examiner
from bus.engine.post import Post
from bus.journal.repeats import REPEATS, judged
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.ports import Ports


class Foresight:
    """Says what the journal would say of messages; what comes meanwhile is not foreseen."""

    def __init__(self, ports: Ports) -> None:
        self._examiner = Examiner(ports.codec, ports.contracts, ports.deployment)
        self._history = ports.history
        self._clock = ports.clock

    async def refuses(self, posts: Sequence[Post]) -> list[bool]:
        """Whether each would be refused, for itself or by what came under its identity."""
        examined = [await self._examiner.examine(one, self._clock.new_id()) for one in posts]
        uuids = {one.envelope.header.uuid for one in examined if one.document}
        known = await self._history.standings(uuids - {""})
        pairs = zip(posts, examined, strict=True)
        return [_is_refused(post, one, known) for post, one in pairs]


def _is_refused(
    post: Post,
    examined: Examined,
    known: Sequence[tuple[MessageRow, tuple[DeliveryRow, ...]]],
) -> bool:
    document = examined.document
    if not document or document.envelope.header.type is not MessageType.BUSINESS:
        return bool(examined.faults)
    header, subject = document.envelope.header, examined.subject
    own = document_key(post.sender, document.envelope, subject)
    key = identity_of(post.sender, header, own, document.content_hash).key
    verdicts = (
        judged(row, _copies(row, deliveries), document.content_hash)
        for row, deliveries in known
        if row.identity == key
    )
    verdict = next(verdicts, None)  # by the newest: it has the identity
    if examined.faults:
        return examined.faults[0].status != UNPROCESSABLE or verdict not in REPEATS
    return verdict is RepeatVerdict.CONFLICT


def _copies(row: MessageRow, deliveries: Sequence[DeliveryRow]) -> list[DeliveryRow]:
    return [one for one in deliveries if one.number <= row.planned]
