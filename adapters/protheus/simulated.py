"""Protheus as its EAI shows it: web service, header, tables, codes, ids and limits.

The company is `01`, the branch `01`; a shared table has a blank in place of the branch.
"""

from __future__ import annotations

from adapters.protheus.profile import PROFILE
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

NAMESPACE = "http://www.totvs.com/"
SERVICE = EaiService(
    path="/EAISERVICE.apw",
    elsewhere=("/ws",),
    namespace=NAMESPACE,
    action=f"{NAMESPACE}RECEIVEMESSAGE",
    operation="RECEIVEMESSAGE",
    parameter="INMSG",
    response="RECEIVEMESSAGERESPONSE",
    result="RECEIVEMESSAGERESULT",
    status=True,
    answers_empty=True,
)

# The order of its PCP senders. ContextName is where its name may stand.
HEADER = (
    "<UUID>{uuid}</UUID><Type>BusinessMessage</Type><Transaction>{transaction}</Transaction>"
    "<StandardVersion>1.0</StandardVersion><SourceApplication>{source}</SourceApplication>"
    "<CompanyId>{company}</CompanyId><BranchId>{branch}</BranchId><UserId>000000</UserId>"
    '<Product name="{product}" version="{product_version}"/><GeneratedOn>{on}</GeneratedOn>'
    "<ContextName>PROTHEUS</ContextName><DeliveryType>{mode}</DeliveryType>"
)

SHARED = "{company}| |{code}"
EXCLUSIVE = "{company}|{branch}|{code}"
PARTNER = "{company}|{branch}|{code}|{store}|"
ENDS = {which: end for end, which in PROFILE.qualifiers["CustomerVendor"].items()}

REGISTERS = (
    Entity(
        "Currency",
        ("2.001",),
        (Table("CTO", SHARED),),
        size=2,
        too_long=TooLong.ALWAYS_GENERATE,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.CURRENCY,
        most=5,
    ),
    Entity(
        "UnitOfMeasure",
        ("2.000",),
        (Table("SAH", SHARED),),
        size=2,
        too_long=TooLong.GENERATE,
        letters=True,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.UNIT,
    ),
    Entity(
        "CustomerVendor",
        ("2.002",),
        (
            Table("SA1", PARTNER + ENDS["customer"], frozenset({"CUSTOMER", "BOTH"})),
            Table("SA2", PARTNER + ENDS["vendor"], frozenset({"VENDOR", "BOTH"})),
        ),
        size=6,
        too_long=TooLong.GENERATE,
        kind="Type",
        required=(CODE, ID, NAME),
        references=(("PaymentConditionInternalId", "PaymentCondition"),),
        layout=layouts.PARTNER,
    ),
    Entity(
        "Item",
        ("4.005",),
        (Table("SB1", SHARED),),
        size=15,
        too_long=TooLong.GENERATE,
        required=(CODE, ID, NAME),
        references=(
            ("UnitOfMeasureInternalId", "UnitOfMeasure"),
            ("StandardWarehouseInternalId", "Warehouse"),
            ("CostCenterInternalId", "CostCenter"),
            (layouts.ITEM_CUSTOMER, "CustomerVendor"),
            (layouts.ITEM_CURRENCY, "Currency"),
        ),
        layout=layouts.ITEM,
        always=("ListOfComercialFamilyItem",),
    ),
    Entity(
        "CostCenter",
        ("2.000",),
        (Table("CTT", SHARED),),
        size=20,  # as widened for the integration
        required=(CODE, ID, NAME),
        layout=layouts.COST_CENTER,
    ),
    Entity(
        "Warehouse",
        ("1.000",),
        (Table("NNR", EXCLUSIVE),),
        size=6,
        too_long=TooLong.GENERATE,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.WAREHOUSE,
    ),
    Entity(
        "PaymentCondition",
        ("3.000",),
        (Table("SE4", SHARED),),
        size=3,
        too_long=TooLong.GENERATE,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.PAYMENT_CONDITION,
    ),
    Entity(
        "Employee",
        ("2.003",),
        (Table("SRA", EXCLUSIVE),),
        size=6,
        too_long=TooLong.GENERATE,
        required=(CODE, ID),
        references=(
            ("CostCenterInternalId", "CostCenter"),
            ("RoleInternalId", "Role"),
            ("WorkShiftInternalId", "ShiftWork"),
            ("PositionCodeInternalId", "EmployeePosition"),
        ),
        layout=layouts.EMPLOYEE,
    ),
    Entity(
        "Assets",
        ("1.001",),
        (Table("SN1", EXCLUSIVE),),
        size=10,
        required=(CODE, ID, DESCRIPTION),
        references=(
            ("VendorInternalId", "CustomerVendor"),
            (f"{layouts.ASSET_VALUE}/CostCenterInternalId", "CostCenter"),
            (f"{layouts.ASSET_VALUE}/CurrencyInternalId", "Currency"),
        ),
        parts=((f"{layouts.ASSET_VALUE}/InternalId", "SalesAndValuesItem"),),
        layout=layouts.ASSETS,
    ),
    Entity(
        "EmployeePosition",
        ("1.000",),
        (Table("SQ3", SHARED),),
        code="PositionCode",
        size=5,
        required=(ID, DESCRIPTION),
        layout=layouts.POSITION,
    ),
    Entity(
        "Role",
        ("1.000",),
        (Table("SRJ", SHARED),),
        size=5,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.ROLE,
    ),
    Entity(
        "ShiftWork",
        ("1.000",),
        (Table("SR6", SHARED),),
        size=3,
        required=(CODE, ID, DESCRIPTION),
        layout=layouts.SHIFT,
    ),
)

