"""What Omie applications may say, but hardly mean: warnings of `bus routes check`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.omie.settings import READABLE, OmieSettings, settings_of
from bus.core.adapter_options import doubt
from bus.core.errors import BusFault, Fault
from bus.core.route import Application, Deployment
from bus.core.sharing import rule_of
from bus.core.text import Text

NO_CATEGORY = Text(
    "a rota {route} lhe leva Request, e falta a opção “category”: toda requisição iria à Omie sem "
    "categoria",
    "route {route} brings it Request, and the option “category” is missing: every requisition "
    "would go to Omie without a category",
)
GIVE_CATEGORY = Text(
    "Ponha em `options` o código da categoria de compra (category).",
    "Put the code of the purchase category into `options` (category).",
)
NO_LOGIN = Text(
    "a aplicação é lida e não tem `login`: nenhum webhook da Omie pode entrar, e o que muda só se "
    "vê na próxima leitura",
    "the application is read and has no `login`: no webhook of Omie's can come in, and what "
    "changes is seen at the next reading only",
)
GIVE_LOGIN = Text(
    "Ponha `login` com usuário e senha: a senha é o fim do endereço dos webhooks.",
    "Put a `login` with user and password: the password is the end of the address of the webhooks.",
)
UNREAD = Text(
    "o grupo {group} partilha {entity}, e “reads” não o diz: o que muda aqui não chega às outras",
    "the group {group} shares {entity}, and “reads” leaves it out: what changes here does not "
    "reach the others",
)
READ_IT = Text(
    "Acrescente {entity} a “reads”, ou retire as permissões desta aplicação no grupo.",
    "Add {entity} to “reads”, or take away the permissions of this application in the group.",
)


def doubts_about_apps(
    applications: Sequence[Application], deployment: Deployment
) -> Iterator[Fault]:
    """The warnings; an application whose options make no sense is told of by its opening."""
    for application in applications:
        try:
            settings = settings_of(application)
        except BusFault:
            continue
        if not settings.category:
            yield from _without_category(application, deployment)
        if application.read_every and not application.login:
            yield doubt(application, "login", NO_LOGIN, GIVE_LOGIN)
        if application.read_every:
            yield from _unread(application, settings, deployment)


def _without_category(application: Application, deployment: Deployment) -> Iterator[Fault]:
    for route in deployment.routes:
        if application.name in route.destinations and "request" in route.transactions:
            problem = NO_CATEGORY.filled(route=route.name)
            yield doubt(application, "options.category", problem, GIVE_CATEGORY)
            return


def _unread(
    application: Application, settings: OmieSettings, deployment: Deployment
) -> Iterator[Fault]:
    """Entities that it may change elsewhere, of which nothing is read here."""
    left_out = {name.casefold() for name in READABLE} - {one.casefold() for one in settings.reads}
    for group in deployment.groups:
        route = deployment.route(rule_of(group.name, application.name))
        if not (route and route.share and route.share.may):
            continue
        for entity in group.entities:
            if entity.casefold() in left_out:
                problem = UNREAD.filled(group=group.name, entity=entity)
                yield doubt(application, "options.reads", problem, READ_IT.filled(entity=entity))
