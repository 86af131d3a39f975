"""What destinations return, held to the contract: a complaint at most, the effect exists (S4)."""

from __future__ import annotations

from bus.core.contract import Contract
from bus.core.errors import Fault
from bus.core.plan import strictness_of
from bus.core.route import Strictness
from bus.core.text import Details
from bus.engine.translate import Prepared
from bus.journal.rows import DeliveryRow
from bus.ports.codec import DestinationAnswer, Document
from bus.ports.ports import Ports


class Returned:
    """Finds what the answers of destinations have wrong. It decides nothing and raises nothing."""

    def __init__(self, ports: Ports) -> None:
        self._contracts = ports.contracts
        self._deployment = ports.deployment
        self._observer = ports.observer

    async def complaints(
        self,
        delivery: DeliveryRow,
        prepared: Prepared,
        returned: Document | DestinationAnswer | None,
    ) -> tuple[Fault, ...]:
        """What is wrong in what came back, by the contract at the version that was sent.

        Nothing where there is no contract, or where the routes check nothing.
        """
        contract = prepared.there or prepared.contract
        if returned is None or contract is None or self._unchecked(delivery, contract):
            return ()
        try:
            found = await self._contracts.complaints(contract, returned)
        except Exception as error:  # noqa: BLE001 - whatever it is, it changes no outcome
            self._observer.troubled("an answer could not be checked", error)
            return ()
        return tuple(_complaint(one, delivery, contract) for one in found)

    def _unchecked(self, delivery: DeliveryRow, contract: Contract) -> bool:
        deployment = self._deployment()
        found = (deployment.route(name) for name in delivery.rule.split(","))
        routes = [route for route in found if route]
        return not routes or strictness_of(routes, contract) is Strictness.OFF


def _complaint(wrong: Fault, delivery: DeliveryRow, contract: Contract) -> Fault:
    details: Details = {
        "application": delivery.destination,
        "contract": contract.name,
        "problem": wrong.problem,
    }
    return Fault("ANSWER_DIFFERS", wrong.path, wrong.line, details)
