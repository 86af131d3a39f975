"""What the error texts of a Protheus mean: of its web service, of its adapters, of its routines."""

from __future__ import annotations

import re

from bus.core.known_faults import KnownFault, words
from bus.core.outcome import Outcome
from bus.core.text import NOTHING, Text

_REFUSED = Outcome.REFUSED
_ABSENT = (
    r"(nao (foi |foram |esta )?(encontrad|localizad|cadastrad|existe|informad)|inexistente|invalid)"
)
_OF_NO_PAIR = r"^(?!.*\bde[\W_]{0,3}para\b).*"
"""A text that speaks of no de-para: what a pair lacks is waited for, and not for a person."""


NO_DEFAULT_ACCOUNT = re.compile(_OF_NO_PAIR + rf"\bconta contabil\b.{{0,60}}{_ABSENT}")
"""T-74."""
NO_DEFAULT_BANK = re.compile(_OF_NO_PAIR + rf"\b(banco|agencia)\b.{{0,60}}{_ABSENT}")
"""T-82."""


def _not_set_up(pattern: re.Pattern[str], advice: Text) -> KnownFault:
    return KnownFault(pattern, _REFUSED, "NOT_SET_UP_AT_RECEIVER", advice)


def _no_adapter(text: str) -> KnownFault:
    return KnownFault(words(text), _REFUSED, "MESSAGE_NOT_CONFIGURED_AT_RECEIVER", _BY_CFGA020)


def _of_sender(text: str, advice: Text = NOTHING) -> KnownFault:
    return KnownFault(words(text), _REFUSED, "INVALID_FOR_RECEIVER", advice)


def _without_pair(name: str, entity: str) -> KnownFault:
    """The text that names what has no pair in its own language, and mostly without the id."""
    of_it = rf"\b{words(name).pattern}.*{_ABSENT}\w* no de[\W_]{{0,3}}para\b"
    return KnownFault(
        re.compile(of_it), _REFUSED, "DEPARA_MISSING_AT_RECEIVER", NOTHING, entity=entity
    )


_BY_CFGA020 = Text("No Protheus, pela rotina CFGA020.", "In Protheus, by routine CFGA020.")

# All of these come before anything is processed.
AT_THE_DOOR = (
    # PRTCHKUSER denies a web service to a user.
    KnownFault(
        re.compile(r"webservice invalido para este login"),
        Outcome.UNREACHABLE,
        "LOGIN_REFUSED_BY_RECEIVER",
    ),
    # No credentials, or wrong ones, in HTTP Basic.
    KnownFault(
        re.compile(r"authentication\W+user not authorized"),
        Outcome.UNREACHABLE,
        "LOGIN_REFUSED_BY_RECEIVER",
    ),
    # The transaction, or its version, is not in the register of EAI adapters (T-14).
    _no_adapter("não configurada ou configurada incorretamente"),
    _no_adapter("versão não tratada pelo adapter"),
    _no_adapter("a versão da mensagem informada não foi implementada"),
    _no_adapter("as versões suportadas são"),
    _no_adapter("versão não informada no cadastro do adapter"),
    _no_adapter("não há tratamento para recebimento dessa mensagem"),
    _no_adapter("adapter não encontrado"),
    _not_set_up(
        words("a lib da framework protheus está desatualizada"),
        Text("Atualize a lib do Protheus.", "Update the library of Protheus."),
    ),
)

NOT_SET_UP = (
    # A parameter is no pair: it does not come by itself.
    _not_set_up(
        re.compile(r"\bmv_[a-z0-9]+"),
        Text(
            "O parâmetro se preenche no configurador do Protheus (SIGACFG).",
            "The parameter is filled in the configurator of Protheus (SIGACFG).",
        ),
    ),
    # T-60: the table of cities is made when the fiscal module is opened for the first time.
    _not_set_up(
        re.compile(
            _OF_NO_PAIR + r"(invalid\w*.{0,60}\bmunicipios?\b|\bmunicipios?\b.{0,60}invalid)"
        ),
        Text(
            "Numa base nova, abra uma vez o módulo Livros Fiscais (09), que cria a tabela de "
            "municípios.",
            "On an empty base, open the module of fiscal books (09) once, which creates the table "
            "of cities.",
        ),
    ),
    # T-76.
    _not_set_up(
        re.compile(r"\b(af010jabai|af060notxa)\b"),
        Text(
            "Cadastre no Protheus a cotação da moeda na data da transferência.",
            "Register in Protheus the quotation of the currency on the date of the transfer.",
        ),
    ),
    # T-74.
    _not_set_up(
        NO_DEFAULT_ACCOUNT,
        Text(
            "Cada filial precisa da conta contábil padrão 001 (Default Integração), analítica e "
            "credora.",
            "Each branch needs the default chart account 001 (Default Integração), analytical and "
            "of credit nature.",
        ),
    ),
    # T-82.
    _not_set_up(
        NO_DEFAULT_BANK,
        Text(
            "Cadastre o banco, a agência e a conta padrão: 001, 00000 e 0000000000, com os zeros.",
            "Register the default bank, agency and account: 001, 00000 and 0000000000, with their "
            "zeros.",
        ),
    ),
    _not_set_up(
        re.compile(_OF_NO_PAIR + r"\bfilial\b.{0,40}nao encontrad\w* no protheus"),
        Text(
            "Confira a empresa e a filial no de-para do Protheus.",
            "Check company and branch in the de-para of Protheus.",
        ),
    ),
)

