"""The words of every mistake in a configuration, with its remedy.

One row a kind; kinds that pydantic knows keep its name. `{name}` is filled from the mistake's
details. `question` asks whether the nearest name is meant, and ends in a blank; or is nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from bus.core.text import Text, same


class ConfigMistakeText(NamedTuple):
    """What is said of one kind: the problem and the remedy."""

    problem: Text
    hint: Text


MISTAKE_TEXTS: dict[str, ConfigMistakeText] = {
    # -- the file ----------------------------------------------------------------------------------
    "unreadable": ConfigMistakeText(
        problem=Text(
            "o arquivo {file} não pôde ser lido: {problem}",
            "file {file} could not be read: {problem}",
        ),
        hint=Text(
            "Confira o caminho e as permissões (BUS_ROUTES aponta para o arquivo).",
            "Check the path and its permissions (BUS_ROUTES points to the file).",
        ),
    ),
    "not_utf8": ConfigMistakeText(
        problem=Text("não está em UTF-8", "not UTF-8"),
        hint=Text("Salve o arquivo como UTF-8.", "Save the file as UTF-8."),
    ),
    "syntax": ConfigMistakeText(
        problem=Text("não é YAML: {problem}", "this is not YAML: {problem}"),
        hint=Text(
            "Confira recuo, aspas e dois-pontos nesta linha e na anterior.",
            "Check indentation, quotes and colons on this line and the one before.",
        ),
    ),
    "too_much": ConfigMistakeText(
        problem=Text(
            "o arquivo tem níveis ou valores demais", "the file has too many levels or values"
        ),
        hint=Text(
            "Desfaça âncoras que citam umas às outras.", "Undo anchors that refer to each other."
        ),
    ),
    "tag": ConfigMistakeText(
        problem=Text("a marca {tag} não é entendida", "tag {tag} is not understood"),
        hint=Text(
            "Retire-a; segredos se escrevem {{env: NOME}} ou {{file: CAMINHO}}.",
            "Remove it; secrets are written {{env: NAME}} or {{file: PATH}}.",
        ),
    ),
    "key": ConfigMistakeText(
        problem=Text("aqui é preciso uma chave simples", "a plain key is needed here"),
        hint=Text(
            "Escreva uma palavra antes dos dois-pontos; junções com << não são entendidas.",
            "Write one word before the colon; merges with << are not understood.",
        ),
    ),
    "empty": ConfigMistakeText(
        problem=Text("a chave {key} está sem valor", "key {key} has no value"),
        hint=Text("Dê-lhe um valor ou retire a linha.", "Give it a value or remove the line."),
    ),
    "duplicate_key": ConfigMistakeText(
        problem=Text(
            "a chave {key} já está na linha {first}", "key {key} is already on line {first}"
        ),
        hint=Text(
            "Deixe uma só, ou dê outro nome a esta.",
            "Keep one of them, or give this one another name.",
        ),
    ),
    # -- keys and types ----------------------------------------------------------------------------
    "extra_forbidden": ConfigMistakeText(
        problem=Text("a chave {key} não existe aqui", "there is no key {key} here"),
        hint=Text("{question}Chaves possíveis: {known}.", "{question}Possible keys: {known}."),
    ),
    "missing": ConfigMistakeText(
        problem=Text("falta a chave {key}", "key {key} is missing"),
        hint=Text("Acrescente-a aqui.", "Add it here."),
    ),
    "string_type": ConfigMistakeText(
        problem=Text("{key} deve ser um texto", "{key} must be a text"),
        hint=Text(
            "Escreva um só valor depois dos dois-pontos.", "Write a single value after the colon."
        ),
    ),
    "list_type": ConfigMistakeText(
        problem=Text("{key} deve ser uma lista", "{key} must be a list"),
        hint=Text(
            "Ponha os valores entre colchetes: {key}: [a, b].",
            "Put the values in brackets: {key}: [a, b].",
        ),
    ),
    "dict_type": ConfigMistakeText(
        problem=Text("{key} deve ter chaves próprias", "{key} must have keys of its own"),
        hint=Text(
            "Escreva as chaves abaixo, com recuo, ou entre chaves {{ }}.",
            "Write its keys below, indented, or inside braces {{ }}.",
        ),
    ),
    "too_short": ConfigMistakeText(
        problem=Text("{key} está vazia", "{key} is empty"),
        hint=Text("Cite ao menos um valor.", "Name at least one value."),
    ),
    "twice": ConfigMistakeText(
        problem=Text("“{value}” aparece duas vezes em {key}", "“{value}” stands twice in {key}"),
        hint=Text("Deixe uma só.", "Keep one of them."),
    ),
    "int_parsing": ConfigMistakeText(
        problem=Text("“{value}” não é um número inteiro", "“{value}” is not a whole number"),
        hint=Text("Escreva algarismos, como 8.", "Write digits, such as 8."),
    ),
    "float_parsing": ConfigMistakeText(
        problem=Text("“{value}” não é um número", "“{value}” is not a number"),
        hint=Text(
            "Escreva um número com ponto decimal, como 0.2.",
            "Write a number with a decimal point, such as 0.2.",
        ),
    ),
    "bool_parsing": ConfigMistakeText(
        problem=Text("“{value}” não é sim nem não", "“{value}” is neither yes nor no"),
        hint=Text("Escreva true ou false.", "Write true or false."),
    ),
    "greater_than_equal": ConfigMistakeText(
        problem=Text(
            "“{value}” é pouco para {key}; o mínimo é {ge}",
            "“{value}” is too small for {key}; the least is {ge}",
        ),
        hint=Text("Escreva {ge} ou mais.", "Write {ge} or more."),
    ),
    "less_than_equal": ConfigMistakeText(
        problem=Text(
            "“{value}” é demais para {key}; o máximo é {le}",
            "“{value}” is too large for {key}; the most is {le}",
        ),
        hint=Text("Escreva {le} ou menos.", "Write {le} or less."),
    ),
    "enum": ConfigMistakeText(
        problem=Text("“{value}” não serve para {key}", "“{value}” does not fit {key}"),
        hint=Text("{question}Valores possíveis: {known}.", "{question}Possible values: {known}."),
    ),
    "duration": ConfigMistakeText(
        problem=Text("“{value}” não é uma duração", "“{value}” is not a duration"),
        hint=Text(
            "Escreva segundos, ou um número com ms, s, m, h ou d: 250ms, 30s, 5m, 1h, 3d.",
            "Write seconds, or a number with ms, s, m, h or d: 250ms, 30s, 5m, 1h, 3d.",
        ),
    ),
    "size": ConfigMistakeText(
        problem=Text("“{value}” não é um tamanho", "“{value}” is not a size"),
        hint=Text(
            "Escreva bytes, ou um número com KB ou MB: 512KB, 10MB.",
            "Write bytes, or a number with KB or MB: 512KB, 10MB.",
        ),
    ),
    "rate": ConfigMistakeText(
        problem=Text("“{value}” não é um ritmo", "“{value}” is not a rate"),
        hint=Text(
            "Escreva um número e um tempo, assim: “5 a second”, “240 a minute”, “9000 a day”.",
            "Write a number and a time, such as “5 a second”, “240 a minute” or “9000 a day”.",
        ),
    ),
    "closed_hours": ConfigMistakeText(
        problem=Text("“{value}” não são horas", "“{value}” is no stretch of hours"),
        hint=Text(
            "Escreva 22:00-06:00, sat 00:00-24:00 ou mon-fri 12:00-13:00, entre aspas; os dias são "
            "mon tue wed thu fri sat sun.",
            "Write 22:00-06:00, sat 00:00-24:00 or mon-fri 12:00-13:00, in quotes; the days are "
            "mon tue wed thu fri sat sun.",
        ),
    ),
    "never_opens": ConfigMistakeText(
        problem=Text("{key} não deixa nenhuma hora aberta", "{key} leaves no hour open"),
        hint=Text(
            "Deixe na semana horas em que a aplicação recebe; para não enviar nada a ela, retire-a "
            "das rotas.",
            "Leave hours in the week in which the application is sent to; to send it nothing, take "
            "it out of the routes.",
        ),
    ),
    "unknown_zone": ConfigMistakeText(
        problem=Text("não há o fuso horário “{value}”", "there is no time zone “{value}”"),
        hint=Text(
            "{question}Escreva o nome inteiro, como America/Sao_Paulo.",
            "{question}Write the whole name, such as America/Sao_Paulo.",
        ),
    ),
    "needs_zone": ConfigMistakeText(
        problem=Text(
            "{key} está sem `time_zone`: não se sabe por que relógio",
            "{key} has no `time_zone`: nobody knows by which clock",
        ),
        hint=Text(
            "Acrescente-o, como time_zone: America/Sao_Paulo.",
            "Add it, such as time_zone: America/Sao_Paulo.",
        ),
    ),
    "bounds_nothing": ConfigMistakeText(
        problem=Text("{key} não limita nada", "{key} bounds nothing"),
        hint=Text(
            "Dê-lhe `concurrency`, `rate` ou ambos, ou retire a linha.",
            "Give it `concurrency`, `rate` or both, or remove the line.",
        ),
    ),
    "name": ConfigMistakeText(
        problem=Text("“{value}” não serve de nome", "“{value}” does not do as a name"),
        hint=Text(
            "Use até 31 letras minúsculas sem acento, algarismos e hífens, sem hífen no começo.",
            "Use up to 31 lower-case letters, digits and hyphens, not starting with a hyphen.",
        ),
    ),
    "reserved": ConfigMistakeText(
        problem=Text(
            "o nome “{value}” é do próprio barramento", "the name “{value}” is the bus's own"
        ),
        hint=Text("Escolha outro.", "Choose another."),
    ),
    "colon": ConfigMistakeText(
        problem=Text("o usuário “{value}” tem dois-pontos", "user “{value}” has a colon"),
        hint=Text(
            "Escolha outro: no login HTTP os dois-pontos separam o usuário da senha.",
            "Choose another: in an HTTP login the colon parts user and password.",
        ),
    ),
    "network": ConfigMistakeText(
        problem=Text(
            "“{value}” não é um endereço IP nem uma rede",
            "“{value}” is neither an IP address nor a network",
        ),
        hint=Text(
            "Escreva 10.0.0.5, ou 10.0.1.0/24, com os bits depois da máscara em zero.",
            "Write 10.0.0.5, or 10.0.1.0/24, with no bits set after the mask.",
        ),
    ),
    "everywhere": ConfigMistakeText(
        problem=Text("“{value}” é qualquer endereço", "“{value}” is every address"),
        hint=Text(
            "Declare só os endereços de onde ela envia.",
            "Declare only the addresses that it sends from.",
        ),
    ),
    "same_address": ConfigMistakeText(
        problem=Text(
            "de {value} também envia {other}: nada diz qual das duas é",
            "{other} sends from {value} too: nothing tells which of the two it is",
        ),
        hint=Text(
            "Separe os endereços, ou dê um login a uma delas.",
            "Part the addresses, or give one of them a login.",
        ),
    ),
    "same_source": ConfigMistakeText(
        problem=Text(
            "{other} lê da mesma fonte, com as mesmas opções: cada mensagem viria duas vezes",
            "{other} reads the same source, with the same options: each message would come twice",
        ),
        hint=Text(
            "Deixe `read_every` em uma delas, ou separe por `options` o que cada uma lê.",
            "Leave `read_every` to one of them, or part by `options` what each reads.",
        ),
    ),
    "same_key": ConfigMistakeText(
        problem=Text(
            "“{value}” já é o usuário com que se chega a {other}: seriam a mesma aplicação",
            "“{value}” is the user by which {other} is reached: both would be one application",
        ),
        hint=Text(
            "Dê a cada aplicação o seu próprio usuário, ou junte as duas em uma.",
            "Give each application a user of its own, or make one of both.",
        ),
    ),
    "address_and_login": ConfigMistakeText(
        problem=Text("comes_from não vale ao lado de login", "comes_from does not go beside login"),
        hint=Text(
            "Deixe o login; o endereço só vale onde o canal não leva credenciais.",
            "Keep the login; the address counts only where the channel carries no credentials.",
        ),
    ),
    "url": ConfigMistakeText(
        problem=Text("“{value}” não é um endereço", "“{value}” is not an address"),
        hint=Text(
            "Escreva a URL inteira, como http://erp.example:8051/EAIService/MEX.",
            "Write the whole URL, such as http://erp.example:8051/EAIService/MEX.",
        ),
    ),
    "journal_scheme": ConfigMistakeText(
        problem=Text(
            "um diário não pode estar em “{value}://”",
            "a journal cannot be in “{value}://”",
        ),
        hint=Text(
            "Escreva o caminho de um arquivo, ou postgresql://usuário:senha@host:5432/banco.",
            "Write the path of a file, or postgresql://user:password@host:5432/database.",
        ),
    ),
    "journal_url": ConfigMistakeText(
        problem=Text(
            "isso não é o endereço completo de um banco de dados",
            "this is not the whole address of a database",
        ),
        hint=Text(
            "Escreva postgresql://usuário:senha@host:5432/banco, com um banco de dados só para o "
            "diário; na senha, escreva %40 por @, %2F por /, %3A por :, %3F por ? e %23 por #.",
            "Write postgresql://user:password@host:5432/database, with a database for the journal "
            "alone; in the password, write %40 for @, %2F for /, %3A for :, %3F for ? and %23 "
            "for #.",
        ),
    ),
    "broker_url": ConfigMistakeText(
        problem=Text(
            "isso não é o endereço de um servidor de mensagens",
            "this is not the address of a message broker",
        ),
        hint=Text(
            "Escreva amqp://usuário:senha@host:5672/virtual-host; na senha, escreva %40 por @, %2F "
            "por /, %3A por : e %23 por #.",
            "Write amqp://user:password@host:5672/virtual-host; in the password, write %40 for @, "
            "%2F for /, %3A for : and %23 for #.",
        ),
    ),
    "broker_scheme": ConfigMistakeText(
        problem=Text(
            "“{value}” não é o endereço de um servidor de mensagens",
            "“{value}” is not the address of a message broker",
        ),
        hint=Text(
            "Comece por um destes e `://`: {known}.", "Begin with one of these and `://`: {known}."
        ),
    ),
    "no_broker": ConfigMistakeText(
        problem=Text(
            "“{value}” é usuário de um servidor de mensagens que não há",
            "“{value}” is a user of a message broker that there is not",
        ),
        hint=Text(
            "Acrescente `broker` com o seu `address`, diga-o em `BUS_BROKER`, ou retire a linha.",
            "Add `broker` with its `address`, say it in `BUS_BROKER`, or remove the line.",
        ),
    ),
    "product_version": ConfigMistakeText(
        problem=Text(
            "“{value}” não é a versão de um produto", "“{value}” is no version of a product"
        ),
        hint=Text(
            "Escreva números separados por pontos, como 12.1.2209.158.",
            "Write numbers with points between them, such as 12.1.2209.158.",
        ),
    ),
    "invalid": ConfigMistakeText(
        problem=Text("{key} não serve: {problem}", "{key} does not do: {problem}"),
        hint=Text(
            "Veja a chave em docs/configuration.md.", "See the key in docs/configuration.md."
        ),
    ),
    # -- secrets -----------------------------------------------------------------------------------
    "inline_secret": ConfigMistakeText(
        problem=Text(
            "{key} traz um segredo escrito no arquivo", "{key} has a secret written in the file"
        ),
        hint=Text(
            "Troque o segredo, pois ficou à vista, e escreva {{env: NOME}} ou {{file: CAMINHO}}.",
            "Change the secret, as it was exposed, and write {{env: NAME}} or {{file: PATH}}.",
        ),
    ),
    "copied_secret": ConfigMistakeText(
        problem=Text(
            "o segredo de {key} está escrito no arquivo, talvez num comentário",
            "the secret of {key} is written in the file, perhaps in a comment",
        ),
        hint=Text(
            "Troque o segredo e apague-o desta linha.",
            "Change the secret and erase it from this line.",
        ),
    ),
    "secret_form": ConfigMistakeText(
        problem=Text(
            "{key} deve ser {{env: NOME}} ou {{file: CAMINHO}}",
            "{key} must be {{env: NAME}} or {{file: PATH}}",
        ),
        hint=Text(
            "Diga de qual variável ou arquivo vem o segredo.",
            "Say which variable or file the secret comes from.",
        ),
    ),
    "secret_unset": ConfigMistakeText(
        problem=Text("a variável {name} não está definida", "variable {name} is not set"),
        hint=Text(
            "{question}Defina {name} no ambiente em que o barramento é iniciado.",
            "{question}Set {name} in the environment in which the bus is started.",
        ),
    ),
    "secret_unreadable": ConfigMistakeText(
        problem=Text(
            "o arquivo {file} não pôde ser lido: {problem}",
            "file {file} could not be read: {problem}",
        ),
        hint=Text(
            "Crie o arquivo, legível só por quem roda o barramento.",
            "Create the file, readable only by the user that runs the bus.",
        ),
    ),
    "secret_empty": ConfigMistakeText(
        problem=Text("o segredo de {key} está vazio", "the secret of {key} is empty"),
        hint=Text("Dê-lhe um valor.", "Give it a value."),
    ),
    "secret_control": ConfigMistakeText(
        problem=Text(
            "o segredo de {key} tem mais de uma linha, ou um caractere de controle",
            "the secret of {key} has more than one line, or a control character",
        ),
        hint=Text(
            "Deixe nele só o segredo, numa linha.", "Leave only the secret in it, on one line."
        ),
    ),
    "secret_not_utf8": ConfigMistakeText(
        problem=Text("o arquivo {file} não está em UTF-8", "file {file} is not UTF-8"),
        hint=Text("Salve-o como UTF-8.", "Save it as UTF-8."),
    ),
    "secret_short": ConfigMistakeText(
        problem=Text(
            "a senha de {user} tem menos de {least} caracteres: acha-se por tentativa",
            "the password of {user} has fewer than {least} characters: it is found by trying",
        ),
        hint=Text(
            "Crie uma senha mais longa, nos dois lados.",
            "Make a longer password, on both sides.",
        ),
    ),
    "secret_known": ConfigMistakeText(
        problem=Text(
            "a senha de {user} está impressa em manuais, ou é fácil de adivinhar",
            "the password of {user} is printed in manuals, or easy to guess",
        ),
        hint=Text(
            "Crie uma senha própria, nos dois lados.", "Make a password of your own, on both sides."
        ),
    ),
    # -- names that must be known ------------------------------------------------------------------
    "unknown_application": ConfigMistakeText(
        problem=Text("não há aplicação “{value}”", "there is no application “{value}”"),
        hint=Text(
            "{question}Aplicações declaradas: {known}.", "{question}Applications declared: {known}."
        ),
    ),
    "unknown_adapter": ConfigMistakeText(
        problem=Text("não há adaptador “{value}”", "there is no adapter “{value}”"),
        hint=Text(
            "{question}Adaptadores instalados: {known}.", "{question}Adapters installed: {known}."
        ),
    ),
    "unusable_adapter": ConfigMistakeText(
        problem=same("{problem}"),
        hint=Text(
            "Corrija, reinstale ou desinstale o pacote; `bus adapters list` mostra todos.",
            "Mend, reinstall or uninstall the package; `bus adapters list` shows them all.",
        ),
    ),
    "near_product": ConfigMistakeText(
        problem=Text(
            "“{value}” não é um produto com perfil: valem os padrões de um produto desconhecido",
            "“{value}” is no product with a profile: the defaults are those of an unknown product",
        ),
        hint=Text(
            "{question}Produtos com perfil: {known}.",
            "{question}Products with a profile: {known}.",
        ),
    ),
    "to_itself": ConfigMistakeText(
        problem=Text(
            "a origem {origin} está entre os próprios destinos: recebe de volta o que envia",
            "the origin {origin} is among its own destinations: it gets back what it sends",
        ),
        hint=Text("Retire {origin} de `to`.", "Remove {origin} from `to`."),
    ),
    "unusable_profile": ConfigMistakeText(
        problem=Text(
            "{problem} Valem os padrões de um produto desconhecido: o barramento traduz os ids",
            "{problem} The defaults are those of an unknown product: the bus translates ids",
        ),
        hint=Text(
            "Corrija, reinstale ou desinstale o pacote (`bus adapters products` mostra todos), ou "
            "escreva aqui `de_para` e `id_scope`.",
            "Mend, reinstall or uninstall the package (`bus adapters products` shows them all), "
            "or write `de_para` and `id_scope` here.",
        ),
    ),
    "unknown_option": ConfigMistakeText(
        problem=Text(
            "o adaptador {adapter} não tem a opção “{value}”",
            "adapter {adapter} has no option “{value}”",
        ),
        hint=Text("{question}Opções dele: {known}.", "{question}Its options: {known}."),
    ),
    "unknown_transaction": ConfigMistakeText(
        problem=Text(
            "não há contrato da transação “{value}”",
            "there is no contract of transaction “{value}”",
        ),
        hint=Text(
            "{question}Transações conhecidas: {known}.", "{question}Known transactions: {known}."
        ),
    ),
    "unknown_version": ConfigMistakeText(
        problem=Text(
            "não há contrato de {transactions} na versão “{value}”",
            "there is no contract of {transactions} at version “{value}”",
        ),
        hint=Text("{question}Versões conhecidas: {known}.", "{question}Known versions: {known}."),
    ),
    "unknown_entity": ConfigMistakeText(
        problem=Text("nenhum contrato tem ids de “{value}”", "no contract has ids of “{value}”"),
        hint=Text("{question}Entidades conhecidas: {known}.", "{question}Known entities: {known}."),
    ),
    "unknown_reference": ConfigMistakeText(
        problem=Text(
            "“{value}” não é uma entidade nem o caminho de uma referência em algum contrato",
            "“{value}” is neither an entity nor the path of a reference in some contract",
        ),
        hint=Text("{question}Conhecidos: {known}.", "{question}Known: {known}."),
    ),
    # -- what does not fit together ----------------------------------------------------------------
    "needs_address": ConfigMistakeText(
        problem=Text("há adaptador, mas não há endereço", "there is an adapter but no address"),
        hint=Text(
            "Acrescente `address`, ou retire `adapter` se a aplicação só envia.",
            "Add `address`, or remove `adapter` if the application only sends.",
        ),
    ),
    "reads_nothing": ConfigMistakeText(
        problem=Text(
            "o adaptador {adapter} só entrega: nada se lê por ele",
            "adapter {adapter} only delivers: nothing is read by it",
        ),
        hint=Text(
            "Retire {key}, ou use um adaptador que lê.",
            "Remove {key}, or use an adapter that reads.",
        ),
    ),
    "needs_adapter": ConfigMistakeText(
        problem=Text(
            "há {key}, mas não há adaptador que o use", "there is {key}, but no adapter to use it"
        ),
        hint=Text("Acrescente `adapter`: {known}.", "Add `adapter`: {known}."),
    ),
    "only_sends": ConfigMistakeText(
        problem=Text(
            "“{value}” só envia: não tem adaptador", "“{value}” only sends: it has no adapter"
        ),
        hint=Text(
            "Dê-lhe `adapter` e `address`, ou escolha outro destino.",
            "Give it `adapter` and `address`, or choose another destination.",
        ),
    ),
    "no_words": ConfigMistakeText(
        problem=Text("“{value}” não tem palavra alguma", "“{value}” has no words"),
        hint=Text(
            "Escreva palavras do texto de erro, na ordem em que vêm.",
            "Write words of the error text, in their order.",
        ),
    ),
    "unknown_element": ConfigMistakeText(
        problem=Text(
            "nenhuma mensagem {transactions} tem o elemento “{value}”",
            "no message {transactions} has an element “{value}”",
        ),
        hint=Text("{question}Elementos: {known}.", "{question}Elements: {known}."),
    ),
    "refusals_alone": ConfigMistakeText(
        problem=Text(
            "{key} só se diz de uma recusa (means: refused)",
            "{key} is said of a refusal alone (means: refused)",
        ),
        hint=Text("Retire-a, ou mude means.", "Remove it, or change means."),
    ),
    "both_safe_and_not": ConfigMistakeText(
        problem=Text(
            "“{value}” está em repeat_safe e em repeat_unsafe",
            "“{value}” is in repeat_safe and in repeat_unsafe",
        ),
        hint=Text("Deixe-a numa só.", "Keep it in one of them."),
    ),
    "no_version_of": ConfigMistakeText(
        problem=Text(
            "nenhuma das versões de {key} é de {transactions}",
            "none of the versions in {key} is one of {transactions}",
        ),
        hint=Text("Acrescente uma destas: {known}.", "Add one of these: {known}."),
    ),
    "echo_untold": ConfigMistakeText(
        problem=Text(
            "nenhum contrato destas transações diz como se reconhece um eco",
            "no contract of these transactions says how an echo is told",
        ),
        hint=Text("Retire {key} desta rota.", "Remove {key} from this route."),
    ),
    "unknown_query": ConfigMistakeText(
        problem=Text(
            "não há consulta com contrato “{value}”", "there is no query with a contract “{value}”"
        ),
        hint=Text(
            "{question}Escreva a transação e a versão de uma destas: {known}.",
            "{question}Write transaction and version of one of these: {known}.",
        ),
    ),
    "no_query": ConfigMistakeText(
        problem=Text(
            "{value} não é uma consulta: perguntar por ela mudaria algo no destino",
            "{value} is no query: to ask by it would change something at the destination",
        ),
        hint=Text("Escolha uma destas: {known}.", "Choose one of these: {known}."),
    ),
    "path_elsewhere": ConfigMistakeText(
        problem=Text(
            "o elemento “{value}” não está em {contract}",
            "the element “{value}” is not in {contract}",
        ),
        hint=Text(
            "{question}Escolha um destes, ou escreva um texto depois de =: {known}.",
            "{question}Choose one of these, or write a text after =: {known}.",
        ),
    ),
    "not_of_route": ConfigMistakeText(
        problem=Text("a rota não leva “{value}”", "the route does not take “{value}”"),
        hint=Text(
            "{question}Escolha uma destas: {known}.", "{question}Choose one of these: {known}."
        ),
    ),
    "answers_elsewhere": ConfigMistakeText(
        problem=Text(
            "quem responde, “{value}”, não está em `to`",
            "the one that answers, “{value}”, is not in `to`",
        ),
        hint=Text(
            "{question}Escolha um destes: {known}.", "{question}Choose one of these: {known}."
        ),
    ),
    "answers_missing": ConfigMistakeText(
        problem=Text(
            "a rota aceita mensagens síncronas, tem vários destinos e não diz quem responde",
            "the route takes synchronous messages, has several destinations and none that answers",
        ),
        hint=Text(
            "Acrescente `answers` com um destes: {known}; ou deixe só `modes: [async]`.",
            "Add `answers` with one of these: {known}; or leave only `modes: [async]`.",
        ),
    ),
    "mode_not_taken": ConfigMistakeText(
        problem=Text("o modo “{value}” não está em `modes`", "mode “{value}” is not in `modes`"),
        hint=Text("Escolha um destes: {known}.", "Choose one of these: {known}."),
    ),
    # -- sharing -----------------------------------------------------------------------------------
    "not_shareable": ConfigMistakeText(
        problem=Text(
            "“{value}” não é um cadastro que se compartilha",
            "“{value}” is no register that is shared",
        ),
        hint=Text(
            "{question}Compartilham-se: {known}.",
            "{question}What is shared: {known}.",
        ),
    ),
    "origin_among": ConfigMistakeText(
        problem=Text(
            "{value} é a origem do grupo, e não um destino",
            "{value} is the origin of the group, and no destination",
        ),
        hint=Text("Retire-a dos destinos.", "Take it out of the destinations."),
    ),
    "stranger": ConfigMistakeText(
        problem=Text("{value} não é do grupo", "{value} is not in the group"),
        hint=Text(
            "{question}São do grupo: {known}. Ponha-a entre os destinos, ou retire a permissão.",
            "{question}In the group are: {known}. Put it among the destinations, or take the "
            "permission away.",
        ),
    ),
    "unheard": ConfigMistakeText(
        problem=Text(
            "{value} tem permissões, e nada vem dela: não é lida, nem envia",
            "{value} has permissions, and nothing comes from it: it is not read, nor does it send",
        ),
        hint=Text(
            "Dê-lhe read_every (ou um login, se ela mesma envia), ou retire as permissões.",
            "Give it read_every (or a login, where it sends by itself), or take the permissions "
            "away.",
        ),
    ),
    "origin_unread": ConfigMistakeText(
        problem=Text(
            "a origem {value} não pode ser lida, e os cadastros dela não chegariam aos outros",
            "the origin {value} cannot be read, and its registers would not come to the others",
        ),
        hint=Text(
            "Escolha como origem uma aplicação cujo adaptador lê (`bus adapters list`).",
            "Choose an application as the origin whose adapter reads (`bus adapters list`).",
        ),
    ),
    "shared_already": ConfigMistakeText(
        problem=Text(
            "“{value}” leva {transaction} de {origin} a {destination}, e o grupo {group} também",
            "“{value}” brings {transaction} from {origin} to {destination}, and so does group "
            "{group}",
        ),
        hint=Text("Deixe um só: a rota ou o grupo.", "Keep one of them: the route or the group."),
    ),
    "alone": ConfigMistakeText(
        problem=Text("só “{value}” está em {key}", "“{value}” alone is in {key}"),
        hint=Text(
            "Cite ao menos duas aplicações, ou retire a regra.",
            "Name at least two applications, or remove the rule.",
        ),
    ),
    "condition": ConfigMistakeText(
        problem=Text(
            "a condição não é um XPath: {problem}", "the condition is not an XPath: {problem}"
        ),
        hint=Text(
            "Escreva um XPath sobre a TOTVSMessage, como {example}.",
            "Write an XPath over the TOTVSMessage, such as {example}.",
        ),
    ),
    "other_environment": ConfigMistakeText(
        problem=Text(
            "{value} é de {environment}, e este barramento é de {bus} (BUS_ENVIRONMENT)",
            "{value} is for {environment}, and this bus is for {bus} (BUS_ENVIRONMENT)",
        ),
        hint=Text(
            "Declare aqui uma aplicação de {bus}, com o endereço dela. Para cruzar mesmo assim, "
            "escreva {value} em BUS_ACROSS.",
            "Declare an application for {bus} here, with its address. To cross all the same, type "
            "{value} into BUS_ACROSS.",
        ),
    ),
    "across_nothing": ConfigMistakeText(
        problem=Text(
            "BUS_ACROSS cita “{value}”, e nenhuma aplicação tem esse nome",
            "BUS_ACROSS names “{value}”, and no application is called that",
        ),
        hint=Text(
            "{question}Aplicações declaradas: {known}.", "{question}Applications declared: {known}."
        ),
    ),
    "same_login": ConfigMistakeText(
        problem=Text(
            "o usuário “{value}” já é o de {other}", "user “{value}” is already that of {other}"
        ),
        hint=Text(
            "Dê a cada aplicação o seu: é pelo usuário que o barramento a conhece.",
            "Give each application its own: the bus knows it by its user.",
        ),
    ),
    # -- warnings ----------------------------------------------------------------------------------
    "unordered": ConfigMistakeText(
        problem=Text(
            "{first} e {second} enviam {transaction} a {destination}: entre si, sem ordem",
            "{first} and {second} send {transaction} to {destination}: in no order between them",
        ),
        hint=Text(
            "Deixe um só dono do cadastro; a ordem vale por documento e remetente.",
            "Keep one owner of the register; order holds per document and sender.",
        ),
    ),
    "shadowed": ConfigMistakeText(
        problem=Text(
            "{transaction} de {origin} já vai a {destination} por {first}; é essa rota que vale",
            "{transaction} from {origin} goes to {destination} by {first} already; that rule "
            "counts",
        ),
        hint=Text(
            "Junte as rotas, ou dê a cada uma a sua `condition`.",
            "Join the routes, or give each its own `condition`.",
        ),
    ),
    "constant": ConfigMistakeText(
        problem=Text(
            "a condição “{value}” diz o mesmo de toda mensagem",
            "the condition “{value}” says the same of every message",
        ),
        hint=Text(
            "Compare um elemento da mensagem, ou tire a condição.",
            "Compare an element of the message, or leave the condition out.",
        ),
    ),
    "no_such_element": ConfigMistakeText(
        problem=Text(
            "nenhuma mensagem da rota tem o elemento {value}, que a condição nomeia",
            "no message of the route has the element {value}, which the condition names",
        ),
        hint=Text(
            "{question}Maiúsculas contam; veja os nomes com `bus schemas example`.",
            "{question}Capitals count; see the names with `bus schemas example`.",
        ),
    ),
    "astray": ConfigMistakeText(
        problem=Text(
            "o caminho {value} da condição não leva a nada em nenhuma mensagem",
            "the path {value} of the condition leads nowhere in any message",
        ),
        hint=Text(
            "Escreva-o desde a raiz, como BusinessMessage/BusinessContent/Code, ou, onde quer que "
            "o elemento esteja, //Code.",
            "Write it from the root, such as BusinessMessage/BusinessContent/Code, or, wherever "
            "the element stands, //Code.",
        ),
    ),
    "unbridged": ConfigMistakeText(
        problem=Text(
            "{transaction} {version} de {origin} seria recusada: {destination} só aceita "
            "{accepted}",
            "{transaction} {version} from {origin} would be rejected: {destination} takes "
            "{accepted}",
        ),
        hint=Text(
            "Diga em `versions` da rota, ou em `sends` de {origin}, o que vem; ou corrija "
            "`accepts` ou "
            "`product_version` de {destination}. Pontes: `bus schemas bridges`.",
            "Say what comes in `versions` of the route or in `sends` of {origin}; or correct "
            "`accepts` "
            "or `product_version` of {destination}. Bridges: `bus schemas bridges`.",
        ),
    ),
    "lossy": ConfigMistakeText(
        problem=Text(
            "{transaction} {version} de {origin} chega a {destination} como {target}, sem {count} "
            "elemento(s) que essa versão não tem",
            "{transaction} {version} from {origin} reaches {destination} as {target}, "
            "without {count} "
            "element(s) that this version lacks",
        ),
        hint=Text(
            "Veja quais com `bus schemas bridges`; cada mensagem diz o que perdeu em `bus trace`.",
            "See which with `bus schemas bridges`; each message says what it lost in `bus trace`.",
        ),
    ),
    "steps_left_out": ConfigMistakeText(
        problem=Text(
            "{transactions}: se uma etapa falha, as seguintes do mesmo documento vão assim mesmo",
            "{transactions}: where a step fails, those after it of the same document go all the "
            "same",
        ),
        hint=Text(
            "Troque por `on_failure: hold`: as seguintes esperam até que uma pessoa decida.",
            "Change it to `on_failure: hold`: those after it wait until a person decides.",
        ),
    ),
    "echoes_untold": ConfigMistakeText(
        problem=Text(
            "{transactions} vai e vem entre {first} e {second}, e o eco do que uma enviou seria "
            "entregue a ela como novo",
            "{transactions} goes both ways between {first} and {second}, and an echo of what one "
            "sent would be delivered to it as new",
        ),
        hint=Text(
            "Acrescente `echo_within: 1h` a esta rota; o que voltar nesse prazo é descartado.",
            "Add `echo_within: 1h` to this route; what comes back within it is discarded.",
        ),
    ),
    "nobody_answers": ConfigMistakeText(
        problem=Text(
            "{transaction} de {origin} vai por {first} e {second}: se for síncrona, ninguém "
            "responde",
            "{transaction} from {origin} goes by {first} and {second}: if synchronous, "
            "nobody answers",
        ),
        hint=Text(
            "Acrescente `answers` a uma das duas, ou deixe só `modes: [async]` numa delas.",
            "Add `answers` to one of them, or leave only `modes: [async]` in one of them.",
        ),
    ),
}
