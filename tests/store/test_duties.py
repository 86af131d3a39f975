"""Every store keeps the duties of the ports."""

from tests.semantics.journal import HistoryDuties, JournalDuties


class TestJournal(JournalDuties):
    """What a journal records, and answers."""


class TestHistory(HistoryDuties):
    """What a history finds."""
