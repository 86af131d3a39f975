"""RM as its EAI shows it: web service, header, tables, codes, ids and limits.

The company (coligada) is 1, the branch 1; a global table belongs to company 0.
"""

from __future__ import annotations

from adapters.rm.profile import PROFILE
from adapters.rm.queries import QUERIES
from adapters.simulation.eai import layouts
from adapters.simulation.eai.entities import (
    CODE,
    DESCRIPTION,
    ID,
    NAME,
    Entity,
    ErpProduct,
    Table,
    TooLong,
)
from adapters.simulation.eai.service import EaiService

NAMESPACE = "http://tempuri.org/"
SERVICE = EaiService(
    path="/EAIService/MEX",
    namespace=NAMESPACE,
    action=f"{NAMESPACE}EAIService/receiveMessage",
    operation="receiveMessage",
    parameter="inMsg",
    response="receiveMessageResponse",
    result="receiveMessageResult",
    line_end="&#xD;\n",
)

HEADER = (
    "\r\n  <UUID>{uuid}</UUID>\r\n  <Type>BusinessMessage</Type>\r\n"
    "  <Transaction>{transaction}</Transaction>\r\n  <StandardVersion>1.0</StandardVersion>\r\n"
    "  <SourceApplication>{source}</SourceApplication>\r\n  <CompanyId>{company}</CompanyId>\r\n"
    "  <BranchId>{branch}</BranchId>\r\n"
    '  <Product name="{product}" version="{product_version}" />\r\n'
    "  <GeneratedOn>{on}</GeneratedOn>\r\n  <DeliveryType>{mode}</DeliveryType>\r\n"
)

OWN = "{company}|{code}"
GLOBAL = "0|{code}"
MOVEMENTS = (Table("TMOV", OWN),)

REGISTERS = (
    Entity(
        "Currency",
        ("2.001",),
        (Table("GMOEDA", OWN),),
        size=10,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.CURRENCY,
    ),
    Entity(
        "UnitOfMeasure",
        ("2.000",),
        (Table("TUND", OWN),),
        size=5,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.UNIT,
    ),
    Entity(
        "CustomerVendor",
        ("2.002",),
        (Table("FCFO", GLOBAL),),
        size=25,
        kind="Type",
        required=(CODE, ID, NAME),
        layout=layouts.PARTNER,
    ),
    Entity(
        "Item",
        ("4.005",),
        (Table("TPRODUTO", OWN),),
        size=30,
        required=(CODE, ID, NAME),
        references=(("UnitOfMeasureInternalId", "UnitOfMeasure"),),
        layout=layouts.ITEM,
        always=("ListOfComercialFamilyItem",),
    ),
    Entity(
        "CostCenter",
        ("2.000",),
        (Table("GCCUSTO", OWN),),
        size=25,
        required=(CODE, ID, NAME),
        layout=layouts.COST_CENTER,
    ),
    Entity(
        "Warehouse",
        ("1.000",),
        (Table("TLOC", "{company}|{branch}|{code}"),),
        size=15,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.WAREHOUSE,
    ),
    Entity(
        "PaymentCondition",
        ("3.000",),
        (Table("TCPG", OWN),),
        size=10,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.PAYMENT_CONDITION,
    ),
    Entity(
        "Employee",
        ("2.003",),
        (Table("PFUNC", OWN),),
        size=16,
        required=(CODE, ID),
        layout=layouts.EMPLOYEE,
    ),
    Entity(
        "Assets",
        ("1.001",),
        (Table("IPATRIMONIO", OWN),),
        size=30,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.ASSETS,
    ),
    Entity(
        "EmployeePosition",
        ("1.000",),
        (Table("PCARGO", OWN),),
        code="PositionCode",
        size=16,
        required=(ID, DESCRIPTION),
        layout=layouts.POSITION,
    ),
    Entity(
        "Role",
        ("1.000",),
        (Table("PFUNCAO", OWN),),
        size=10,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.ROLE,
    ),
    Entity(
        "ShiftWork",
        ("1.000",),
        (Table("AHORARIO", OWN),),
        size=10,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.SHIFT,
    ),
)

DOCUMENTS = (
    Entity(
        "MaintenanceOrder",
        ("1.002",),
        MOVEMENTS,
        too_long=TooLong.ALWAYS_GENERATE,
        required=(ID,),
        references=(
            ("CustomerVendorInternalId", "CustomerVendor"),
            *layouts.item_references(layouts.WORK_ORDER_ITEM)[:3],
        ),
        parts=((f"{layouts.WORK_ORDER_ITEM}/InternalId", "MaintenanceOrderItem"),),
        layout=layouts.WORK_ORDER,
    ),
    Entity(
        "Request",
        ("1.010",),
        MOVEMENTS,
        too_long=TooLong.ALWAYS_GENERATE,
        required=(ID,),
        references=(
            ("MainOrderInternalId", "MaintenanceOrder"),
            *layouts.item_references(layouts.REQUEST_ITEM),
        ),
        parts=((f"{layouts.REQUEST_ITEM}/InternalId", "RequestItem"),),
        layout=layouts.REQUEST,
    ),
    Entity(
        "StockTurnover",
        ("1.006",),
        MOVEMENTS,
        anew=True,
        too_long=TooLong.ALWAYS_GENERATE,
        required=(ID,),
        references=(
            ("MainOrderInternalId", "MaintenanceOrder"),
            (f"{layouts.STOCK_ITEM}/RequestItemInternalId", "RequestItem"),
            *layouts.item_references(layouts.STOCK_ITEM),
        ),
        parts=((f"{layouts.STOCK_ITEM}/InternalId", "StockTurnoverItem"),),
        layout=layouts.STOCK_TURNOVER,
    ),
    Entity(
        "Order",
        ("4.010", "3.002"),
        MOVEMENTS,
        too_long=TooLong.ALWAYS_GENERATE,
        code="OrderId",
        required=(ID,),
        references=(
            ("CustomerInternalId", "CustomerVendor"),
            *layouts.item_references(layouts.ORDER_ITEM),
        ),
        parts=((f"{layouts.ORDER_ITEM}/InternalId", "OrderItem"),),
        layout=layouts.ORDER,
    ),
    Entity(
        "CancelRequest",
        ("1.000",),
        layout=layouts.CANCEL_REQUEST,
        cancels="RequestInternalId",
        by_type={"000": "Request", "001": "Order", "002": "StockTurnover"},
    ),
    Entity(
        "CancelMaintenanceOrder",
        ("1.000",),
        layout=layouts.CANCEL_WORK_ORDER,
        cancels="MaintenanceOrderInternalId",
        by_type={"": "MaintenanceOrder", "003": "MaintenanceOrder"},  # real ones send 003
    ),
    Entity(
        "AssetsValuation",
        ("1.000",),
        MOVEMENTS,
        too_long=TooLong.ALWAYS_GENERATE,
        required=(ID,),
        references=(("AssetInternalId", "Assets"),),
        layout=layouts.ASSETS_VALUATION,
    ),
    # What it sends alone: pairs of its companies, and what was paid of an order.
    Entity("InternalIdLoad", ("1.000",), layout=("ListOfEntity",), receives=False),
    Entity("InfoOfParcelValues", ("1.000",), layout=layouts.PARCEL_VALUES, receives=False),
    *QUERIES,
    Entity("WhoIs", ("1.000",)),
)

RM = ErpProduct(
    name=PROFILE.product,
    title=PROFILE.title,
    version="12.1.2310",
    header=HEADER,
    company="1",
    branch="1",
    entities=(*REGISTERS, *DOCUMENTS),
    calls={"content": "escaped"},
)
