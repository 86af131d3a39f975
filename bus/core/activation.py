"""Applications that begin by hand: what a person confirms of one, and whether it holds: pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from bus.core.diagnosis import TO_DO, Aspect, Confirmation, Finding, Means, Verdict
from bus.core.errors import Fault
from bus.core.route import Application

ACTIVATION = "activation"
"""What people confirm who put an application in force."""
REACHING = frozenset({Aspect.REACHABLE, Aspect.TLS, Aspect.LOGIN})
"""What must be right of the way to an application before it is put in force."""


class ConfirmedSetting(NamedTuple):
    """What routes.yaml says of an application, as a person is shown it: a secret is `***`."""

    name: str
    value: str


def settings_of(application: Application) -> tuple[ConfirmedSetting, ...]:
    """Where an application is, as whom the bus comes there, and what it does there.

    A change of any of it needs another confirmation.
    """
    user = application.credentials.user if application.credentials else ""
    told = {
        "product": application.product,
        "adapter": application.adapter,
        "address": application.address,
        "credentials.user": user,
    }
    for name, text in sorted(application.options.items()):
        told[f"options.{name}"] = repr(text)[1:-1]  # that of a secret does not say it
    return tuple(ConfirmedSetting(name, value) for name, value in told.items() if value)


def hash_of(application: Application) -> str:
    """What confirms the settings of an application, and no others."""
    told = json.dumps(settings_of(application), ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def note_of(application: Application) -> str:
    """What the journal keeps of what was confirmed: the hash, and the settings in words."""
    told = "; ".join(f"{one.name}={one.value}" for one in settings_of(application))
    return f"{hash_of(application)} {told}"


def activation_of(name: str, said: Iterable[Confirmation]) -> Confirmation | None:
    """Who put an application in force last, and when; None where that was never, or is over."""
    return next((one for one in said if (one.application, one.rule) == (name, ACTIVATION)), None)


def bar_of(application: Application, said: Iterable[Confirmation]) -> Fault | None:
    """Why nothing may flow to an application or from it; None where it is in force."""
    if not application.by_hand:
        return None
    known = activation_of(application.name, said)
    if known is None:
        return Fault("APPLICATION_INACTIVE", details={"application": application.name})
    if known.note.partition(" ")[0] != hash_of(application):
        details = {"application": application.name, "by": known.by}
        return Fault("APPLICATION_CHANGED", details=details)
    return None


def of_activation(application: Application, said: Collection[Confirmation]) -> Iterator[Finding]:
    """Whether a person put it in force, as it is configured now; nothing of others."""
    if not application.by_hand:
        return
    if fault := bar_of(application, said):
        yield Finding(Aspect.ACTIVATION, Verdict.TO_CONFIRM, Means.PERSON, fault=fault)
    else:
        known = activation_of(application.name, said)
        yield Finding(Aspect.ACTIVATION, Verdict.CONFIRMED, Means.PERSON, confirmation=known)


def keeps_out_of_force(one: Finding) -> bool:
    """Whether what was found of an application has to be mended before it is put in force."""
    if one.check in REACHING:
        return one.verdict is not Verdict.OK and one.means is not Means.CONFIGURATION
    return one.check is Aspect.PREREQUISITE and one.verdict in TO_DO
