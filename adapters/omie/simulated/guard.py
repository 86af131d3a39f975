"""How Omie protects itself: limits, calls that repeat, and the block of an app (facts 1.3-4)."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from adapters.omie.simulated.books import OmieFault

A_MINUTE = 60.0
PER_METHOD, AT_ONCE = 240, 4
BLOCK = 1800.0
"""Seconds that an app is blocked for; asking again after it was told starts them anew."""
ERRORS_TO_BLOCK = 10
"""Errors in a row of one method after which its app is blocked."""
CHANGES = ("Incluir", "Alterar", "Upsert", "Excluir")
RUNNING = (
    "Já existe uma requisição desse método sendo executada e você pode tentar novamente em alguns "
    "instantes. (1)"
)


class Guard:
    """What one app may ask just now. `now` are seconds that only grow."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        self._under_way: Counter[str] = Counter()
        self._running: set[bytes] = set()
        self._answered: dict[bytes, float] = {}
        self._errors: Counter[str] = Counter()
        self._blocked_until = 0.0
        self._warned = False

    def block(self, seconds: float) -> None:
        """Answer nothing but 425 for so long."""
        self._blocked_until = self._now() + seconds
        self._warned = False

    @contextmanager
    def admitted(self, method: str, body: bytes) -> Iterator[None]:
        """Take a call, or raise why not; it counts as under way inside."""
        self._refuse_blocked()
        self._refuse_too_many(method)
        digest = sha256(body).digest()
        self._refuse_repeated(method, digest)
        self._under_way[method] += 1
        self._running.add(digest)
        try:
            yield
        except OmieFault as fault:
            self._count_error(method, fault)
            if fault.code != "Client-1880":
                self._answered[digest] = self._now()
            raise
        else:
            self._errors[method] = 0
            self._answered[digest] = self._now()
        finally:
            self._under_way[method] -= 1
            self._running.discard(digest)

    def _refuse_blocked(self) -> None:
        left = self._blocked_until - self._now()
        if left > 0:
            if self._warned:
                self.block(left := BLOCK)
            self._warned = True
            text = f"API bloqueada por consumo indevido. Tente novamente em {left:.0f} segundos."
            raise OmieFault(text, "MISUSE_API_PROCESS", 425)

    def _refuse_too_many(self, method: str) -> None:
        asked = self._asked[method]
        while asked and asked[0] <= self._now() - A_MINUTE:
            asked.popleft()
        if len(asked) >= PER_METHOD or self._under_way[method] >= AT_ONCE:
            raise OmieFault("Too many Requests", "429", 429)
        asked.append(self._now())

    def _refuse_repeated(self, method: str, digest: bytes) -> None:
        if digest in self._running:
            raise OmieFault(RUNNING, "Client-1880")
        left = self._answered.get(digest, -A_MINUTE) + A_MINUTE - self._now()
        if left <= 0:
            return
        if method.startswith(CHANGES):
            text = (
                "Esta requisição já foi processada ou está sendo processada e você pode tentar "
                "novamente às 19:04:08. (1)"
            )
            raise OmieFault(text, "Client-1100")
        text = (
            f"Consumo redundante detectado. Aguarde {left:.0f} segundos para tentar novamente "
            "(REDUNDANT)."
        )
        raise OmieFault(text, "Client-6")

    def _count_error(self, method: str, fault: OmieFault) -> None:
        if fault.code == "Client-5113":  # it is how an empty list is told
            return
        self._errors[method] += 1
        if self._errors[method] >= ERRORS_TO_BLOCK:
            self.block(BLOCK)
