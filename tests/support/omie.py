"""Messages to a simulated Omie, and the adapter that brings them there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from adapters.omie.kind import OmieKind
from adapters.omie.simulated.books import OmieApp
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct, read_behaviour
from adapters.simulation.desk import Setting
from bus.core.outcome import Report
from bus.core.route import Application, Credentials
from bus.ports.adapter import Adapter, Parcel, Progress
from bus.ports.codec import Codec

KEY, SECRET = "1560731700", "s3gredo-Pesado"
CREDENTIALS = Credentials(KEY, SECRET)
UUID = "6b0d7f2e-1a4c-4f0e-9f43-0c7d3a1b2c4d"


def message(
    transaction: str, version: str, content: str, event: str = "upsert", uuid: str = UUID
) -> bytes:
    """A message of Keepfy's about a document."""
    business = (
        f"<BusinessEvent><Entity>{transaction}</Entity><Event>{event}</Event></BusinessEvent>"
        if event
        else f"<BusinessRequest><Operation>{transaction}</Operation></BusinessRequest>"
    )
    return (
        f'<TOTVSMessage><MessageInformation version="{version}"><UUID>{uuid}</UUID>'
        f"<Type>BusinessMessage</Type><Transaction>{transaction}</Transaction>"
        "<StandardVersion>1.0</StandardVersion><SourceApplication>keepfy</SourceApplication>"
        '<CompanyId>1</CompanyId><BranchId>1</BranchId><Product name="KEEPFY" version="1"/>'
        "<GeneratedOn>2026-01-31T10:00:00</GeneratedOn><DeliveryType>Async</DeliveryType>"
        f"</MessageInformation><BusinessMessage>{business}<BusinessContent>{content}"
        "</BusinessContent></BusinessMessage></TOTVSMessage>"
    ).encode()


def write_off(*lines: str, date: str = "2026-01-30T08:00:00", uuid: str = UUID) -> bytes:
    """What was used for a work order."""
    listed = "".join(f"<StockTurnoverItem>{line}</StockTurnoverItem>" for line in lines)
    content = (
        "<InternalId>OS7</InternalId><DocumentType>001</DocumentType>"
        f"<AbatementDateTime>{date}</AbatementDateTime><MainOrderCode>7</MainOrderCode>"
        f"<ListOfStockTurnoverItem>{listed}</ListOfStockTurnoverItem>"
    )
    return message("StockTurnover", "1.006", content, uuid=uuid)


def line(name: str, product: object, warehouse: object, quantity: str = "2.00") -> str:
    """One line of it."""
    return (
        f"<InternalId>{name}</InternalId><ItemInternalId>{product}</ItemInternalId>"
        f"<Quantity>{quantity}</Quantity><WarehouseInternalId>{warehouse}</WarehouseInternalId>"
        "<BinLocation/>"
    )


PRODUCT, PLACE = 2_500_000_001, 2_500_000_002
"""The ids of the first two records of an app."""
ONE_LINE = write_off(line("L1", PRODUCT, PLACE))


def stocked(app: OmieApp) -> None:
    """An app with a product in a location."""
    assert app.keep_product("FLT-1", "Filtro") == PRODUCT
    assert app.keep_warehouse("CENTRAL", "Central") == PLACE
    app.set_stock(PRODUCT, PLACE, "10", cost="12.345")


def item(id: str = "1|FLT-1", **fields: str) -> bytes:
    """A product of another application."""
    told = {"Code": "FLT-1", "InternalId": id, "Name": "Filtro de óleo", "Active": "true"} | fields
    content = "".join(f"<{name}>{text}</{name}>" for name, text in told.items())
    return message(
        "Item",
        "4.005",
        f"{content}<UnitOfMeasureCode>UN</UnitOfMeasureCode><NetWeight>0.12345</NetWeight>"
        "<FiscalInformation><FiscalClassification><FiscalClassificationCode>8421.23.00"
        "</FiscalClassificationCode></FiscalClassification></FiscalInformation>"
        "<ListOfComercialFamilyItem/><Values><SalesPrice>10.50</SalesPrice></Values>",
    )


@dataclass
class OmieRig:
    """An adapter to a simulated Omie, whose clocks `pass_time` moves together."""

    omie: OmieSimulator
    application: Application
    codec: Codec
    kind: OmieKind = field(init=False)
    adapter: Adapter = field(init=False)
    passed: float = 0.0

    def __post_init__(self) -> None:
        """Open the adapter."""
        self.kind = OmieKind(lambda: monotonic() + self.passed)
        self.adapter = self.kind.open(self.application, self.codec)

    @property
    def app(self) -> OmieApp:
        """The books of the app."""
        return self.omie.app(KEY)

    def methods(self) -> list[str]:
        """The calls that Omie carried out or refused by its books, in order."""
        return [call.method for call in self.omie.calls]

    def pass_time(self, seconds: float) -> None:
        """Let time pass, for Omie and for the adapter."""
        self.passed += seconds
        self.omie.pass_time(seconds)

    async def parcel(
        self, body: bytes, *, new: bool = True, progress: Progress | None = None
    ) -> Parcel:
        """A message, ready to go."""
        document = await self.codec.read(body)
        uuid = document.envelope.header.uuid
        return Parcel(
            self.application,
            document,
            body,
            uuid,
            False,
            20.0,
            new=new,
            progress=progress or Progress(),
        )

    def refuse(self, text: str) -> None:
        """Meet the next call with a fault."""
        self.omie.behave(ScriptedConduct(Conduct.REFUSE, text=text))

    async def send(self, body: bytes, *, new: bool = True) -> Report:
        """Deliver a message."""
        return await self.adapter.send(await self.parcel(body, new=new))


@asynccontextmanager
async def omie_rig(
    codec: Codec, behaviour: str = "answer", *, extended: bool = False, **options: str
) -> AsyncIterator[OmieRig]:
    """A simulated Omie with one app, and an adapter to it; `extended`: it takes what is ours."""
    setting = Setting(login=CREDENTIALS)
    async with omie_simulator(codec, setting, read_behaviour(behaviour)) as omie:
        application = Application(
            "omie",
            "OMIE",
            adapter="omie",
            address=omie.address,
            credentials=CREDENTIALS,
            extensions=extended,
            options=options,
        )
        rig = OmieRig(omie, application, codec)
        try:
            yield rig
        finally:
            await rig.adapter.close()