DOCUMENTS = (
    # RM tells the new status of an order that Protheus made, and nothing else of it.
    Entity(
        "MaintenanceOrder",
        ("1.002",),
        (Table("STJ", f"{EXCLUSIVE}|OS"),),
        required=(ID,),
        layout=layouts.WORK_ORDER,
        creates=False,
        updates=("Status",),
    ),
    Entity(
        "StockTurnover",
        ("1.006",),
        (Table("SD3", EXCLUSIVE),),
        anew=True,
        size=9,
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
        "Request",
        ("1.010",),
        (Table("SCP", EXCLUSIVE),),
        size=6,
        layout=layouts.REQUEST,
        receives=False,
    ),
    Entity(
        "Order",
        ("4.010", "3.002"),
        (Table("SC7", f"{EXCLUSIVE}|PC"),),
        code="OrderId",
        layout=layouts.ORDER,
        receives=False,
    ),
    Entity(
        "CancelRequest",
        ("1.000",),
        layout=layouts.CANCEL_REQUEST,
        cancels="RequestInternalId",
        receives=False,
    ),
    Entity(
        "CancelMaintenanceOrder",
        ("1.000",),
        layout=layouts.CANCEL_WORK_ORDER,
        cancels="MaintenanceOrderInternalId",
        receives=False,
    ),
    # What RM paid of an order that Protheus made.
    Entity(
        "InfoOfParcelValues",
        ("1.000",),
        (Table("SE2", EXCLUSIVE),),
        too_long=TooLong.ALWAYS_GENERATE,
        required=(ID,),
        references=(("OrderInternalId", "Order"),),
        layout=layouts.PARCEL_VALUES,
    ),
    Entity("InternalIdLoad", ("1.000",), loads=True),
    Entity("AssetsValuation", ("1.000",), layout=layouts.ASSETS_VALUATION, receives=False),
    Entity(
        "GetEmployeeSituation",
        ("1.000",),
        layout=("RequestEmployeeSituations",),
        aliases=("GetEmployeeSituations",),
        receives=False,
    ),
    Entity("StockLevel", ("1.001",), layout=("RequestItem",), receives=False),
    Entity("TraceabilityRequest", ("2.000",), layout=("RequestItem",), receives=False),
    Entity("WhoIs", ("1.000",)),
)

PROTHEUS = ErpProduct(
    name=PROFILE.product,
    title=PROFILE.title,
    version="12.1.2310",
    header=HEADER,
    company="01",
    branch="01",
    entities=(*REGISTERS, *DOCUMENTS),
    standard=(
        ("UnitOfMeasure", "H", "HORA"),
        ("UnitOfMeasure", "KM", "QUILOMETRO"),
        ("UnitOfMeasure", "L", "LITRO"),
        ("UnitOfMeasure", "UN", "UNIDADE"),
    ),
    id_limits=PROFILE.id_limits,
    product_limit=15,  # XXF_REFER
    unregistered=(
        "Mensagem {name} nao configurada ou configurada incorretamente para processamento pelo EAI"
    ),
    calls={"content": "cdata"},
)
