"""The de-para of a simulated ERP: which id of its own another product's id stands for."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.simulation.eai.entities import ErpProduct


@dataclass(frozen=True, slots=True)
class ErpPair:
    """One row: the other's product name and id, and the ids here (several where it is two)."""

    product: str
    entity: str
    external: str
    own: tuple[str, ...]


@dataclass(slots=True)
class ErpPairs:
    """The rows, kept as the product keeps them: cut and in capitals where it does so.

    `remarks` say what did not fit, and what fell together because of that.
    """

    product: ErpProduct
    remarks: list[str] = field(default_factory=list)
    _rows: dict[tuple[str, str, str], tuple[ErpPair, str]] = field(default_factory=dict)

    def find(self, product: str, entity: str, external: str) -> tuple[str, ...]:
        """The own ids that an id of another product stands for; none where it is not known."""
        found = self._rows.get(self._key(product, entity, external))
        return found[0].own if found else ()

    def learn(self, product: str, entity: str, external: str, own: tuple[str, ...]) -> None:
        """Keep a pair; skipped where a side is empty, as the products do."""
        if not external or not all(own) or not own:
            return
        key = self._key(product, entity, external)
        self._remark(key, product, external)
        self._rows[key] = (ErpPair(key[0], entity, key[2], own), external)

    def forget(self, entity: str, own: str) -> None:
        """Remove an own id from all rows."""
        for key, (pair, external) in list(self._rows.items()):
            if pair.entity.casefold() != entity.casefold() or own not in pair.own:
                continue
            left = tuple(id_ for id_ in pair.own if id_ != own)
            if left:
                self._rows[key] = (
                    ErpPair(pair.product, pair.entity, pair.external, left),
                    external,
                )
            else:
                del self._rows[key]

    def all(self) -> tuple[ErpPair, ...]:
        """All rows, in the order in which they were learnt."""
        return tuple(pair for pair, _ in self._rows.values())

    def _key(self, product: str, entity: str, external: str) -> tuple[str, str, str]:
        limits = self.product.id_limits
        kept = external.upper() if limits.ignores_case else external
        name = product.upper()[: self.product.product_limit or None]
        return name, entity.casefold(), kept[: limits.longest or None]

    def _remark(self, key: tuple[str, str, str], product: str, external: str) -> None:
        limit, names = self.product.id_limits.longest, self.product.product_limit
        if limit and len(external) > limit:
            self.remarks.append(f"{external}: mais de {limit} caracteres, truncado no de/para")
        if names and len(product) > names:
            self.remarks.append(f"{product}: mais de {names} caracteres, truncado no de/para")
        known = self._rows.get(key)
        if known and known[1] != external:
            self.remarks.append(f"{external} e {known[1]} são o mesmo id no de/para")
