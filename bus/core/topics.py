"""The topics of which an application must tell by webhook, and which ever came: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from bus.core.diagnosis import Aspect, Confirmation, Finding, Means, Verdict
from bus.core.errors import Fault
from bus.core.route import Application
from bus.core.text import Details, Text

_HEARD = "webhook "
"""How what an application confirms by telling of a topic begins."""
_SINCE = Text("a primeira vez em {since:%Y-%m-%d %H:%M} UTC", "first at {since:%Y-%m-%d %H:%M} UTC")


def rule_of_topic(topic: str) -> str:
    """What an application confirms by telling of a topic."""
    return f"{_HEARD}{topic}"


def source_of(application: Application) -> str:
    """Whose telling it is: what another user told before counts for nothing."""
    return application.credentials.user if application.credentials else ""


def heard_from(
    application: Application, said: Iterable[Confirmation]
) -> Mapping[str, Confirmation]:
    """The topics that an application has told of, each with when it first did."""
    return {
        one.rule.removeprefix(_HEARD): one
        for one in said
        if one.application == application.name
        and one.rule.startswith(_HEARD)
        and one.note == source_of(application)
    }


def of_topics(
    application: Application, topics: Mapping[str, Text], said: Iterable[Confirmation]
) -> Iterator[Finding]:
    """Of each topic, whether it ever came by webhook: what never did is not kept up to date."""
    heard = heard_from(application, said)
    for topic, words in topics.items():
        if known := heard.get(topic):
            since = datetime.fromtimestamp(known.at // 1_000_000, UTC)
            seen = _SINCE.filled(since=since)
            yield Finding(Aspect.TOPICS, Verdict.OK, Means.CALLS, subject=words, seen=seen)
        else:
            details: Details = {"application": application.name, "topic": words}
            fault = Fault("TOPIC_NEVER_HEARD", details=details)
            yield Finding(Aspect.TOPICS, Verdict.WRONG, Means.CALLS, subject=words, fault=fault)
