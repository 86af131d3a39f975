"""What may be asked of applications: whether all is right around them, and what people confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.core.diagnosis import Aspect, Confirmation, Diagnosis, Finding, Means, Verdict
from bus.core.text import Language, Text
from bus.edge.verbs.verb import Asked, FaultOut, Verb
from bus.journal.commands import Confirm

if TYPE_CHECKING:
    from bus.wiring import Bus


class DiagnoseIn(Asked):
    """Which application is to be looked at; empty for all."""

    application: str = ""


class ConfirmIn(Asked):
    """What a person says of a prerequisite of an application; `withdrawn`: it holds no more."""

    application: str
    rule: str
    actor: Annotated[str, Field(min_length=1, max_length=200)]
    note: Annotated[str, Field(max_length=2000)] = ""
    withdrawn: bool = False


class ConfirmationOut(BaseModel):
    """Who confirmed a prerequisite, when (µs since 1970), and what he remarked."""

    application: str
    rule: str
    by: str
    at: int
    note: str

    def confirmation(self) -> Confirmation:
        """As the core has it."""
        return Confirmation(**self.model_dump())


class FindingOut(BaseModel):
    """One thing that was checked."""

    check: Aspect
    verdict: Verdict
    means: Means
    rule: str
    subject: dict[Language, str]
    seen: dict[Language, str]
    fault: FaultOut | None
    confirmation: ConfirmationOut | None

    @classmethod
    def of(cls, one: Finding) -> FindingOut:
        """The plain values of a finding."""
        said = one.confirmation
        return cls(
            check=one.check,
            verdict=one.verdict,
            means=one.means,
            rule=one.rule,
            subject=one.subject.as_dict(),
            seen=one.seen.as_dict(),
            fault=FaultOut.of(one.fault) if one.fault else None,
            confirmation=ConfirmationOut(**said._asdict()) if said else None,
        )

    def finding(self) -> Finding:
        """The finding again."""
        return Finding(
            self.check,
            self.verdict,
            self.means,
            self.rule,
            Text(**self.subject),
            Text(**self.seen),
            self.fault.fault() if self.fault else None,
            self.confirmation.confirmation() if self.confirmation else None,
        )


class DiagnosisOut(BaseModel):
    """What was found of one application."""

    application: str
    product: str
    findings: list[FindingOut]

    def diagnosis(self) -> Diagnosis:
        """As the core has it."""
        findings = tuple(one.finding() for one in self.findings)
        return Diagnosis(self.application, self.product, findings)


class DiagnosesOut(BaseModel):
    """What was found, application by application."""

    applications: list[DiagnosisOut]


async def diagnose(bus: Bus, asked: DiagnoseIn) -> DiagnosesOut:
    """Look at what is around applications; nothing of it has an effect there."""
    found = await bus.diagnoser.diagnose(asked.application)
    return DiagnosesOut(
        applications=[
            DiagnosisOut(
                application=one.application,
                product=one.product,
                findings=[FindingOut.of(each) for each in one.findings],
            )
            for one in found
        ]
    )


async def confirm(bus: Bus, asked: ConfirmIn) -> ConfirmationOut:
    """Record what a person says of a prerequisite."""
    said = await bus.diagnoser.confirm(Confirm(**asked.model_dump()))
    return ConfirmationOut(**said._asdict())


DIAGNOSE = Verb("diagnose", DiagnoseIn, DiagnosesOut, diagnose)
CONFIRM = Verb("diagnose/confirm", ConfirmIn, ConfirmationOut, confirm)
