"""What every simulated ERP is held to, by the adapter that the bus uses.

A test subclasses `SimulatedErpSuite` and gives the fixtures `erp`, and `sender`, whose messages it
takes.
"""

from __future__ import annotations

import aiohttp
import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.eai.entities import ErpProduct
from adapters.simulation.eai.simulator import EaiSimulator
from bus.contracts.registry import Registry
from bus.core.outcome import Outcome
from bus.ports.codec import Codec
from bus.testing.conversations import CONVERSATIONS
from tests.support.erp_messages import (
    delete,
    deliver,
    destinations,
    message,
    refusal,
    upsert,
)

# Which of the adapter's conversations the ERP holds when told so, and whether it processes.
TOLD = [
    (Conduct.ANSWER, "OK", True),
    (Conduct.RECEIPT, "receipt with 200", True),
    (Conduct.TWICE, "OK", True),
    (Conduct.EMPTY, "empty with 200", True),
    (Conduct.PAGE, "502 page", True),
    (Conduct.CUT, "half the body", True),
    (Conduct.WRONG_UUID, "OK to another", True),
    (Conduct.DROP_AFTER, "closes after hearing", True),
    (Conduct.DROP_BEFORE, "closes without reading", False),
    (Conduct.REFUSE, "ERROR with 200 OK", False),
    (Conduct.TRY_AGAIN, "asks to try again", False),
    (Conduct.FAIL, "500 page", False),
    (Conduct.BUSY, "503", False),
    (Conduct.DENY, "401", False),
]
UNIT = upsert("UnitOfMeasure", "CX", Description="Caixa")
SENT = [
    upsert("Currency", "USD", Description="Dólar"),
    UNIT,
    upsert("CustomerVendor", "C1", Name="Oficina & Cia", Type="Both", StoreId="01"),
    upsert("Item", "FLT", Name="Filtro"),
    upsert("CostCenter", "CC1", Name="Manutenção"),
    upsert("Warehouse", "01", Description="Almoxarifado"),
    upsert("MaintenanceOrder", "000123", Number="000123", Status="001"),
    upsert("Request", "000007", Type="000", Number="7"),
    upsert("StockTurnover", "000009", DocumentType="000", Number="9"),
    upsert("Order", "PED1", CustomerCode="C1"),
    upsert("CancelRequest", "000007", RequestInternalId="x", Type="000"),
    upsert("CancelMaintenanceOrder", "000123", MaintenanceOrderInternalId="x"),
]


