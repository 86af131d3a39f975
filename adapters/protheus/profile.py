"""What a Protheus is like, where its application in routes.yaml does not say otherwise."""

from __future__ import annotations

import re

from adapters.protheus.known_faults import KNOWN_FAULTS, NO_DEFAULT_ACCOUNT, NO_DEFAULT_BANK
from bus.core.limits import Limit
from bus.core.profile import Prerequisite, Profile, Proof
from bus.core.route import IdScope, TranslatedBy
from bus.core.text import Text
from depara.model import IdLimits

PREREQUISITES = (
    Prerequisite(
        "T-07",
        Text(
            "Licenças bastantes para a integração e para os usuários.",
            "Licences enough for the integration and the users together.",
        ),
        unmet=re.compile(r"licenc"),
    ),
    Prerequisite(
        "T-10",
        Text(
            "Os cadastros que têm outro dono fechados para edição.",
            "The registers that another application owns closed to editing.",
        ),
        proof=Proof.OWNERSHIP,
    ),
    Prerequisite(
        "T-11", Text("Versão 12.1.25 ou mais nova.", "Version 12.1.25 or newer."), since="12.1.25"
    ),
    Prerequisite(
        "T-12",
        Text(
            "Um só grupo de empresas; dentro dele, as empresas se distinguem por empresa, unidade "
            "e filial.",
            "One company group; inside it companies are told apart by company, unit and branch.",
        ),
        proof=Proof.ONE_COMPANY,
    ),
    Prerequisite(
        "T-13",
        Text(
            "As tabelas compartilhadas do mesmo modo que no sistema dono dos cadastros.",
            "Tables shared in the way of the system that owns the registers.",
        ),
    ),
    Prerequisite(
        "T-14",
        Text(
            "Cada mensagem com o seu adapter cadastrado no EAI (rotina CFGA020).",
            "An adapter for each message in the register of the EAI (routine CFGA020).",
        ),
        unmet=re.compile(r"nao configurada ou configurada incorretamente"),
        proof=Proof.ENABLED,
    ),
    Prerequisite(
        "T-54",
        Text(
            "Os campos do centro de custo com 20 caracteres.",
            "The fields of the cost centre 20 characters wide.",
        ),
        unmet=re.compile(r"\bctt_(custo|reduz)\b"),
    ),
    Prerequisite(
        "T-57",
        Text(
            "O campo da condição de pagamento (E4_COND) com 100 caracteres.",
            "The field of the payment condition (E4_COND) 100 characters wide.",
        ),
        unmet=re.compile(r"\be4_cond\b"),
    ),
    Prerequisite(
        "T-60",
        Text(
            "Numa base nova, o módulo Livros Fiscais (09) aberto uma vez: é o que cria a tabela de "
            "municípios.",
            "On an empty base, the module of fiscal books (09) opened once: that creates the table "
            "of cities.",
        ),
        unmet=re.compile(r"valor invalido\b.*municipio|municipio\b.*valor invalido"),
    ),
    Prerequisite(
        "T-62",
        Text(
            "As tabelas de clientes e de fornecedores compartilhadas por empresa.",
            "The tables of customers and vendors shared by company.",
        ),
    ),
    Prerequisite(
        "T-74",
        Text(
            "Em cada filial, a conta contábil padrão 001, analítica e credora.",
            "In each branch the default chart account 001, analytical and of credit nature.",
        ),
        unmet=NO_DEFAULT_ACCOUNT,
    ),
    Prerequisite(
        "T-77",
        Text(
            "O campo da plaqueta do bem (N1_CHAPA) com 30 caracteres.",
            "The field of the asset tag (N1_CHAPA) 30 characters wide.",
        ),
        unmet=re.compile(r"\bn1_chapa\b"),
    ),
    Prerequisite(
        "T-79",
        Text(
            "A descrição do local de estoque (NNR_DESCRI) com 40 caracteres.",
            "The description of the stock location (NNR_DESCRI) 40 characters wide.",
        ),
        unmet=re.compile(r"\bnnr_descri\b"),
    ),
    Prerequisite(
        "T-82",
        Text(
            "Para funcionários, o banco, a agência e a conta padrão: 001, 00000 e 0000000000, com "
            "os zeros.",
            "For employees the default bank, agency and account: 001, 00000 and 0000000000, with "
            "their zeros.",
        ),
        unmet=NO_DEFAULT_BANK,
    ),
    Prerequisite(
        "T-188",
        Text(
            "O campo do custo da ordem de serviço (TJ_CUSTMAA) com 16 posições.",
            "The field of the cost of a work order (TJ_CUSTMAA) 16 digits wide.",
        ),
        unmet=re.compile(r"tj_custmaa"),
    ),
)

LIMITS = {
    # T-54, X-18: as widened for the integration; RM holds 25.
    "CostCenter": (Limit("Code", longest=20), Limit("ShortCode", longest=20)),
    # T-77 and T-79, as widened; T-64: the history of values is not sent.
    "Assets": (
        Limit("CardAssets", longest=30),
        Limit("ListOfSalesAndValuesAssets/SalesAndValuesItem", most=1),
    ),
    "Warehouse": (Limit("Description", longest=40),),
    # T-102: of an order that RM bills SigaMNT takes the status; inputs and costs stay its own.
    "MaintenanceOrder": (
        Limit("ListOfMaintenanceOrderItem/MaintenanceOrderItem/ItemInternalId", ignored=True),
        Limit("ListOfMaintenanceOrderItem/MaintenanceOrderItem/TotalPrice", ignored=True),
    ),
    # What a connector is known to lose: it has no target there.
    "ProductionAppointment": (Limit("ReworkQuantity", ignored=True),),
}

PROFILE = Profile(
    products=("PROTHEUS",),
    title="Protheus",
    de_para=TranslatedBy.APPLICATION,
    id_scope=IdScope.WHOLE,
    qualifiers={"CustomerVendor": {"C": "customer", "F": "vendor"}},
    id_limits=IdLimits(longest=50),  # XXF_EXTVAL; it looks ids up in capitals
    known_faults=KNOWN_FAULTS,
    wants_its_message=True,  # in MessageContent; without it, it writes no de-para
    prerequisites=PREREQUISITES,
    limits=LIMITS,
    holds={"Currency": 5},  # T-49
    lost_characters="\x81\x8d\x8f\x90\x9d",  # T-135: those that Windows-1252 does not have
    one_company_group=True,  # T-12: the first part of `99|D MG 01`
    same_codes={"UnitOfMeasure": ("H", "KM", "UN", "L")},  # T-51
)
