"""The families of products that an application reads: whether the app has them."""

from __future__ import annotations

from adapters.omie.client import NotDone, OmieClient, Patience
from adapters.omie.known_faults import is_empty_list
from adapters.omie.values import omie_id, shown
from bus.core.adapter_options import mistake
from bus.core.errors import Fault
from bus.core.route import Application
from bus.core.text import Text

MOST_PAGES, A_PAGE = 20, 500
MOST_NAMED = 20
THERE = Text("A Omie tem as famílias: {families}", "Omie has the families: {families}")


class Families:
    """Asks Omie once; what it has been found to have is not asked for again."""

    def __init__(
        self, client: OmieClient, application: Application, wanted: frozenset[int]
    ) -> None:
        self._client = client
        self._application = application
        self._wanted = wanted

    async def missing(self, within: float) -> Fault | None:
        """A fault that names a family which is not there; None where all are, or nobody can say."""
        if not self._wanted:
            return None
        try:
            known = await self._known(within)
        except NotDone as fault:
            return fault.report.fault if fault.said else None
        if lacking := ", ".join(str(id) for id in sorted(self._wanted - known.keys())):
            has = "; ".join(f"{id} {name}" for id, name in list(known.items())[:MOST_NAMED]) or "-"
            hint = THERE.filled(families=has)
            return mistake(self._application, "options.families", lacking, hint).fault
        self._wanted = frozenset()
        return None

    async def _known(self, within: float) -> dict[int, str]:
        found: dict[int, str] = {}
        for page in range(1, MOST_PAGES + 1):
            param = {"pagina": page, "registros_por_pagina": A_PAGE}
            patience = Patience(within / page)
            try:
                answer = await self._client.call(
                    "geral/familias", "PesquisarFamilias", param, patience
                )
            except NotDone as fault:
                if is_empty_list(fault.said):
                    break
                raise
            rows = answer.get("famCadastro")
            told = rows if isinstance(rows, list) else []
            found |= {
                omie_id(shown(row.get("codigo"))): shown(row.get("nomeFamilia"))
                for row in told
                if isinstance(row, dict)
            }
            pages = answer.get("total_de_paginas")
            if not isinstance(pages, int) or page >= pages:
                break
        return found
