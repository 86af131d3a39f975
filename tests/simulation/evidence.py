"""The chronicle, looked up: what a check wants to know of a message, a token or a destination."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bus.core.delivery import Kind, State, Step
from bus.core.envelope import DeliveryMode
from bus.core.route import IdentityBasis
from bus.journal.facts import FactRow
from bus.journal.rows import DeliveryRow, MessageRow
from tests.simulation.chronicle import SURE_NO, Call, Chronicle, Fate, Opening, Told
from tests.simulation.texts import fields_of
from tests.simulation.world import World


class Evidence:
    """What the world knows, by what the checks ask for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chronicle: Chronicle = world.chronicle
        kept = world.store.tables.kept
        self.messages: dict[str, MessageRow] = dict(kept.messages)
        self.deliveries: list[DeliveryRow] = list(kept.deliveries.values())
        self.answers = dict(kept.answers)
        self.facts: dict[str, list[FactRow]] = defaultdict(list)
        for fact in kept.facts:
            self.facts[fact.message].append(fact)
        self.copies_by_message: dict[str, list[DeliveryRow]] = defaultdict(list)
        for row in sorted(self.deliveries):
            if row.kind is Kind.COPY:
                self.copies_by_message[row.message].append(row)
        self.copy_calls = [one for one in self.chronicle.calls if one.row.kind is Kind.COPY]
        self.calls_by_message: dict[str, list[Call]] = defaultdict(list)
        for call in self.copy_calls:
            self.calls_by_message[call.row.message].append(call)

    def token(self, message: str) -> str:
        """What stands for the content of a message."""
        return self.messages[message].content_hash

    def was_synchronous(self, token: str) -> bool:
        """Whether a sender ever waited for the answer of a content."""
        return any(
            told.posting.token == token and told.posting.fields["mode"] == DeliveryMode.SYNC
            for told in self.chronicle.told
        )

    def was_read_as_synchronous(self, token: str) -> bool:
        """Whether a content that was read has copies that wait for the OK of one destination."""
        fields = (fields_of(body) for body in self.chronicle.fed if body)
        return any(one["token"] == token and one["mode"] == DeliveryMode.SYNC for one in fields)

    def may_have_reached(self, call: Call | Opening) -> bool:
        """Whether the destination may have processed a call, for all that the bus can know."""
        return call.fate not in SURE_NO and not call.denied

    def processed(self, destination: str, token: str, until: float = float("inf")) -> bool:
        """Whether a destination really did what a content asks for."""
        return any(
            call.destination == destination
            and call.token == token
            and call.processed_at is not None
            and call.processed_at <= until
            for call in self.copy_calls
        )

    def refused(self, destination: str, token: str, until: float) -> bool:
        """Whether a destination really refused a content."""
        return any(
            call.destination == destination
            and call.token == token
            and call.fate is Fate.REFUSED
            and call.began <= until
            for call in self.copy_calls
        )

    def allowed_by_person(self, call: Call | Opening, until: float) -> bool:
        """Whether a person had what a call carried sent again though nobody knew what came of it."""
        messages = {one.message.id for one in self.chronicle.arrivals if one.token == call.token}
        return any(
            act.message in messages
            and call.began <= act.at <= until
            and call.destination in act.doubts
            and act.step in {Step.REPLAY, Step.REFUSE}
            for act in self.chronicle.interventions
        )

    def asked_for_by_person(self, token: str, since: float, until: float) -> bool:
        """Whether a person sent a content again in a span of time."""
        messages = {one.message.id for one in self.chronicle.arrivals if one.token == token}
        return any(
            act.step is Step.REPLAY and act.message in messages and since <= act.at <= until
            for act in self.chronicle.interventions
        ) or any(
            one.again and one.token == token and since <= one.at <= until
            for one in self.chronicle.arrivals
        )

    def posted_beside(self, told: Told, until: float) -> bool:
        """Whether the sender posted a content once more: beside a post that was told, or after it."""
        return any(
            other.posting.token == told.posting.token
            and other is not told
            and other.asked <= until
            and not 0 < other.at < told.asked
            for other in self.chronicle.told
        )

    def touched_by_person(self, message: str, *steps: Step) -> bool:
        """Whether a person took one of those steps on a message."""
        return any(
            act.message == message and act.step in steps for act in self.chronicle.interventions
        )

    def replayed(self, message: str) -> bool:
        """Whether deliveries of a message were sent again, by a person or by a repeat."""
        return any(fact.step == Step.REPLAY for fact in self.facts[message])

    def intent(self, call: Call | Opening) -> str:
        """What must not be done twice: a content, or a message where contents may recur."""
        application = self.world.stage.deployment.applications[
            self.messages[call.row.message].sender
        ]
        by_content = application.identity.basis is IdentityBasis.CONTENT
        return call.row.message if by_content else call.token

    def lanes(self) -> Iterator[tuple[str, list[Call]]]:
        """The calls of each lane, in the order in which the bus began them.

        Left out is what a destination's own response ended while one more try was being made, where
        repeating is safe: nobody can call it back.
        """
        lanes: dict[str, list[Call]] = defaultdict(list)
        for call in sorted(self.chronicle.calls, key=lambda one: (one.began, one.number)):
            ended_meanwhile = call.row.safe and call.row.state is State.DELIVERED
            if call.row.lane and not ended_meanwhile:
                lanes[call.row.lane].append(call)
        yield from lanes.items()


def names(rows: Iterable[DeliveryRow]) -> str:
    """Deliveries as a reader names them."""
    return ", ".join(f"{row.message}/{row.number} {row.state}" for row in rows)
