"""What an operator may have done: one table, for the local API and for the command line."""

from bus.edge.verbs.application import (
    ACTIVATE_APPLICATION,
    DEACTIVATE_APPLICATION,
    PREVIEW_APPLICATION,
)
from bus.edge.verbs.depara import CHANGE, CHECK
from bus.edge.verbs.diagnose import CONFIRM, DIAGNOSE
from bus.edge.verbs.effects import RECONCILE
from bus.edge.verbs.erase import ERASE
from bus.edge.verbs.journal import BACKUP, PRUNE
from bus.edge.verbs.load import LOAD, LOAD_REGISTER, LOADED
from bus.edge.verbs.messages import BLOCK, DISCARD, REPLAY, SETTLE, UNBLOCK
from bus.edge.verbs.routes import RELOAD
from bus.edge.verbs.sharing import ACTIVATE, GROUPS, PREVIEW, STOP
from bus.edge.verbs.verb import FaultOut, Verb

__all__ = [
    "ACTIVATE",
    "ACTIVATE_APPLICATION",
    "BACKUP",
    "BLOCK",
    "CHANGE",
    "CHECK",
    "CONFIRM",
    "DEACTIVATE_APPLICATION",
    "DIAGNOSE",
    "DISCARD",
    "ERASE",
    "GROUPS",
    "LOAD",
    "LOADED",
    "LOAD_REGISTER",
    "PREVIEW",
    "PREVIEW_APPLICATION",
    "PRUNE",
    "RECONCILE",
    "RELOAD",
    "REPLAY",
    "SETTLE",
    "STOP",
    "UNBLOCK",
    "VERBS",
    "FaultOut",
    "Verb",
]

VERBS = (
    *(REPLAY, SETTLE, BLOCK, UNBLOCK, DISCARD, ERASE),
    *(
        CHECK,
        CHANGE,
        BACKUP,
        PRUNE,
        DIAGNOSE,
        CONFIRM,
        LOAD,
        LOADED,
        LOAD_REGISTER,
        RECONCILE,
        RELOAD,
    ),
    *(GROUPS, PREVIEW, ACTIVATE, STOP),
    *(PREVIEW_APPLICATION, ACTIVATE_APPLICATION, DEACTIVATE_APPLICATION),
)
"""Every verb there is."""
