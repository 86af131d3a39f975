"""Which values are never shown, by the name of what holds them."""

import pytest

from bus.core.redact import is_secret


@pytest.mark.parametrize(
    "name",
    [
        "Password",
        "PASSWD",
        "UserPassword",
        "Passphrase",
        "pwd",
        "PwdHash",
        "SenhaUsuario",
        "ClientSecret",
        "Segredo",
        "AccessToken",
        "Credentials",
        "Credencial",
        "ApiKey",
        "api_key",
        "PrivateKey",
        "private_key",
        "CVV",
    ],
)
def test_a_name_that_speaks_of_a_secret_hides_its_value(name: str) -> None:
    """In either language, in any letter case, alone or as a part."""
    assert is_secret(name)
    assert is_secret(name.swapcase())


@pytest.mark.parametrize(
    "name",
    ["", "Code", "InternalId", "Pass", "Key", "PublicKey", "Api", "Description", "Bypass"],
)
def test_other_names_hide_nothing(name: str) -> None:
    """An operator needs what the message says."""
    assert not is_secret(name)
