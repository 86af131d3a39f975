"""What an RM is like, where its application in routes.yaml does not say otherwise."""

from __future__ import annotations

import re

from bus.core.profile import Prerequisite, Profile
from bus.core.route import IdScope, TranslatedBy
from bus.core.text import Text
from bus.core.versions import Release

# T-41: an RM below that library still speaks the older Order.
RELEASES = (
    Release("0", "Order", "3.002"),
    Release("12.1.2209.158", "Order", "4.010"),
)

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
        "T-08",
        Text(
            "Versão 12.1.26 ou mais nova, com o host no ar.",
            "Version 12.1.26 or newer, with its host running.",
        ),
        since="12.1.26",
    ),
    Prerequisite(
        "T-62",
        Text(
            "Clientes e fornecedores parametrizados como globais.",
            "Customers and vendors set up as global.",
        ),
    ),
    Prerequisite(
        "T-80",
        Text(
            "Cada seção de funcionários com o seu centro de custo.",
            "Each section of employees with its cost centre.",
        ),
    ),
    Prerequisite(
        "T-81",
        Text(
            "A tabela de centros de custo da folha (PCCUSTO) igual à global (GCCUSTO).",
            "The table of cost centres of the payroll (PCCUSTO) equal to the global one (GCCUSTO).",
        ),
    ),
    Prerequisite(
        "T-87",
        Text(
            "As solicitações de armazém baixadas pelo faturamento, com o tipo de movimento de "
            "baixa do SigaMNT; de outro modo o SigaMNT não é avisado.",
            "Warehouse requisitions written off by billing, with the movement type of write-offs "
            "for SigaMNT; in another way SigaMNT is not told.",
        ),
    ),
    Prerequisite(
        "T-93",
        Text(
            "Os parâmetros dos tipos de movimento com estes nomes exatos: TMVSolicitacaoCompra e "
            "TMVSolicitacaoArmazem.",
            "The parameters of movement types named exactly TMVSolicitacaoCompra and "
            "TMVSolicitacaoArmazem.",
        ),
        unmet=re.compile(r"tmvsolicitacao"),
    ),
    Prerequisite(
        "T-94",
        Text(
            "Para separar produtos não estocáveis em outro movimento: versão 12.1.31 ou mais nova.",
            "To split products without stock off into another movement: version 12.1.31 or newer.",
        ),
        since="12.1.31",
        only_if_used=True,
    ),
    Prerequisite(
        "T-109",
        Text(
            "O tipo de movimento da baixa marcado como integrado com o SigaMNT, com a mensagem de "
            "integração “Baixa de Estoque”.",
            "The movement type of the write-off marked as integrated with SigaMNT, with the "
            "integration message “Baixa de Estoque” (stock write-off).",
        ),
    ),
    Prerequisite(
        "T-110",
        Text(
            "As baixas copiadas de uma nota com os motivos de referência 1, 25 ou 32, e com um "
            "movimento da ordem de serviço.",
            "Write-offs copied from an invoice with reference reason 1, 25 or 32, and with a "
            "movement of the work order.",
        ),
    ),
    Prerequisite(
        "T-111",
        Text(
            "A fórmula do valor do item conferida: sem ela, o custo enviado é o valor líquido.",
            "The formula of the value of an item checked: without one, the cost that is sent is "
            "the net value.",
        ),
    ),
    Prerequisite(
        "T-128",
        Text(
            "Tipos de movimento configurados por quem implanta; conferir a série e o controle de "
            "estoque de cada um.",
            "Movement types configured by those who implant it; check the series and the stock "
            "control of each.",
        ),
    ),
)

PROFILE = Profile(
    products=("RM",),
    title="RM",
    de_para=TranslatedBy.APPLICATION,
    id_scope=IdScope.WHOLE,
    releases=RELEASES,
    prerequisites=PREREQUISITES,
)