class SimulatedErpSuite:
    """Subclass it as `Test...`."""

    @pytest.mark.parametrize(("conduct", "conversation", "processed"), TOLD)
    async def test_each_conduct_is_a_conversation(  # noqa: PLR0913, PLR0917 - the row and where
        self,
        codec: Codec,
        erp: EaiSimulator,
        sender: ErpProduct,
        conduct: Conduct,
        conversation: str,
        processed: bool,
    ) -> None:
        """Told to misbehave, it does so as real applications do; then it answers again."""
        (expected,) = (c for c in CONVERSATIONS if c.name == conversation)
        erp.behave(ScriptedConduct(conduct))
        body = message(sender, UNIT, "a|CX")

        report = await deliver(codec, erp, body)
        after = await deliver(codec, erp, body)

        assert report.outcome is expected.outcome, report.fault
        assert (report.fault.code if report.fault else "") == expected.code
        assert len(erp.received) == 1 + processed
        assert after.outcome is Outcome.DELIVERED
        assert erp.doubles == ()

    async def test_a_delay_is_waited_for(
        self, codec: Codec, erp: EaiSimulator, sender: ErpProduct
    ) -> None:
        """Told to answer late, it does, and who gives up before does not know."""
        erp.behave(ScriptedConduct(seconds=0.2), ScriptedConduct(seconds=30))

        late = await deliver(codec, erp, message(sender, UNIT, "a|CX"))
        never = await deliver(codec, erp, message(sender, UNIT, "a|CX"), within=0.5)

        assert late.outcome is Outcome.DELIVERED
        assert never.outcome is Outcome.UNKNOWN

    async def test_an_upsert_is_paired(
        self, codec: Codec, erp: EaiSimulator, sender: ErpProduct
    ) -> None:
        """The first upsert inserts, a later one updates the same document, whatever its code."""
        first = await deliver(codec, erp, message(sender, UNIT, "a|CX", "m-1"))
        changed = upsert("UnitOfMeasure", "CXA", Description="Caixa grande")
        second = await deliver(codec, erp, message(sender, changed, "a|CX", "m-2"))

        (own,) = destinations(first)
        assert destinations(second) == [own]
        (pair,) = erp.erp.pairs.all()
        assert (pair.product, pair.own) == (sender.name, (own,))
        assert [entry.effect for entry in erp.received] == ["created", "updated"]

    async def test_the_same_id_of_another_product_is_another(
        self, codec: Codec, erp: EaiSimulator, sender: ErpProduct
    ) -> None:
        """Ids are looked up by product: two systems may use the same one for different things."""
        one = await deliver(codec, erp, message(sender, UNIT, "1"))
        kilo = upsert("UnitOfMeasure", "KG", Description="Quilo")
        other = await deliver(codec, erp, message(sender, kilo, "1", "m-2", "OMIE"))

        assert destinations(one) != destinations(other)

    async def test_a_delete_needs_the_pair(
        self, codec: Codec, erp: EaiSimulator, sender: ErpProduct
    ) -> None:
        """What is not in the de-para is not deleted; what is deleted leaves it."""
        await deliver(codec, erp, message(sender, UNIT, "a|CX", "m-1"))
        gone = message(sender, delete("UnitOfMeasure", "CX"), "a|CX", "m-2")
        first, second = await deliver(codec, erp, gone), await deliver(codec, erp, gone)

        assert len(destinations(first)) == 1
        text = refusal(second)
        assert text.startswith("O registro a ser excluído não existe na base ")
        assert text.endswith(" -> a|CX")
        assert erp.erp.pairs.all() == ()

    async def test_an_unknown_reference_is_refused(
        self, codec: Codec, erp: EaiSimulator, sender: ErpProduct
    ) -> None:
        """An id of another register that it does not know is named, and nothing is kept."""
        item = upsert("Item", "FLT", UnitOfMeasureInternalId="a|CX", Name="Filtro")
        body = message(sender, item, "a|FLT", "m-1")
        refused = await deliver(codec, erp, body)
        await deliver(codec, erp, message(sender, UNIT, "a|CX", "m-2"))
        taken = await deliver(codec, erp, body)

        assert refusal(refused) == "UnitOfMeasure a|CX não encontrada no de/para!"
        assert len(destinations(taken)) == 1
        assert [entry.uuid for entry in erp.received] == ["m-2", "m-1"]

    async def test_a_version_that_it_does_not_take(
        self, codec: Codec, erp: EaiSimulator, sender: ErpProduct
    ) -> None:
        """It says which versions it takes."""
        body = message(sender, UNIT, "a|CX").replace(b'"2.000"', b'"9.000"')

        text = refusal(await deliver(codec, erp, body))

        assert text == "Versão não tratada pelo adapter. As versões suportadas são: 2.000"

    async def test_what_it_sends_conforms(self, codec: Codec, erp: EaiSimulator) -> None:
        """Every message that it writes is one that the bus's contracts accept."""
        contracts = Registry()
        for out in SENT:
            document = await codec.read(message(erp.product, out, f"1|{out.code}"))
            header = document.envelope.header
            contract = contracts.find(header.transaction, header.version)

            assert contract
            assert await contracts.conforms(contract, document), await contracts.explain(
                contract, document
            )
            assert header.product.name == erp.product.name

    async def test_it_shows_its_tables(
        self, codec: Codec, erp: EaiSimulator, sender: ErpProduct
    ) -> None:
        """Rows, pairs and what did not fit are at an address, and so is what it was told."""
        await deliver(codec, erp, message(sender, UNIT, "a|CX"))
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{erp.root}/simulator/tables") as answer:
                shown = await answer.json()
            wrong = {"transaction": "UnitOfMeasure", "fields": {"Nome": "x"}}
            async with http.post(f"{erp.root}/simulator/send", json=wrong) as answer:
                told = await answer.json()

        assert shown["pairs"][0]["external"].lower() == "a|cx"
        assert any(row["code"] == "CX" for rows in shown["tables"].values() for row in rows)
        assert "Nome" in told["error"]