TOO_NARROW = (
    # T-187, T-188.
    KnownFault(
        re.compile(r"\btj_custmaa\b"),
        _REFUSED,
        "FIELD_TOO_NARROW_AT_RECEIVER",
        Text(
            "O valor faturado passa do campo TJ_CUSTMAA; tamanho sugerido: 16.",
            "The billed value exceeds the field TJ_CUSTMAA; suggested size: 16.",
        ),
    ),
    KnownFault(words("data width error"), _REFUSED, "FIELD_TOO_NARROW_AT_RECEIVER"),
    KnownFault(
        words("possui tamanho maior que o permitido"), _REFUSED, "FIELD_TOO_NARROW_AT_RECEIVER"
    ),
)

OF_THE_CONTENT = (
    _of_sender("a marca é obrigatória", Text("Falta Product/@name.", "Product/@name is missing.")),
    _of_sender("o evento informado é inválido"),
    _of_sender("companyid/branchid não informados"),
    _of_sender("h6_op inválido"),
    # A code beside an id is looked up as it is, without the de-para.
    _of_sender(
        "regnois",
        Text(
            "O código ao lado de um id não existe no Protheus: os códigos diferem dos dois lados.",
            "The code beside an id does not exist in Protheus: codes differ between the sides.",
        ),
    ),
)

OF_THE_WORK = (
    KnownFault(
        words("a680optot"),
        _REFUSED,
        "REFUSED",
        Text(
            "A operação da ordem já está totalizada; decide quem supervisiona a produção.",
            "The operation of the order is totalled already; who supervises production decides.",
        ),
    ),
    KnownFault(
        words("itens sem saldo bloqueados"),
        _REFUSED,
        "REFUSED",
        Text("Falta saldo: veja com o almoxarifado.", "Stock lacks: ask the warehouse."),
    ),
    KnownFault(
        words("ordem de produção sem empenho"),
        _REFUSED,
        "REFUSED",
        Text("Faltam empenhos: veja com o planejamento.", "Reservations lack: ask planning."),
    ),
    KnownFault(
        words("o registro a ser excluído não existe na base"),
        _REFUSED,
        "REFUSED",
        Text(
            "Se o registro já foi excluído lá, não há mais nada a fazer: dispense a entrega.",
            "If the register was deleted there already, nothing is left to do: discard the "
            "delivery.",
        ),
    ),
)

WITHOUT_PAIR = (
    _without_pair("centro de custo", "CostCenter"),
    _without_pair("classe de valor", "ClassValue"),
    _without_pair("natureza", "FinancialNature"),
    _without_pair("grupo de produto", "StockGroup"),
    _without_pair("título a receber", "AccountReceivableDocument"),
    _without_pair("título a pagar", "AccountPayableDocument"),
    _without_pair("conta contábil", "AccountantAccount"),
    _without_pair("condição de pagamento", "PaymentCondition"),
    _without_pair("unidade de medida", "UnitOfMeasure"),
    _without_pair("local de estoque", "Warehouse"),
    _without_pair("produto", "Item"),
    _without_pair("moeda", "Currency"),
    _without_pair("cliente", "CustomerVendor"),
    _without_pair("fornecedor", "CustomerVendor"),
)

KNOWN_FAULTS = (
    *AT_THE_DOOR,
    *NOT_SET_UP,
    *TOO_NARROW,
    *WITHOUT_PAIR,
    *OF_THE_CONTENT,
    *OF_THE_WORK,
)
