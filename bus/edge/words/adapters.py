"""The words of `bus adapters`."""

from __future__ import annotations

from bus.core.text import Language, Text

WORDS: dict[str, Text] = {
    "kind": Text(
        "{adapter} (pacote {package} {version})", "{adapter} (package {package} {version})"
    ),
    "missing": Text("{adapter} (não instalado)", "{adapter} (not installed)"),
    "used": Text("usado por: {applications}", "used by: {applications}"),
    "unused": Text("nenhuma aplicação o usa", "no application uses it"),
    "reachable": Text("{application}: responde", "{application}: answers"),
    "silent": Text("{application}: não responde", "{application}: does not answer"),
    "unprobed": Text("{application}: não se sabe", "{application}: not known"),
    "features": Text("além de entregar: {features}", "beside delivering: {features}"),
    "reads": Text(
        "lê o que a aplicação tem para o barramento",
        "reads what the application has for the bus",
    ),
    "asks": Text("pergunta o que houve de uma mensagem", "asks what became of a message"),
    "resumes": Text(
        "retoma um envio de várias chamadas onde ele parou",
        "resumes a send of several calls where it stopped",
    ),
    "keyed": Text(
        "conhece a aplicação pelo usuário das credenciais: duas não podem ter o mesmo",
        "knows the application by the user of its credentials: no two may have the same",
    ),
    "options": Text("opções:", "options:"),
    "problem": Text("Não pode ser usado: {problem}", "Cannot be used: {problem}"),
    "install": Text(
        "Instale o pacote que o traz, ou corrija `adapter` em routes.yaml.",
        "Install the package that brings it, or correct `adapter` in routes.yaml.",
    ),
    "unread": Text("Sem as aplicações: {problem}", "Without the applications: {problem}"),
    "product": Text(
        "{product} (pacote {package} {version})",
        "{product} (package {package} {version})",
    ),
    "by_application": Text(
        "a própria aplicação traduz os ids que lê",
        "the application itself translates the ids that it reads",
    ),
    "by_bus": Text(
        "o barramento traduz os ids que ela lê",
        "the bus translates the ids that it reads",
    ),
    "within_application": Text(
        "ids únicos na aplicação inteira",
        "ids are unique in the whole application",
    ),
    "within_company": Text("ids únicos dentro da empresa", "ids are unique within a company"),
    "within_branch": Text("ids únicos dentro da filial", "ids are unique within a branch"),
    "longest": Text(
        "dos ids dos outros guarda {count} caracteres",
        "of others' ids it keeps {count} characters",
    ),
    "any_length": Text("guarda ids dos outros inteiros", "it keeps others' ids whole"),
    "wants_its_message": Text(
        "lê em cada Response a própria mensagem (MessageContent)",
        "in each Response it reads its own message (MessageContent)",
    ),
    "ignored": Text("pode não distinguir ids por {what}", "it may not tell ids apart by {what}"),
    "case": Text("maiúsculas", "letter case"),
    "padding": Text("brancos", "blanks"),
    "and": Text(" e ", " and "),
    "counts": Text(
        "textos de erro conhecidos: {texts}; pré-requisitos: {prerequisites}",
        "known error texts: {texts}; prerequisites: {prerequisites}",
    ),
    "entity_scopes": Text("outro alcance dos ids:", "another reach of ids:"),
    "qualifiers": Text(
        "qual dos ids de uma coisa é, pelo final:",
        "which of a thing's ids one is, by its end:",
    ),
    "entry_names": Text(
        "nomes próprios em ListOfInternalId:",
        "names of its own in ListOfInternalId:",
    ),
    "releases": Text("versões das mensagens:", "versions of messages:"),
    "release": Text(
        "{transaction} {version} a partir da versão {since}",
        "{transaction} {version} from version {since} on",
    ),
    "limits": Text("o que cabe nela:", "what it can hold:"),
    "longest_value": Text("até {count} caracteres", "at most {count} characters"),
    "most_elements": Text("no máximo {count} por mensagem", "at most {count} a message"),
    "only_values": Text("só {known}", "only {known}"),
    "not_kept": Text("não é guardado", "not kept"),
    "at_most": Text("{entity}: no máximo {count}", "{entity}: at most {count}"),
    "one_company_group": Text(
        "Company: de um só grupo de empresas", "Company: of one company group"
    ),
    "lost_characters": Text(
        "em nenhum texto: {characters}, que o barramento retira",
        "in no text: {characters}, which the bus leaves out",
    ),
    "texts": Text("textos de erro conhecidos:", "known error texts:"),
    "text": Text(
        "{pattern}: {outcome}; resolve: {owner}. {advice}",
        "{pattern}: {outcome}; to be mended by {owner}. {advice}",
    ),
    "prerequisites": Text(
        "pré-requisitos (regra, o que preparar lá):",
        "prerequisites (rule, set-up):",
    ),
    "made": Text("Feito: {folder}", "Made: {folder}"),
    "next": Text(
        "Daqui: instale-o onde o barramento está e rode os testes dele.",
        "From here: install it where the bus is, and run its tests.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
