"""What the users of a simulated SigaMNT do to work orders, and what it sends to RM because of it.

    users = Sigamnt(protheus)
    await users.open("000123", Need("01| |FLT", "01|01|01", Decimal(2)))
    await users.release("000123")

How each message is waited for is in `conversation`, what is asked of RM for planned inputs in
`requisitions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from adapters.protheus.conversation import Conversation, Post, Refused, item_of
from adapters.protheus.requisitions import JoinedRequisitions, Requisitions
from adapters.protheus.simulator import ProtheusSimulator
from adapters.protheus.work_orders import (
    Change,
    Expected,
    Input,
    InputStage,
    Need,
    Phase,
    WorkOrder,
)
from adapters.simulation.eai.outgoing import Value
from adapters.simulation.eai.work_order import CancelCode, OrderCode
from bus.core.envelope import DeliveryMode

WRONG_PHASE = "A ordem de serviço {code} está com a situação {phase}: esta ação não é permitida"
BY_RM = "O insumo {number} foi baixado pelo BackOffice e não pode ser alterado"
BY_OTHERS = "O insumo {number} é um serviço de terceiros e só pode ser alterado no BackOffice"
SHORT = "Não há saldo do produto {item} no local de estoque {warehouse}: {held}"
WRONG_STAGE = "O insumo {number} está {stage}: esta ação não é permitida"


@dataclass(frozen=True, slots=True)
class Parameters:
    """How a SigaMNT is set up.

    `whole_service` is the item that stands for all costs when an order is finished; `may_lack`
    takes inputs that RM has no stock of; `joins` makes one requisition of an order's inputs
    (MV_NGMNTAS = 1).
    """

    whole_service: str = ""
    may_lack: bool = False
    joins: bool = False


USUAL = Parameters()


class Sigamnt:
    """Acts in a Protheus, in one mode."""

    def __init__(
        self,
        protheus: ProtheusSimulator,
        mode: DeliveryMode = DeliveryMode.SYNC,
        post: Post | None = None,
        parameters: Parameters = USUAL,
    ) -> None:
        self._protheus = protheus
        self._parameters = parameters
        self._orders = protheus.work_orders
        self._rm = Conversation(protheus, mode, post)
        self._requisitions = (JoinedRequisitions if parameters.joins else Requisitions)(self._rm)

    # -- the order ---------------------------------------------------------------------------------

    async def open(self, code: str, *needs: Need, released: bool = False) -> None:
        """Register an order with planned inputs; pending, it sends nothing."""
        self._protheus.erp.insert("MaintenanceOrder", code, {"Number": code})
        id_ = self._protheus.erp.id_of("MaintenanceOrder", code)
        inputs = tuple(Input(number, need) for number, need in enumerate(needs, start=1))
        self._orders.put(WorkOrder(code, id_, inputs=inputs))
        if released:
            await self.release(code)

    async def confirm_plan(self, *codes: str) -> None:
        """The orders that a maintenance plan made: each is released."""
        for code in codes:
            await self.open(code, released=True)

    async def release(self, code: str) -> None:
        """Send the order without items, then the requisitions of its planned inputs."""
        self._in(code, Phase.PENDING)
        await self._move(code, Phase.RELEASED, OrderCode.RELEASED)
        for one in self._orders.of(code).of(InputStage.PLANNED):
            await self._requisitions.ask_for(code, one)

    async def finish(self, code: str) -> None:
        """Send the status with the realised items that count as cost of the order."""
        order = self._in(code, Phase.RELEASED)
        counting = [one for one in order.of(InputStage.REALISED) if one.need.counts]
        items = [self._order_item(one) for one in counting]
        if self._parameters.whole_service and counting:
            items = [self._service_item(order, counting)]
        listed: dict[str, Value] = {"MaintenanceOrderItem": items}
        fields: dict[str, Value] = {"ListOfMaintenanceOrderItem": listed} if items else {}
        await self._move(code, Phase.FINISHED, OrderCode.FINISHED, fields)

    async def reopen(self, code: str) -> None:
        """Send the status; RM reopens its movement."""
        self._in(code, Phase.FINISHED)
        await self._move(code, Phase.RELEASED, OrderCode.RELEASED)

    async def cancel(self, code: str) -> None:
        """Reverse write-offs, then requisitions, then cancel the order."""
        order = self._in(code, Phase.PENDING, Phase.RELEASED)
        if order.phase is Phase.PENDING:
            self._orders.move(code, Phase.CANCELLED)
            return
        realised = order.of(InputStage.REALISED)
        for one in realised:
            _refuse_changes(one)
        for one in realised:
            await self._reverse(code, one)
        await self._requisitions.cancel_all(code)
        fields: dict[str, Value] = {
            "InternalId": order.id,
            "MaintenanceOrderInternalId": order.id,
            "CancelDate": "2026-01-31T12:00:00",
        }
        out = self._rm.out("CancelMaintenanceOrder", code, fields)
        await self._rm.tell(out, *self._between(code, order.phase, Phase.CANCELLED))

    # -- its inputs --------------------------------------------------------------------------------

    async def plan(self, code: str, need: Need) -> int:
        """Plan one more input; its number. A released order sends its requisition."""
        order = self._in(code, Phase.PENDING, Phase.RELEASED)
        one = Input(self._orders.new_number(code), need)
        self._orders.put_input(code, one)
        if order.phase is Phase.RELEASED:
            await self._requisitions.ask_for(code, one)
        return one.number

    async def realise(self, code: str, need: Need) -> int:
        """Realise an input that was not planned; its number."""
        self._in(code, Phase.RELEASED)
        number = self._orders.new_number(code)
        await self._write_off(code, Input(number, need, InputStage.REMOVED))
        return number

    async def realise_planned(self, code: str, number: int) -> None:
        """Realise an input that was planned."""
        one = self._in(code, Phase.RELEASED).input(number)
        if one.stage is not InputStage.PLANNED:
            raise Refused(WRONG_STAGE.format(number=number, stage=one.stage))
        _refuse_changes(one)
        await self._write_off(code, one)

    async def change(self, code: str, number: int, quantity: Decimal) -> None:
        """Another quantity of an input: what it caused is reversed, then caused anew."""
        one = self._changeable(code, number)
        need = replace(one.need, quantity=quantity)
        if one.stage is InputStage.REALISED:
            await self._reverse(code, one)
            await self._write_off(code, replace(self._orders.of(code).input(number), need=need))
        elif one.request:
            await self._requisitions.change(code, one, need)
        else:
            self._orders.put_input(code, replace(one, need=need))

    async def remove(self, code: str, number: int) -> None:
        """Take an input out: what it caused is reversed."""
        one = self._changeable(code, number)
        if one.stage is InputStage.REALISED:
            await self._reverse(code, one)
        if one.request:
            await self._requisitions.drop(code, self._orders.of(code).input(number))
        gone = replace(self._orders.of(code).input(number), stage=InputStage.REMOVED)
        self._orders.put_input(code, gone)

    # -- how ---------------------------------------------------------------------------------------

    def _in(self, code: str, *phases: Phase) -> WorkOrder:
        order = self._orders.of(code)
        if order.phase not in phases:
            raise Refused(WRONG_PHASE.format(code=code, phase=order.phase))
        return order

    def _changeable(self, code: str, number: int) -> Input:
        one = self._in(code, Phase.PENDING, Phase.RELEASED).input(number)
        _refuse_changes(one)
        return one

    async def _move(
        self, code: str, phase: Phase, status: OrderCode, fields: Mapping[str, Value] | None = None
    ) -> None:
        """Tell RM the new status of an order, and what goes with it."""
        before = self._orders.of(code).phase
        told: dict[str, Value] = {"Number": code, "Status": status, **(fields or {})}
        out = self._rm.out("MaintenanceOrder", code, told)
        await self._rm.tell(out, *self._between(code, before, phase))

    def _between(self, code: str, before: Phase, after: Phase) -> tuple[Change, Expected]:
        """The change of an order's phase, and what undoes it."""
        undo = Expected(code, 0, lambda: self._orders.move(code, before))
        return lambda: self._orders.move(code, after), undo

    async def _write_off(self, code: str, one: Input) -> None:
        """Have RM write an input off, which has enough of it."""
        held, unit_cost = await self._rm.level(one.need)
        if held < one.need.quantity and not self._parameters.may_lack:
            item, warehouse = one.need.item, one.need.warehouse
            raise Refused(SHORT.format(item=item, warehouse=warehouse, held=held))
        number, id_ = self._rm.new("StockTurnover")
        cost = unit_cost * one.need.quantity
        line: dict[str, Value] = {
            "InternalId": f"{id_}|1",
            **item_of(one.need, cost),
            **({"RequestItemInternalId": one.request_line} if one.request else {}),
            "BinLocation": "",
        }
        fields: dict[str, Value] = {
            "DocumentType": "000",
            "MainOrderInternalId": self._orders.of(code).id,
            "ListOfStockTurnoverItem": {"StockTurnoverItem": [line]},
        }
        done = replace(one, stage=InputStage.REALISED, cost=cost, write_off=id_)
        out = self._rm.out("StockTurnover", number, fields)
        await self._rm.replace(code, out, [one], [done])

    async def _reverse(self, code: str, one: Input) -> None:
        """Cancel the write-off of an input, which is planned again where it was so before."""
        stage = InputStage.PLANNED if one.request else InputStage.REMOVED
        out = self._rm.cancellation(one.write_off, CancelCode.WRITE_OFF)
        back = replace(one, stage=stage, cost=Decimal(0), write_off="")
        await self._rm.replace(code, out, [one], [back])

    def _order_item(self, one: Input) -> Mapping[str, Value]:
        return {"InternalId": f"{one.write_off}|{one.number}", **item_of(one.need, one.cost)}

    def _service_item(self, order: WorkOrder, counting: list[Input]) -> Mapping[str, Value]:
        """One service, instead of the items, with all that they cost."""
        total = sum((one.cost for one in counting), Decimal(0))
        need = Need(self._parameters.whole_service, counting[0].need.warehouse, Decimal(1))
        return {"InternalId": f"{order.id}|1", **item_of(need, total)}


def _refuse_changes(one: Input) -> None:
    if one.by_rm:
        raise Refused(BY_RM.format(number=one.number))
    if one.need.service:
        raise Refused(BY_OTHERS.format(number=one.number))
