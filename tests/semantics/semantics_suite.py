"""The semantics of the bus (design section 5), as sentences that hold on every store.

A part a file; each class is about one thing. `tests/engine/test_semantics.py` runs them, once per
store of `tests/support/stores.py`.

A test asks for `rigs`, and starts buses on one new journal: the whole engine, the real XML, and
applications that the test scripts. When it ends, `bus verify` must find nothing (S15).
"""

from tests.semantics.semantics_accepting import Modes, Repairs, Routes, Strictnesses
from tests.semantics.semantics_activation import GroupsBegun
from tests.semantics.semantics_answer_parts import AnswerParts
from tests.semantics.semantics_answers import Answers
from tests.semantics.semantics_asking import (
    AskedAfterRestarts,
    AskedAtOnce,
    AskedBetweenSteps,
    AskedForCallers,
    AskedLater,
    AskedMeanwhile,
)
from tests.semantics.semantics_behind import Behinds
from tests.semantics.semantics_breakers import Breakers
from tests.semantics.semantics_breaking import Breaking
from tests.semantics.semantics_by_hand import ByHand
from tests.semantics.semantics_clocks import Ages, WrongClocks
from tests.semantics.semantics_closed import ClosedApplications, Sessions
from tests.semantics.semantics_companies import Companies
from tests.semantics.semantics_copies import Copies
from tests.semantics.semantics_depara import (
    Amending,
    Deleting,
    Learning,
    Several,
    Translating,
    Waiting,
)
from tests.semantics.semantics_doubles import Doubled
from tests.semantics.semantics_echo import Echoes, EchoesInDoubt
from tests.semantics.semantics_endurance import Accounts, Clocks, Restarts
from tests.semantics.semantics_identity import Corrections, Crowds, Identities
from tests.semantics.semantics_lanes import Lanes
from tests.semantics.semantics_leases import LateNews, LostLeases, Starts, Stopping
from tests.semantics.semantics_names import Bodies, Names
from tests.semantics.semantics_outcomes import GivingUp, Outages, Outcomes
from tests.semantics.semantics_people import People
from tests.semantics.semantics_providers import Providers
from tests.semantics.semantics_reading import ReadingRights, Readings
from tests.semantics.semantics_repeats import Repeats
from tests.semantics.semantics_replays import Replays, Settlings
from tests.semantics.semantics_reported import Reported
from tests.semantics.semantics_responses import Responses
from tests.semantics.semantics_returned import Returned
from tests.semantics.semantics_sharing import Sharings, SharingsAtRest, SharingsExtended
from tests.semantics.semantics_steps import Steps, StepsRestarted
from tests.semantics.semantics_throttles import CallersFirst, Rates, TransactionBounds
from tests.semantics.semantics_told import ToldCallers
from tests.semantics.semantics_versions import Versions, VersionsAnswered, VersionsRefused
from tests.semantics.semantics_waiting import Deadlines, Silences
from tests.semantics.semantics_work_orders import WorkOrders

__all__ = [
    "Accounts",
    "Ages",
    "Amending",
    "AnswerParts",
    "Answers",
    "AskedAfterRestarts",
    "AskedAtOnce",
    "AskedBetweenSteps",
    "AskedForCallers",
    "AskedLater",
    "AskedMeanwhile",
    "Behinds",
    "Bodies",
    "Breakers",
    "Breaking",
    "ByHand",
    "CallersFirst",
    "Clocks",
    "ClosedApplications",
    "Companies",
    "Copies",
    "Corrections",
    "Crowds",
    "Deadlines",
    "Deleting",
    "Doubled",
    "Echoes",
    "EchoesInDoubt",
    "GivingUp",
    "GroupsBegun",
    "Identities",
    "Lanes",
    "LateNews",
    "Learning",
    "LostLeases",
    "Modes",
    "Names",
    "Outages",
    "Outcomes",
    "People",
    "Providers",
    "Rates",
    "ReadingRights",
    "Readings",
    "Repairs",
    "Repeats",
    "Replays",
    "Reported",
    "Responses",
    "Restarts",
    "Returned",
    "Routes",
    "Sessions",
    "Settlings",
    "Several",
    "Sharings",
    "SharingsAtRest",
    "SharingsExtended",
    "Silences",
    "Starts",
    "Steps",
    "StepsRestarted",
    "Stopping",
    "Strictnesses",
    "ToldCallers",
    "TransactionBounds",
    "Translating",
    "Versions",
    "VersionsAnswered",
    "VersionsRefused",
    "Waiting",
    "WorkOrders",
    "WrongClocks",
]
