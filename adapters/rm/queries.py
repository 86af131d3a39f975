"""What the simulated RM answers to the questions of maintenance: what they name, and figures."""

from __future__ import annotations

from html import escape

from adapters.simulation.eai.entities import Entity
from bus.ports.codec import Document

SITUATION = """\
<EmployeeSituations>{employee}<ListOfSituation><Situation>\
<CommencementDate>{start}</CommencementDate><SituationLastDay>{end}</SituationLastDay>\
<SituationDay>1</SituationDay><SituationInformation><SituationCode>1</SituationCode>\
<SituationMeaning>1</SituationMeaning></SituationInformation></Situation></ListOfSituation>\
</EmployeeSituations>"""
STOCK = """\
<ReturnItem><ItemInternalId>{item}</ItemInternalId>\
<WarehouseInternalId>{warehouse}</WarehouseInternalId><UnitItemCost>12.5</UnitItemCost>\
<AverageUnitItemCost>12.5</AverageUnitItemCost><CurrentStockAmount>100</CurrentStockAmount>\
<AvailableStockAmount>100</AvailableStockAmount><BookedStockAmount>0</BookedStockAmount>\
<ValueOfCurrentStockAmount>1250</ValueOfCurrentStockAmount></ReturnItem>"""


def tell_situations(document: Document) -> str:
    """That the first employee asked about works on the days asked about."""
    asked = "RequestEmployeeSituations"
    paths = ("StartEmployeeCode", "StartDate", "FinishDate")
    code, start, end = (escape(text) for text in _texts(document, asked, paths))
    told = SITUATION.format(
        employee=f"<EmployeeCode>{code}</EmployeeCode>" if code else "", start=start, end=end
    )
    listed = f"<ListOfEmployeeSituations>{told}</ListOfEmployeeSituations>"
    return f"<ReturnEmployeeSituations>{listed}</ReturnEmployeeSituations>"


def tell_stock(document: Document) -> str:
    """Balance and cost of each item asked about, in the ids in which it was asked."""
    return "".join(
        STOCK.format(
            item=escape(asked.text_at("ItemInternalId")),
            warehouse=escape(asked.text_at("WarehouseInternalId")),
        )
        for asked in document.content().all("RequestItem")
    )


def tell_request(document: Document) -> str:
    """That the first request asked about is pending."""
    paths = ("RequestInternalId", "Type")
    request, kind = (escape(text) for text in _texts(document, "RequestItem", paths))
    return f"<InternalId>{request}</InternalId><Status>A</Status><Type>{kind}</Type>"


def _texts(document: Document, parent: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return document.values([f"{parent}/{name}" for name in names])


QUERIES = (
    Entity(
        "GetEmployeeSituation",
        ("1.000",),
        references=(("RequestEmployeeSituations/InternalId", "Employee"),),
        tells=tell_situations,
        aliases=("GetEmployeeSituations",),
    ),
    Entity(
        "StockLevel",
        ("1.001", "1.000"),
        references=(
            ("RequestItem/ItemInternalId", "Item"),
            ("RequestItem/WarehouseInternalId", "Warehouse"),
        ),
        tells=tell_stock,
    ),
    Entity(
        "TraceabilityRequest",
        ("2.000",),
        references=(("RequestItem/RequestInternalId", "Request"),),
        tells=tell_request,
        aliases=("TranceabilityRequest",),
    ),
)
