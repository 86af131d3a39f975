"""Who posts: HTTP Basic to application."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping

from bus.core.errors import Fault, SenderFault
from bus.core.route import Application


class Logins:
    """Knows applications by what they present; compares in constant time."""

    def __init__(self, applications: Mapping[str, Application]) -> None:
        self._by_user = {
            one.login.user: (one, one.login.password.encode())
            for one in applications.values()
            if one.login
        }

    def application(self, authorization: bytes) -> Application:
        """The application that presents these credentials; SenderFault where there is none."""
        user, password = _basic(authorization)
        known = self._by_user.get(user)
        expected = known[1] if known else b"\0"
        if not hmac.compare_digest(password, expected) or known is None:
            raise SenderFault(Fault("UNAUTHENTICATED"))
        return known[0]


def _basic(authorization: bytes) -> tuple[str, bytes]:
    scheme, _, encoded = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return "", b""
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except binascii.Error:
        return "", b""
    return user.decode("utf-8", "replace"), password
