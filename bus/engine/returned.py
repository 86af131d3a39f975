"""What destinations return, held to the contract: a complaint at most, the effect exists (S4)."""

from __future__ import annotations

from dataclasses import replace

from bus.core.contract import Contract
from bus.core.envelope import Response, Status
from bus.core.errors import Fault
from bus.core.odd_answers import Oddity, lacks_id, of_ids, of_transaction, without_id
from bus.core.plan import strictness_of
from bus.core.route import Strictness
from bus.core.text import NOTHING, Details
from bus.engine.translate import Prepared, Translator
from bus.journal.rows import DeliveryRow
from bus.ports.codec import DestinationAnswer, Document
from bus.ports.contracts import FEW
from bus.ports.ports import Ports


class Returned:
    """Finds what the answers of destinations have wrong. It decides nothing and raises nothing."""

    def __init__(self, ports: Ports, translator: Translator) -> None:
        self._translator = translator
        self._contracts = ports.contracts
        self._deployment = ports.deployment
        self._observer = ports.observer

    async def complaints(
        self,
        delivery: DeliveryRow,
        prepared: Prepared,
        returned: Document | DestinationAnswer | None,
        response: Response | None,
        transaction: str = "",
    ) -> tuple[Fault, ...]:
        """What is wrong in what came back, by the contract at the version and the ids as sent.

        `response` is what it says, None where an adapter told that in another way than by a
        message; `transaction` the one that its header names. Nothing is wrong where there is no
        contract, or where the routes check nothing.
        """
        contract = prepared.there or prepared.contract
        if returned is None or contract is None or self._unchecked(delivery, contract):
            return ()
        try:
            found = await self._contracts.complaints(contract, returned)
            odd = await self._oddities(prepared, contract, response, transaction)
        except Exception as error:  # noqa: BLE001 - whatever it is, it changes no outcome
            self._observer.troubled("an answer could not be checked", error)
            return ()
        differing = (_complaint(one, delivery, contract) for one in found)
        unlikely = (_unlikely(one, delivery, contract) for one in odd)
        return (*differing, *unlikely)[:FEW]

    async def _oddities(
        self,
        prepared: Prepared,
        contract: Contract,
        response: Response | None,
        transaction: str,
    ) -> tuple[Oddity, ...]:
        """What no XSD tells: of another transaction, of ids that were never sent, without an id."""
        if response is None:
            return ()
        odd = tuple(of_transaction(contract, transaction))
        taught = self._translator.taught(prepared)
        if taught is None or response.status is not Status.OK:
            return odd
        if lacks_id(taught, contract, response.ids):
            known = await self._translator.knows_own(prepared)
            return odd if known else (*odd, without_id(taught))
        return (*odd, *of_ids(taught, response.ids))

    def _unchecked(self, delivery: DeliveryRow, contract: Contract) -> bool:
        deployment = self._deployment()
        found = (deployment.route(name) for name in delivery.rule.split(","))
        routes = [route for route in found if route]
        return not routes or strictness_of(routes, contract) is Strictness.OFF


def _unlikely(odd: Oddity, delivery: DeliveryRow, contract: Contract) -> Fault:
    follows: Details = {} if odd.follows is NOTHING else {"follows": odd.follows}
    fault = _complaint(Fault("ANSWER_DIFFERS", odd.path), delivery, contract)
    return replace(fault, details={**fault.details, "problem": odd.problem, **follows})


def _complaint(wrong: Fault, delivery: DeliveryRow, contract: Contract) -> Fault:
    details: Details = {
        "application": delivery.destination,
        "contract": contract.name,
        "problem": wrong.problem,
    }
    return Fault("ANSWER_DIFFERS", wrong.path, wrong.line, details)
