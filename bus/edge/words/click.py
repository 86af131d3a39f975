"""The words of click, the library that reads the command line, by what it says in English."""

from __future__ import annotations

from bus.core.text import Text

_TEXTS = (
    # -- help --------------------------------------------------------------------------------------
    Text("Uso:", "Usage:"),
    Text("Opções", "Options"),
    Text("Comandos", "Commands"),
    Text("usual: {default}", "default: {default}"),
    Text("obrigatória", "required"),
    # -- mistakes ----------------------------------------------------------------------------------
    Text("Erro: {message}", "Error: {message}"),
    Text("Veja '{command} {option}'.", "Try '{command} {option}' for help."),
    Text("Interrompido.", "Aborted!"),
    Text("Não existe a opção {name!r}.", "No such option {name!r}."),
    Text("Não existe o comando {name!r}.", "No such command {name!r}."),
    Text("Seria {possibility}?", "Did you mean {possibility}?"),
    Text("(Seria uma destas: {possibilities}?)", "(Did you mean one of: {possibilities}?)"),
    Text("Falta o argumento", "Missing argument"),
    Text("Falta a opção", "Missing option"),
    Text("Falta o comando.", "Missing command."),
    Text("Valor inválido: {message}", "Invalid value: {message}"),
    Text("Valor inválido em {param_hint}: {message}", "Invalid value for {param_hint}: {message}"),
    Text("{value!r} não é {choice}.", "{value!r} is not {choice}."),
    Text("{value!r} não é nenhum destes: {choices}.", "{value!r} is not one of {choices}."),
    Text("Escolha:\n\t{choices}", "Choose from:\n\t{choices}"),
    Text("{value!r} não é um número válido.", "{value!r} is not a valid {number_type}."),
    Text("{value} não está no intervalo {range}.", "{value} is not in the range {range}."),
    Text("A opção {name!r} não leva valor.", "Option {name!r} does not take a value."),
    Text("A opção {name!r} precisa de um valor.", "Option {name!r} requires an argument."),
    Text(
        "A opção {name!r} precisa de {nargs} valores.",
        "Option {name!r} requires {nargs} arguments.",
    ),
    Text("Sobra o argumento ({args})", "Got unexpected extra argument ({args})"),
    Text("Sobram argumentos ({args})", "Got unexpected extra arguments ({args})"),
    Text(
        "Não foi possível abrir o arquivo {filename!r}: {message}",
        "Could not open file {filename!r}: {message}",
    ),
    Text("{name} {filename!r} não existe.", "{name} {filename!r} does not exist."),
    Text("{name} {filename!r} é uma pasta.", "{name} {filename!r} is a directory."),
    Text("{name} {filename!r} é um arquivo.", "{name} {filename!r} is a file."),
    Text("{name} {filename!r} não pode ser lido.", "{name} {filename!r} is not readable."),
    Text("{name} {filename!r} não pode ser gravado.", "{name} {filename!r} is not writable."),
    Text("arquivo", "file"),
    Text("pasta", "directory"),
    Text("caminho", "path"),
)

PHRASES = {text.en: text for text in _TEXTS}

USAGE: dict[str, Text] = {
    "too_long": Text(
        "longo demais: até {value} caracteres.", "too long: up to {value} characters."
    ),
    "unfit": Text("o valor não serve.", "the value does not do."),
    "done": Text(
        "Diga uma coisa só: --done se foi feita no destino, --not-done se não foi.",
        "Say one thing: --done if it was done at the destination, --not-done if not.",
    ),
    "id_of_done": Text(
        "--id só vale com --done: o que não foi feito não tem id.",
        "--id goes with --done alone: what was not done has no id.",
    ),
    "confirm": Text(
        "Para confirmar ou retirar, informe a aplicação, uma regra e quem o diz: "
        "bus diagnose APLICAÇÃO --confirm REGRA --by NOME (ou --withdraw REGRA --by NOME).",
        "To confirm or withdraw, give the application, one rule and who says so: "
        "bus diagnose APPLICATION --confirm RULE --by NAME (or --withdraw RULE --by NAME).",
    ),
    "against": Text(
        "--against e --application só valem juntas: --against ARQUIVO --application NOME.",
        "--against and --application go together: --against FILE --application NAME.",
    ),
    "choice": Text(
        "Escolha: --keep se fica o que havia, --replace se vale o par novo.",
        "Choose: --keep if what was stays, --replace if the new pair counts.",
    ),
    "other": Text(
        "Informe o outro id (OUTRA:ID), ou --remove para retirar o primeiro; não os dois.",
        "Give the other id (OTHER:ID), or --remove to take the first away; not both.",
    ),
    "field": Text(
        "“{value}” não é ELEMENTO=VALOR, por exemplo Description=Caixa.",
        "“{value}” is not ELEMENT=VALUE, for example Description=Box.",
    ),
    "address": Text(
        "“{value}” não é um endereço como http://127.0.0.1:8080.",
        "“{value}” is no address such as http://127.0.0.1:8080.",
    ),
    "id": Text(
        "“{value}” não é aplicação, dois-pontos e id, por exemplo rm:1|A.",
        "“{value}” is not application, colon and id, for example rm:1|A.",
    ),
    "control": Text(
        "“{value}” tem um caractere de controle, que nenhuma mensagem pode trazer.",
        "“{value}” holds a control character, which no message can carry.",
    ),
}
"""What is wrong with what was typed, and how it is right."""

NO_NUMBER = Text("“{value}” não é um número.", "“{value}” is not a number.")
NO_TEXT = Text(
    "“{value}” não é texto em UTF-8: confira a codificação do terminal.",
    "“{value}” is not text in UTF-8: check the encoding of the terminal.",
)
"""What is typed in a terminal of another encoding."""
