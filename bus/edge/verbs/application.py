"""What may be done with applications that a person puts in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.edge.verbs.diagnose import FindingOut
from bus.edge.verbs.verb import Asked, FaultOut, Verb

if TYPE_CHECKING:
    from bus.engine.activate import ApplicationPreview
    from bus.wiring import Bus


class PreviewApplicationIn(Asked):
    """Which application."""

    application: str


class ActivateApplicationIn(PreviewApplicationIn):
    """The hash of the preview that a person has read, and who."""

    confirm: Annotated[str, Field(min_length=1, max_length=64)]
    actor: Annotated[str, Field(min_length=1, max_length=200)]


class DeactivateApplicationIn(PreviewApplicationIn):
    """Which application, and who."""

    actor: Annotated[str, Field(min_length=1, max_length=200)]


class SettingOut(BaseModel):
    """A setting as a person confirms it; a secret is not told."""

    name: str
    value: str


class ApplicationRouteOut(BaseModel):
    """A route to the application, or from it."""

    route: str
    sender: str
    readers: list[str]
    transactions: list[str]


class ApplicationPreviewOut(BaseModel):
    """What would be put in force, what keeps it from that (`missing`), and the hash that confirms.

    `fault` is why it is not in force now; `by` and `at` (µs since 1970) tell who put it in force
    last, `waiting` how many messages wait for it, 1000 at most.
    """

    application: str
    hash: str
    fault: FaultOut | None
    by: str
    at: int
    settings: list[SettingOut]
    routes: list[ApplicationRouteOut]
    missing: list[FindingOut]
    waiting: int


class ApplicationActivatedOut(BaseModel):
    """Who put it in force, and when (µs since 1970)."""

    application: str
    by: str
    at: int


class ApplicationDeactivatedOut(BaseModel):
    """Whether it had been put in force."""

    application: str
    was_active: bool


async def preview(bus: Bus, asked: PreviewApplicationIn) -> ApplicationPreviewOut:
    """What would be put in force, and what is missing; nothing is changed anywhere."""
    return _preview(await bus.activator.preview(asked.application))


def _preview(found: ApplicationPreview) -> ApplicationPreviewOut:
    said = found.confirmation
    return ApplicationPreviewOut(
        application=found.application.name,
        hash=found.hash,
        fault=FaultOut.of(found.fault) if found.fault else None,
        by=said.by if said else "",
        at=said.at if said else 0,
        settings=[SettingOut(name=one.name, value=one.value) for one in found.settings],
        routes=[
            ApplicationRouteOut(
                route=one.name,
                sender=one.origin,
                readers=list(one.destinations),
                transactions=sorted(one.transactions),
            )
            for one in found.routes
        ],
        missing=[FindingOut.of(one) for one in found.findings],
        waiting=found.waiting,
    )


async def activate(bus: Bus, asked: ActivateApplicationIn) -> ApplicationActivatedOut:
    """Put an application in force, as its preview showed it."""
    said = await bus.activator.activate(asked.application, asked.confirm, asked.actor)
    return ApplicationActivatedOut(application=said.application, by=said.by, at=said.at)


async def deactivate(bus: Bus, asked: DeactivateApplicationIn) -> ApplicationDeactivatedOut:
    """Take an application out of force, at once."""
    was = await bus.activator.deactivate(asked.application, asked.actor)
    return ApplicationDeactivatedOut(application=asked.application, was_active=was)


PREVIEW_APPLICATION = Verb(
    "application/preview", PreviewApplicationIn, ApplicationPreviewOut, preview
)
ACTIVATE_APPLICATION = Verb(
    "application/activate", ActivateApplicationIn, ApplicationActivatedOut, activate
)
DEACTIVATE_APPLICATION = Verb(
    "application/deactivate", DeactivateApplicationIn, ApplicationDeactivatedOut, deactivate
)
