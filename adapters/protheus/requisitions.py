"""The requisitions of a simulated SigaMNT: one for each planned input, or one for an order.

Of an order is one where MV_NGMNTAS is 1: a change then stays in the same requisition while RM lets
it change, and makes a new one where RM does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.protheus.conversation import Conversation, item_of
from adapters.protheus.work_orders import Input, InputStage, Need
from adapters.simulation.eai.outgoing import Value
from adapters.simulation.eai.work_order import CancelCode, RequestCode

CHANGEABLE = ("Pendente", "Parcial")
"""How a situation begins in which RM lets a requisition change."""


class Requisitions:
    """A requisition for each planned input: a change cancels it and sends another."""

    def __init__(self, conversation: Conversation) -> None:
        self._rm = conversation

    async def ask_for(self, code: str, one: Input) -> None:
        """Ask RM for a planned input: of the warehouse where it has enough, else of purchasing."""
        _, id_ = self._rm.new("Request")
        await self._send(code, id_, one, replace(one, request=id_))

    async def change(self, code: str, one: Input, need: Need) -> None:
        """Cancel the requisition of an input, then ask anew."""
        await self.cancel(code, one.request)
        again = replace(one, need=need, request="")
        self._rm.orders.put_input(code, again)
        await self.ask_for(code, again)

    async def drop(self, code: str, one: Input) -> None:
        """Cancel the requisition of an input."""
        await self.cancel(code, one.request)

    async def cancel(self, code: str, request: str) -> None:
        """Cancel a requisition, whatever inputs it is for."""
        before = [one for one in self._rm.orders.of(code).inputs if one.request == request]
        after = [replace(one, request="") for one in before]
        out = self._rm.cancellation(request, CancelCode.REQUEST)
        await self._rm.replace(code, out, before, after)

    async def cancel_all(self, code: str) -> None:
        """Cancel every requisition of an order."""
        requests = (one.request for one in self._rm.orders.of(code).inputs)
        for request in dict.fromkeys(filter(None, requests)):
            await self.cancel(code, request)

    async def _send(
        self, code: str, id_: str, before: Input, after: Input, others: Sequence[Input] = ()
    ) -> None:
        """Send a requisition whole: an input of it, beside others that it is for already."""
        held, _ = await self._rm.level(after.need)
        enough = held >= after.need.quantity and not after.need.service
        kind = RequestCode.WAREHOUSE if enough else RequestCode.PURCHASE
        lines = [_line(one) for one in (*others, after)]
        await self._tell(code, id_, {"Type": kind}, lines, before, after)

    async def _tell(  # noqa: PLR0913, PLR0917 - the document, and what it changes
        self,
        code: str,
        id_: str,
        fields: Mapping[str, Value],
        lines: Sequence[Mapping[str, Value]],
        before: Input,
        after: Input,
    ) -> None:
        told: dict[str, Value] = {
            **fields,
            "MainOrderInternalId": self._rm.orders.of(code).id,
            "ListOfRequestItem": {"RequestItem": lines},
        }
        out = self._rm.out("Request", id_.rpartition("|")[2], told)
        await self._rm.replace(code, out, [before], [after])


class JoinedRequisitions(Requisitions):
    """One requisition for the inputs of an order that RM has in stock."""

    async def ask_for(self, code: str, one: Input) -> None:
        """Add an input to the requisition of its order, where that may change; else a new one."""
        others = self._joined(code)
        if not others or one.need.service or not await self._may_change(others[0].request):
            await super().ask_for(code, one)
            return
        joined = replace(one, request=others[0].request)
        await self._send(code, joined.request, one, joined, others)

    async def change(self, code: str, one: Input, need: Need) -> None:
        """Delete the item in one message and add it in the next; a new requisition if need be."""
        request = one.request
        if not await self._may_change(request):
            again = replace(one, need=need, request="")
            self._rm.orders.put_input(code, again)
            await super().ask_for(code, again)
            return
        await self.drop(code, one)
        self._rm.orders.put_input(code, replace(one, stage=InputStage.REMOVED, request=""))
        new = Input(self._rm.orders.new_number(code), need)
        await self._send(code, request, new, replace(new, request=request), self._of(code, request))

    async def drop(self, code: str, one: Input) -> None:
        """Delete the item of an input from its requisition."""
        line: Mapping[str, Value] = {**_line(one), "Event": "delete"}
        kind: dict[str, Value] = {"Type": RequestCode.WAREHOUSE}
        await self._tell(code, one.request, kind, [line], one, replace(one, request=""))

    async def _may_change(self, request: str) -> bool:
        asked: dict[str, Value] = {"RequestInternalId": request, "Type": "000"}
        situation = (await self._rm.ask("TraceabilityRequest", asked)).text_at("Status")
        return situation.startswith(CHANGEABLE)

    def _joined(self, code: str) -> list[Input]:
        """The planned inputs of the newest requisition of an order."""
        planned = [one for one in self._rm.orders.of(code).of(InputStage.PLANNED) if one.request]
        mine = [one for one in planned if not one.need.service]
        newest = max((one.request for one in mine), default="")
        return [one for one in mine if one.request == newest]

    def _of(self, code: str, request: str) -> list[Input]:
        return [one for one in self._rm.orders.of(code).inputs if one.request == request]


def _line(one: Input) -> Mapping[str, Value]:
    return {"InternalId": one.request_line, **item_of(one.need)}
