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
