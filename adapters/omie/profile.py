"""What an Omie app is like, where its application in routes.yaml does not say otherwise."""

from __future__ import annotations

from bus.core.limits import Limit
from bus.core.profile import Profile
from bus.core.route import IdScope, TranslatedBy

LIMITS = {
    "Family": (Limit("Code", longest=50),),
    "Item": (
        Limit("Code", longest=60),
        Limit("Name", longest=120),
        Limit("UnitOfMeasureCode", longest=6),
        Limit("ListOfGenericPrices/GenericPrices/CurrencyInternalId", ignored=True),
    ),
    "CustomerVendor": (
        Limit("Name", longest=60),
        Limit("ShortName", longest=100),
        Limit("CreditInformation/CreditLimit", ignored=True),
    ),
}

PROFILE = Profile(
    products=("OMIE",),
    title="Omie",
    de_para=TranslatedBy.BUS,
    # One app is of one CNPJ (O-01), and its ids are its own.
    id_scope=IdScope.WHOLE,
    names_no_company=True,
    limits=LIMITS,
    numbered=("CustomerVendor",),  # whose only code at the screen is its id
)
