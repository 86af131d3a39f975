"""The questions of maintenance that the simulated RM answers, and what it says of employees."""

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
        query=True,
    ),
    Entity(
        "TraceabilityRequest",
        ("2.000",),
        references=(("RequestItem/RequestInternalId", "Request"),),
        query=True,
        aliases=("TranceabilityRequest",),
    ),
)
