"""The work orders of a simulated SigaMNT: their phases, and their planned and realised inputs.

They live as the manual of the integration says; the texts are this simulator's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from adapters.simulation.eai import layouts
from adapters.simulation.eai.books import Declined, Incoming
from adapters.simulation.eai.work_order import OrderCode, OrderLine, lines_of
from bus.core.envelope import Response, Status

ONLY_BILLED = "A ordem de serviço {id} recebe somente o status de faturada, e não {status}"
NOT_OPEN = "A ordem de serviço {id} está com a situação {phase} e não recebe insumos"

Change = Callable[[], None]
"""Changes the books."""


class Phase(StrEnum):
    """Where a work order stands."""

    PENDING = "Pendente"
    RELEASED = "Liberado"
    FINISHED = "Finalizado"
    CANCELLED = "Cancelado"
    BILLED = "Faturado"


class InputStage(StrEnum):
    """Where an input stands."""

    PLANNED = "previsto"
    REALISED = "realizado"
    REMOVED = "excluído"


@dataclass(frozen=True, slots=True)
class Need:
    """So much of an item from a warehouse, by their ids in Protheus.

    A `service` is done by others; what does not `count` is no cost of the order.
    """

    item: str
    warehouse: str
    quantity: Decimal
    service: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a work order: its requisition and its write-off, by their ids in Protheus.

    What was realised `by_rm` no longer changes here.
    """

    number: int
    need: Need
    stage: InputStage = InputStage.PLANNED
    cost: Decimal = Decimal(0)
    request: str = ""
    write_off: str = ""
    by_rm: bool = False

    @property
    def request_line(self) -> str:
        """The id of its line in its requisition."""
        return f"{self.request}|{self.number}" if self.request else ""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A work order, and its inputs by number."""

    code: str
    id: str
    phase: Phase = Phase.PENDING
    inputs: tuple[Input, ...] = ()

    def input(self, number: int) -> Input:
        """One of them; KeyError where there is none."""
        for one in self.inputs:
            if one.number == number:
                return one
        raise KeyError(number)

    def of(self, stage: InputStage) -> tuple[Input, ...]:
        """Those in a stage."""
        return tuple(one for one in self.inputs if one.stage is stage)

    @property
    def cost(self) -> Decimal:
        """What its realised inputs cost."""
        return sum((one.cost for one in self.of(InputStage.REALISED)), Decimal(0))


@dataclass(frozen=True, slots=True)
class LateRefusal:
    """A message that RM refused when nobody waited any more, and its words."""

    uuid: str
    order: str
    words: str


@dataclass(frozen=True, slots=True)
class Expected:
    """A change that stands until its message is refused; `number` is 0 of the order itself."""

    order: str
    number: int
    undo: Change


@dataclass(slots=True)
class WorkOrders:
    """Implements `ErpBooks` for SigaMNT. `refusals` are what came after the user had gone."""

    refusals: list[LateRefusal] = field(default_factory=list)
    _by_code: dict[str, WorkOrder] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _expected: dict[str, Expected] = field(default_factory=dict)
    _early: dict[str, Response] = field(default_factory=dict)

    def of(self, code: str) -> WorkOrder:
        """The work order of a code; KeyError where there is none."""
        return self._by_code[code]

    def all(self) -> tuple[WorkOrder, ...]:
        """All of them."""
        return tuple(self._by_code.values())

    def put(self, order: WorkOrder) -> None:
        """Keep an order as it is now."""
        self._by_code[order.code] = order

    def move(self, code: str, phase: Phase) -> None:
        """Bring an order to a phase."""
        self.put(replace(self.of(code), phase=phase))

    def put_input(self, code: str, one: Input) -> None:
        """Keep an input as it is now."""
        order = self.of(code)
        others = tuple(old for old in order.inputs if old.number != one.number)
        inputs = tuple(sorted((*others, one), key=lambda each: each.number))
        self.put(replace(order, inputs=inputs))

    def new_number(self, code: str) -> int:
        """The number of an order's next input, which no other gets."""
        highest = max((one.number for one in self.of(code).inputs), default=0)
        self._numbers[code] = max(highest, self._numbers.get(code, 0)) + 1
        return self._numbers[code]

    def expect(self, uuid: str, expected: Expected) -> None:
        """Undo what was done when the answer to that message, maybe here already, says no."""
        self._expected[uuid] = expected
        if uuid in self._early:
            self.hear(self._early.pop(uuid))

    # -- what comes of RM --------------------------------------------------------------------------

    def take(self, arrival: Incoming) -> tuple[str, ...]:
        """Realise the inputs that RM wrote off, or learn that it billed an order."""
        if arrival.transaction == "StockTurnover":
            self._realise(arrival)
        if arrival.transaction == "MaintenanceOrder":
            self._bill(arrival)
        return ()

    def cancel(self, entity: str, id_: str) -> None:
        """RM cancels nothing here."""

    def tell(self, arrival: Incoming) -> str:
        """RM asks nothing here."""
        del arrival
        return ""

    def hear(self, response: Response) -> None:
        """A refusal takes back what was done on the word of its message."""
        uuid = response.received_uuid
        if uuid not in self._expected:
            self._early[uuid] = response
            return
        refused = self._expected.pop(uuid)
        if response.status is Status.ERROR:
            refused.undo()
            self._void(refused)
            self.refusals.append(LateRefusal(uuid, refused.order, words_of(response)))

    # -- how ---------------------------------------------------------------------------------------

    def _void(self, refused: Expected) -> None:
        """What was done to the same input since stood on what is undone."""
        for uuid, later in self._expected.items():
            if (later.order, later.number) == (refused.order, refused.number) != (later.order, 0):
                self._expected[uuid] = replace(later, undo=_nothing)

    def _realise(self, arrival: Incoming) -> None:
        named = arrival.find("MaintenanceOrder", arrival.content.text_at("MainOrderInternalId"))
        order = next((one for one in self.all() if one.id == named), None)
        if order is None:
            return
        if order.phase not in {Phase.RELEASED, Phase.FINISHED}:
            raise Declined(NOT_OPEN.format(id=order.id, phase=order.phase))
        for line in lines_of(arrival, layouts.STOCK_ITEM):
            self.put_input(order.code, self._realised(order.code, arrival.id, line))

    def _realised(self, code: str, write_off: str, line: OrderLine) -> Input:
        """The planned input that a line fulfils, or a new one."""
        planned = self.of(code).of(InputStage.PLANNED)
        asked = (one for one in planned if line.request_line == one.request_line != "")
        old = next(asked, None)
        need = Need(line.item, line.warehouse, line.quantity)
        if old:
            need = replace(old.need, quantity=line.quantity)
        one = old or Input(self.new_number(code), need)
        done = replace(one, need=need, stage=InputStage.REALISED, cost=line.cost)
        return replace(done, write_off=write_off, by_rm=True)

    def _bill(self, arrival: Incoming) -> None:
        status = arrival.content.text_at("Status")
        order = next((one for one in self.all() if one.id == arrival.id), None)
        if order is None:
            return
        if status != OrderCode.BILLED:
            raise Declined(ONLY_BILLED.format(id=order.id, status=status))
        self.move(order.code, Phase.BILLED)


def _nothing() -> None:
    """Undone already."""


def words_of(response: Response | None) -> str:
    """What an answer says in words."""
    return " ".join(note.text for note in response.notes) if response else ""
