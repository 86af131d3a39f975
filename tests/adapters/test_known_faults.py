"""What error texts of a Protheus mean, in whatever case, accents and surroundings they come."""

from __future__ import annotations

import pytest

from adapters.http_xml.faults import FAULTS
from adapters.protheus.known_faults import KNOWN_FAULTS
from bus.core.errors import Owner
from bus.core.known_faults import KnownFault, recognise, words
from bus.core.outcome import Outcome

LACKS = "DEPARA_MISSING_AT_RECEIVER"
NOT_SET_UP = "NOT_SET_UP_AT_RECEIVER"
NO_ADAPTER = "MESSAGE_NOT_CONFIGURED_AT_RECEIVER"
TOO_NARROW = "FIELD_TOO_NARROW_AT_RECEIVER"
INVALID = "INVALID_FOR_RECEIVER"

TEXTS = [
    ("Conta Contábil 001 não cadastrada", NOT_SET_UP, "001"),
    ("O Banco/Agência/Conta informado é inválido", NOT_SET_UP, "0000000000"),
    ("HELP: AF010JABAI", NOT_SET_UP, "cotação"),
    ("HELP: AF060NOTXA", NOT_SET_UP, "cotação"),
    ("Valor inválido para o campo Município", NOT_SET_UP, "Livros Fiscais"),
    ("Verifique o parâmetro: MV_SLMNATR", NOT_SET_UP, "SIGACFG"),
    ("Parâmetro MV_SLMNATR não encontrado no de/para", NOT_SET_UP, "SIGACFG"),
    ("A lib da framework Protheus está desatualizada!", NOT_SET_UP, "lib"),
    ("Filial 99 não encontrada no Protheus.", NOT_SET_UP, "filial"),
    ("A versão da mensagem informada não foi implementada!", NO_ADAPTER, "CFGA020"),
    ("As versões suportadas são: 2.000 e 3.000", NO_ADAPTER, "CFGA020"),
    ("Versão não informada no cadastro do adapter.", NO_ADAPTER, "CFGA020"),
    ("Adapter não encontrado!", NO_ADAPTER, "CFGA020"),
    ("Não há tratamento para recebimento dessa mensagem no Protheus", NO_ADAPTER, "CFGA020"),
    ("Data width error - Field: TJ_CUSTMAA", TOO_NARROW, "16"),
    ("Data width error - Field: N1_CHAPA", TOO_NARROW, ""),
    ("O código 123 possui tamanho maior que o permitido: 2", TOO_NARROW, ""),
    ("A Marca é obrigatória!", INVALID, "Product/@name"),
    ("O evento informado é inválido!", INVALID, ""),
    ("CompanyID/BranchID não informados.", INVALID, ""),
    ("HELP REGNOIS", INVALID, "código"),
    ("H6_OP inválido", INVALID, ""),
    ("A680OPTOT Capacidade da Operacao desta OP ja esta totalizada", "REFUSED", "supervisiona"),
    ("Itens Sem Saldo Bloqueados", "REFUSED", "almoxarifado"),
    ("Ordem de produção sem empenho", "REFUSED", "planejamento"),
    ("O registro a ser excluído não existe na base Protheus -> 1|7", "REFUSED", "dispense"),
    ("Mensagem não processada. Tente novamente", "BUSY", ""),
    ("Limite de licenças atingido", "BUSY", ""),
    ("Não há licença disponível para este usuário", "BUSY", ""),
    ("Licenças esgotadas", "BUSY", ""),
]
WITHOUT_PAIR = [
    ("Centro de Custo não encontrado no de/para!", "CostCenter"),
    ("Classe de valor não encontrada no De/Para", "ClassValue"),
    ("Natureza não encontrada no de/para.", "FinancialNature"),
    ("Grupo de produto não encontrado no de/para!", "StockGroup"),
    ("Título a receber 001 não encontrado no de/para", "AccountReceivableDocument"),
    ("Conta contábil não encontrada no de/para", "AccountantAccount"),
    ("UnitOfMeasure 01| |UN não encontrada no de/para!", ""),
    ("Fornecedor não encontrado no De-Para", "CustomerVendor"),
    ("Marca X nao localizada no DE PARA", ""),
    ("De/Para inexistente: 1|7", ""),
    ("Município inválido: 3550308 não encontrado no de/para", ""),
]


def _dressed(text: str) -> list[str]:
    """A text as it comes: plain, in capitals in the midst of a log, without accents and marks."""
    return [text, f"AJUDA -> {text.upper()} <- MATA010", text.replace("ã", "a").replace("!", " ")]


def _meant(text: str) -> KnownFault:
    known = recognise(text, KNOWN_FAULTS, FAULTS)
    assert known is not None, text
    return known


@pytest.mark.rule("T-14")
@pytest.mark.parametrize(("text", "code", "advice"), TEXTS)
def test_a_text_of_protheus_has_its_meaning(text: str, code: str, advice: str) -> None:
    """Outcome, code and owner, with what to do in Protheus; none but a lock is repeated by itself."""
    for dressed in _dressed(text):
        known = _meant(dressed)

        assert known.code == code
        assert advice in known.advice.pt
        assert known.advice.en or not known.advice.pt
        assert known.outcome is (Outcome.BUSY if code == "BUSY" else Outcome.REFUSED)
        assert known.owner is (Owner.SENDER if code == INVALID else Owner.RECEIVER)


@pytest.mark.parametrize(("text", "entity"), WITHOUT_PAIR)
def test_what_lacks_a_pair_is_told_in_any_wording(text: str, entity: str) -> None:
    """With what it is, where the text says so in the language of Protheus."""
    for dressed in _dressed(text):
        known = _meant(dressed)

        assert (known.code, known.entity) == (LACKS, entity)


@pytest.mark.parametrize("text", ["", "...", " -- "])
def test_a_pattern_needs_words(text: str) -> None:
    """Else it would mean every text."""
    with pytest.raises(ValueError, match="has no words"):
        words(text)


@pytest.mark.parametrize("text", ["Registro de saída para entrega", "saldo insuficiente", "OK"])
def test_other_texts_mean_nothing(text: str) -> None:
    """A word that resembles is none."""
    assert recognise(text, KNOWN_FAULTS, FAULTS) is None
