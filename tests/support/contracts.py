"""The contracts that ship, and a few invented ones of every kind of message."""

from bus.core.contract import Alike, Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.errors import Fault
from bus.ports.codec import DestinationAnswer, Document
from bus.ports.contracts import FEW, Contracts

STEP = Contract(
    "Step",
    "1.000",
    MessageShape.EVENT,
    Lifecycle.PROCESS,
    "Job",
    own_id=("InternalId",),
    ids=(IdElement("InternalId", IdRole.OWN, "Job"),),
)
PART = Contract(
    "Part",
    "1.000",
    MessageShape.EVENT,
    Lifecycle.REGISTER,
    "Part",
    own_id=("InternalId",),
    ids=(
        IdElement("InternalId", IdRole.OWN, "Part"),
        IdElement("ListOfLine/Line/InternalId", IdRole.OWN_PART, "PartLine"),
        IdElement("UnitOfMeasureInternalId", IdRole.REFERENCE, "UnitOfMeasure"),
        IdElement("VendorInternalId", IdRole.REFERENCE, "CustomerVendor", qualifier="vendor"),
        IdElement("OwnerInternalId", IdRole.REFERENCE, "CustomerVendor"),
        IdElement("MainPartInternalId", IdRole.REFERENCE, "Part"),
        IdElement("ShelfInternalId", IdRole.REFERENCE, "Shelf"),
        IdElement("CompanyInternalID", IdRole.REFERENCE, "Company"),
        IdElement("ReturnContent/PartInternalId", IdRole.REFERENCE, "Part"),
    ),
)
"""A register that refers to others; nobody teaches a Shelf."""
PARTNER = Contract(
    "Partner",
    "1.000",
    MessageShape.EVENT,
    Lifecycle.REGISTER,
    "Partner",
    own_id=("InternalId",),
    business_keys=(("InternalId", "InternalId"), ("Document", "Document")),
    ids=(
        IdElement("InternalId", IdRole.OWN, "Partner"),
        IdElement("PartInternalId", IdRole.REFERENCE, "Part"),
    ),
    alike=Alike(("Document", "Name", "PartInternalId", "Mark")),
    recognised_by=("Document",),
    extensions=("Mark",),
)
"""A register that applications may share."""
CANCELLATION = Contract(
    "CancelJob",
    "1.000",
    MessageShape.EVENT,
    Lifecycle.PROCESS,
    "CancelJob",
    own_id=("InternalId",),
    target=IdElement("JobInternalId", IdRole.REFERENCE, "Job"),
    ids=(
        IdElement("InternalId", IdRole.OWN, "CancelJob"),
        IdElement("JobInternalId", IdRole.REFERENCE, "Job"),
    ),
)
QUESTION = Contract("Question", "1.000", MessageShape.REQUEST, Lifecycle.QUERY, "Question")
GUESSED = Contract(
    "Guessed",
    "1.000",
    MessageShape.EVENT,
    Lifecycle.REGISTER,
    "Guess",
    own_id=("InternalId",),
    provisional=True,
)
UNCATALOGUED = Contract(
    "Imported", "1.000", MessageShape.EVENT, Lifecycle.PROCESS, "Imported", catalogued=False
)
INVENTED = (STEP, PART, PARTNER, CANCELLATION, QUESTION, GUESSED, UNCATALOGUED)

WRONG = "not allowed"
"""The one thing that the invented contracts do not allow in a note."""


class TestedContracts:
    """The registry of the bus; to invented contracts everything conforms but the note WRONG."""

    __test__ = False

    def __init__(self, shipped: Contracts) -> None:
        self._shipped = shipped

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract of a transaction at a version."""
        for one in INVENTED:
            if (one.transaction.casefold(), one.version) == (transaction.casefold(), version):
                return one
        return self._shipped.find(transaction, version)

    def known(self) -> tuple[Contract, ...]:
        """All contracts."""
        return (*INVENTED, *self._shipped.known())

    async def conforms(self, contract: Contract, document: Document) -> bool:
        """Whether a message is as its contract says."""
        if contract not in INVENTED:
            return await self._shipped.conforms(contract, document)
        return document.values(["Note"]) != (WRONG,)

    async def explain(
        self, contract: Contract, document: Document, most: int = FEW
    ) -> tuple[Fault, ...]:
        """The differences from a contract."""
        if contract not in INVENTED:
            return await self._shipped.explain(contract, document, most)
        return (Fault("CONTRACT_VIOLATED", details={"contract": contract.name}),)

    async def complaints(
        self, contract: Contract, returned: Document | DestinationAnswer, most: int = FEW
    ) -> tuple[Fault, ...]:
        """What is wrong in what came back; nothing by invented contracts."""
        if contract in INVENTED:
            return ()
        return await self._shipped.complaints(contract, returned, most)
