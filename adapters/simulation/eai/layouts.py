"""The elements that simulated ERPs send of each transaction, in the order of its contract."""

COMPANY = ("CompanyId", "BranchId", "CompanyInternalId")

CURRENCY = (
    "CompanyId",
    "BranchId",
    "CompanyInternalID",
    "Code",
    "InternalId",
    "Description",
    "Symbol",
    "DecimalPlaces",
)
UNIT = ("Code", "InternalId", "Description")
PARTNER = (
    *COMPANY,
    "Code",
    "StoreId",
    "InternalId",
    "ShortName",
    "Name",
    "Type",
    "EntityType",
    "RegisterDate",
    "RegisterSituation",
    "Comments",
    "GovernmentalInformation",
    "Address",
    "PaymentConditionCode",
    "PaymentConditionInternalId",
)
ITEM = (
    *COMPANY,
    "Code",
    "InternalId",
    "Name",
    "ShortName",
    "Detail",
    "Active",
    "UnitOfMeasureCode",
    "UnitOfMeasureInternalId",
    "StandardWarehouseCode",
    "StandardWarehouseInternalId",
    "ListOfCustomerItemInformation",
    "ListOfComercialFamilyItem",
    "CostCenterInternalId",
    "ListOfGenericPrices",
)
ITEM_CUSTOMER = "ListOfCustomerItemInformation/CustomerItemInformation/CustomerInternalId"
ITEM_CURRENCY = "ListOfGenericPrices/GenericPrices/CurrencyInternalId"
COST_CENTER = (*COMPANY, "Code", "InternalId", "RegisterSituation", "Name", "ShortCode", "Class")
WAREHOUSE = (*COMPANY, "Code", "InternalId", "Description", "Active", "Type")
PAYMENT_CONDITION = (
    *COMPANY,
    "Code",
    "InternalId",
    "Description",
    "MeanTime",
    "DaysFirstDue",
    "QuantityPlots",
    "RangePlots",
    "DaysCondition",
)
EMPLOYEE = (
    *COMPANY,
    "Code",
    "InternalId",
    "FullName",
    "Name",
    "HiringDate",
    "CostCenterCode",
    "CostCenterInternalId",
)
POSITION = (*COMPANY, "PositionCode", "InternalId", "Description")
ROLE = (*COMPANY, "Code", "InternalId", "Description")
SHIFT = ("CompanyId", "BranchId", "Code", "InternalId", "Description", "RegularHour", "RestHour")
ASSETS = (
    *COMPANY,
    "Code",
    "InternalId",
    "PropertyCode",
    "ItemNumber",
    "PurchaseDate",
    "Description",
    "Amount",
    "CardAssets",
    "StatusAssets",
    "VendorCode",
    "VendorInternalId",
    "TransferDate",
    "ListOfSalesAndValuesAssets",
)
ASSET_VALUE = "ListOfSalesAndValuesAssets/SalesAndValuesItem"
ASSETS_VALUATION = (
    "Code",
    "InternalId",
    *COMPANY,
    "AssetInternalId",
    "RegisterDateTime",
    "CalculationType",
    "AssetAccounting",
    "Value",
    "Percentual",
    "Quantity",
    "Observation",
)
PARCEL_VALUES = (
    "InternalId",
    "OrderInternalId",
    "ParcelInternalId",
    "DocumentInternalId",
    "DocumentType",
    "DateReference",
    "ParcelDueDate",
    "LastPaymentDate",
    "ParcelAmount",
    "DiscountAmount",
    "AmountPaid",
    "Status",
    "Observation",
)
WORK_ORDER = (
    "Code",
    "InternalId",
    "Number",
    *COMPANY,
    "Status",
    "MaintenanceOrderType",
    "CustomerVendorCode",
    "CustomerVendorInternalId",
    "EquipmentCode",
    "RegisterDateTime",
    "MaintenanceServiceCode",
    "Observation",
    "ListOfMaintenanceOrderItem",
)
REQUEST = (
    *COMPANY,
    "InternalId",
    "Code",
    "Origin",
    "Number",
    "Type",
    "RegisterDateTime",
    "DeliveryDateTime",
    "MainOrderInternalId",
    "MainOrderCode",
    "Observation",
    "ListOfRequestItem",
)
STOCK_TURNOVER = (
    "Code",
    "InternalId",
    "Number",
    "Series",
    "Type",
    "DocumentType",
    *COMPANY,
    "RegisterDateTime",
    "MainOrderCode",
    "MainOrderInternalId",
    "Observation",
    "ListOfStockTurnoverItem",
)
ORDER = (
    "CompanyId",
    "CompanyInternalId",
    "BranchId",
    "ordertypecode",
    "InternalId",
    "RegisterDate",
    "OrderId",
    "CustomerCode",
    "CustomerInternalId",
    "SalesOrderItens",
    "Observation",
)
CANCEL_REQUEST = (
    "Code",
    "InternalId",
    "RequestInternalId",
    "Type",
    "CancelDateTime",
    "CancelReason",
    "CancelRelatedRequests",
)
CANCEL_WORK_ORDER = (
    "Code",
    "InternalId",
    "MaintenanceOrderInternalId",
    "CancelDate",
    "CancelReason",
    "CancelRelatedRequests",
)

WORK_ORDER_ITEM = "ListOfMaintenanceOrderItem/MaintenanceOrderItem"
REQUEST_ITEM = "ListOfRequestItem/RequestItem"
STOCK_ITEM = "ListOfStockTurnoverItem/StockTurnoverItem"
ORDER_ITEM = "SalesOrderItens/Item"


def item_references(item: str) -> tuple[tuple[str, str], ...]:
    """What the items at a path refer to: (path, entity)."""
    return (
        (f"{item}/ItemInternalId", "Item"),
        (f"{item}/UnitOfMeasureInternalId", "UnitOfMeasure"),
        (f"{item}/WarehouseInternalId", "Warehouse"),
        (f"{item}/CostCenterInternalId", "CostCenter"),
    )
