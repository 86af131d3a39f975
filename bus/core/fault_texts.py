"""The words of every fault, with its owner and HTTP status.

One row a code. `{name}` is filled from the fault's details. A test checks that both languages of a
row use the same names.
"""

from __future__ import annotations

from typing import NamedTuple

from bus.core.text import NOTHING, Text, same


class FaultText(NamedTuple):
    """What is said of one code: owner, HTTP status, reason, remedy, where it is about a value or a
    place what is allowed there, and what then follows by itself.
    """

    owner: str
    status: int
    reason: Text
    remedy: Text
    allowed: Text = NOTHING
    follows: Text = NOTHING


_TRIED_AGAIN = Text("O barramento tenta de novo sozinho.", "The bus tries again by itself.")
NEVER_SENT = Text(
    "O barramento não a enviará sozinho: repita a operação.",
    "The bus will not send it by itself: repeat the operation.",
)
"""What follows where a sender was told ERROR instead (S12)."""
NOTHING_ALTERED = Text(
    "O que é entregue é o que foi escrito.", "What is delivered is what was written."
)
"""What follows where a message was mended in its form alone."""
REPEATED = Text(
    "Nada a fazer: repetir não causa dano, e o barramento a envia de novo sozinho.",
    "Nothing need be done: to repeat it does no harm, and the bus sends it again by itself.",
)
"""What is to be done of a doubt that the bus ends by sending again."""
NOT_WAITED_FOR = Text(
    "O barramento não espera por ele: depois, reenvie a mensagem.",
    "The bus does not wait for it: then replay the message.",
)
"""What follows where a reader lacks an id, and nobody knows which, or its sender was told."""
_NO_BUS = Text(
    "Nenhum barramento está no ar sobre o diário {path}.",
    "No bus runs on the journal {path}.",
)
MAP_IT = Text(
    "Nenhum texto conhecido o explica: quando souber o que significa, diga-o em routes.yaml: "
    "`{line}`.",
    "No known text explains it: once you know what it means, say so in routes.yaml: `{line}`.",
)
"""What to do about words of a destination that nobody mapped (S18)."""
FOLLOW_AT = Text("Acompanhe em {address}.", "Follow it at {address}.")
"""What follows where a sender was told that nobody knows."""

LOOK_AND_SAY = Text(
    "Olhe em {application} se o documento está lá; depois diga ao barramento: `bus settle "
    "{message} --done`, ou `--not-done`. Até lá as seguintes do documento esperam.",
    "Look in {application} whether the document is there; then tell the bus: `bus settle {message} "
    "--done`, or `--not-done`. Until then those behind it in its document wait.",
)
"""What to do where only a person can find out what came of a message."""

_SENDER, _ADMIN, _RECEIVER = "sender", "bus admin", "receiver"

FAULT_TEXTS: dict[str, FaultText] = {
    # -- reading what arrived ----------------------------------------------------------------------
    "MALFORMED_XML": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O corpo não é um XML bem formado: {problem}.",
            "The body is not well-formed XML: {problem}.",
        ),
        remedy=Text(
            "Corrija isso onde o XML é gerado e envie de novo.",
            "Correct that where the XML is made, and send it again.",
        ),
    ),
    "WRAPPED_TWICE": FaultText(
        _SENDER,
        400,
        reason=Text(
            "A mensagem foi escapada duas vezes: aqui ela ainda é texto (&lt; ou CDATA), e não "
            "XML.",
            "The message was escaped twice: here it is still text (&lt; or CDATA), and no XML.",
        ),
        remedy=Text(
            "Dê a mensagem simples à biblioteca SOAP, sem escapá-la nem pô-la em CDATA: a "
            "biblioteca já o faz.",
            "Give the bare message to the SOAP library, neither escaped nor in CDATA: the library "
            "does that.",
        ),
    ),
    "SECOND_PART": FaultText(
        _SENDER,
        400,
        reason=Text("Há mais de um {what}.", "There is more than one {what}."),
        remedy=Text(
            "Envie um só; o resto vai em outra mensagem, com outro UUID.",
            "Send one only; the rest goes in another message, with another UUID.",
        ),
    ),
    "ENVELOPE_TOO_LONG": FaultText(
        _SENDER,
        400,
        reason=Text(
            "{what} tem {length} caracteres; o limite é {limit}.",
            "{what} has {length} characters; the limit is {limit}.",
        ),
        remedy=Text("Encurte {what} e envie de novo.", "Shorten {what} and send it again."),
    ),
    "MALFORMED_JSON": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O corpo não é um JSON de mensagem padrão: {problem}.",
            "The body is no JSON of a standard message: {problem}.",
        ),
        remedy=Text(
            "Corrija esse ponto; uma mensagem é um objeto com Header e Content, em UTF-8.",
            "Correct that; a message is an object with Header and Content, in UTF-8.",
        ),
    ),
    "ROW_UNMAPPED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "A linha {key} de {table}, em {application}, não vira mensagem: {problem}.",
            "Row {key} of {table}, at {application}, makes no message: {problem}.",
        ),
        remedy=Text(
            "Corrija a linha, ou o arquivo de mapeamento, e ponha o estado dela de volta em novo.",
            "Correct the row, or the mapping file, and set its state back to new.",
        ),
    ),
    "NOT_IN_JSON": FaultText(
        _SENDER,
        422,
        reason=Text(
            "A mensagem não pode ser escrita em JSON sem perda: {problem}.",
            "The message cannot be written in JSON without a loss: {problem}.",
        ),
        remedy=Text(
            "Corrija na mensagem o elemento indicado, ou mantenha-a em XML.",
            "Correct the element shown in the message, or keep it in XML.",
        ),
    ),
    "CONTENT_UNWRITABLE": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O conteúdo não pode ser escrito em XML: {problem}.",
            "The content cannot be written as XML: {problem}.",
        ),
        remedy=Text(
            "Corrija na origem o elemento indicado, ou o adaptador que o monta.",
            "Correct the element shown at its source, or the adapter that builds it.",
        ),
    ),
    "FILE_UNREADABLE": FaultText(
        _SENDER,
        400,
        reason=Text(
            "Não foi possível ler o arquivo {file}: {problem}.",
            "File {file} could not be read: {problem}.",
        ),
        remedy=Text(
            "Confira o caminho do arquivo e as permissões dele.",
            "Check the path of the file and its permissions.",
        ),
    ),
    "DOCTYPE_REFUSED": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O XML traz uma declaração DOCTYPE ou entidades, que o barramento recusa por "
            "segurança.",
            "The XML carries a DOCTYPE or entities, which the bus refuses for safety.",
        ),
        remedy=Text(
            "Envie a mensagem sem DOCTYPE e sem entidades próprias.",
            "Send the message without a DOCTYPE and without entities of its own.",
        ),
    ),
    "TOO_LARGE": FaultText(
        _SENDER,
        413,
        reason=Text(
            "O corpo passa do limite de {limit} bytes.",
            "The body exceeds the limit of {limit} bytes.",
        ),
        remedy=Text(
            "Divida a mensagem ou peça ao administrador do barramento um limite maior.",
            "Split the message, or ask the bus admin for a higher limit.",
        ),
    ),
    "COMPRESSION_REFUSED": FaultText(
        _SENDER,
        413,
        reason=Text(
            "De corpos comprimidos só se aceita gzip ou deflate, numa parte só e até {ratio}:1.",
            "Of compressed bodies gzip or deflate is taken, in one part and up to {ratio}:1.",
        ),
        remedy=Text(
            "Envie sem compressão, ou com gzip comum.", "Send it uncompressed, or with plain gzip."
        ),
    ),
    "TOO_COMPLEX": FaultText(
        _SENDER,
        400,
        reason=Text(
            "A mensagem passa do limite de {limit} {what}.",
            "The message exceeds the limit of {limit} {what}.",
        ),
        remedy=Text("Simplifique ou divida a mensagem.", "Simplify or split the message."),
    ),
    "BAD_ENCODING": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O texto não pode ser lido: {encoding}.", "The text cannot be read: {encoding}."
        ),
        remedy=Text(
            "Declare a codificação em que o texto realmente está: UTF-8, ISO-8859-1 ou "
            "Windows-1252.",
            "Declare the encoding that the text is really in: UTF-8, ISO-8859-1 or Windows-1252.",
        ),
    ),
    "BODY_TIMEOUT": FaultText(
        _SENDER,
        408,
        reason=Text(
            "O corpo não chegou inteiro em {seconds} segundos.",
            "The body did not arrive whole within {seconds} seconds.",
        ),
        remedy=Text("Verifique a rede e envie de novo.", "Check the network and send it again."),
    ),
    "BODY_TRUNCATED": FaultText(
        _SENDER,
        400,
        reason=Text(
            "A conexão terminou antes do fim do corpo.",
            "The connection ended before the end of the body.",
        ),
        remedy=Text("Envie de novo; nada foi guardado.", "Send it again; nothing was kept."),
    ),
    "NOT_A_STANDARD_MESSAGE": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O XML não é uma TOTVSMessage: a raiz é <{root}>.",
            "The XML is not a TOTVSMessage: its root is <{root}>.",
        ),
        remedy=Text(
            "Envie a mensagem padrão com a raiz TOTVSMessage.",
            "Send the standard message with TOTVSMessage as its root.",
        ),
    ),
    "NOT_SOAP": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O corpo não é uma chamada receiveMessage em SOAP: {problem}.",
            "The body is no receiveMessage call in SOAP: {problem}.",
        ),
        remedy=Text(
            "Chame receiveMessage como descreve o WSDL deste endereço (?wsdl).",
            "Call receiveMessage as the WSDL at this address (?wsdl) has it.",
        ),
    ),
    "ENVELOPE_INCOMPLETE": FaultText(
        _SENDER,
        400,
        reason=Text(
            "Falta {what} no envelope, ou está vazio.", "The envelope lacks {what}, or it is empty."
        ),
        remedy=Text("Preencha {what} e envie de novo.", "Fill {what} and send it again."),
    ),
    "ENVELOPE_INVALID": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O valor “{value}” não serve para {what}; o permitido é {allowed}.",
            "The value “{value}” does not fit {what}; allowed: {allowed}.",
        ),
        remedy=Text("Corrija {what} e envie de novo.", "Correct {what} and send it again."),
        allowed=same("{allowed}"),
    ),
    # -- who may send, and where to ----------------------------------------------------------------
    "UNAUTHENTICATED": FaultText(
        _SENDER,
        401,
        reason=Text(
            "Usuário ou senha não conferem com nenhuma aplicação.",
            "The user and password match no application.",
        ),
        remedy=Text(
            "Use as credenciais que o administrador do barramento deu a esta aplicação.",
            "Use the credentials that the bus admin gave this application.",
        ),
    ),
    "BROKER_USER_MISSING": FaultText(
        _SENDER,
        401,
        reason=Text(
            "A mensagem não diz que usuário do servidor de mensagens a enviou.",
            "The message does not say which user of the broker sent it.",
        ),
        remedy=Text(
            "Envie-a com a propriedade AMQP user_id igual ao usuário da conexão: o servidor "
            "confere que é ele.",
            "Send it with the AMQP property user_id, equal to the user of the connection: the "
            "broker checks that it is.",
        ),
    ),
    "BROKER_USER_UNKNOWN": FaultText(
        _SENDER,
        401,
        reason=Text(
            "Nenhuma aplicação envia como o usuário “{user}” do servidor de mensagens.",
            "No application posts as user “{user}” of the broker.",
        ),
        remedy=Text(
            "Conecte-se com o usuário desta aplicação, ou peça ao administrador do barramento que "
            "o ponha em `broker_user`.",
            "Connect as the user of this application, or ask the bus admin to put it into "
            "`broker_user`.",
        ),
    ),
    "REPLY_TO_REFUSED": FaultText(
        _SENDER,
        403,
        reason=Text(
            "A resposta não pode ir para “{queue}”: a fila é do próprio barramento, ou de outra "
            "aplicação.",
            "The answer cannot go to “{queue}”: that queue is the bus's own, or another "
            "application's.",
        ),
        remedy=Text(
            "Ponha em reply-to uma fila que seja sua.", "Put a queue of your own into reply-to."
        ),
    ),
    "BROKER_AWAY": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "Sem conexão com o servidor de mensagens {address}: {problem}.",
            "No connection to the broker at {address}: {problem}.",
        ),
        remedy=Text(
            "Confira se ele atende, e `broker` em routes.yaml. O barramento tenta de novo sozinho.",
            "Check that it answers, and `broker` in routes.yaml. The bus tries again by itself.",
        ),
    ),
    "SOURCE_APPLICATION_REFUSED": FaultText(
        _SENDER,
        403,
        reason=Text(
            "A aplicação {application} não pode enviar como SourceApplication “{source}”.",
            "Application {application} may not send as SourceApplication “{source}”.",
        ),
        remedy=Text(
            "Envie o próprio nome em SourceApplication, ou peça ao administrador do "
            "barramento que o "
            "acrescente em `source_applications` de {application}.",
            "Send its own name in SourceApplication, or ask the bus admin to add it to "
            "`source_applications` of {application}.",
        ),
    ),
    "NO_ROUTE": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "Nenhuma rota leva {transaction} {version} vinda de {application}.",
            "No route takes {transaction} {version} from {application}.",
        ),
        remedy=Text(
            "Acrescente em routes.yaml uma rota com essa transação e versão vinda de "
            "{application}; "
            "transações com rota: {known}.",
            "Add to routes.yaml a route with that transaction and version from {application}; "
            "transactions that have one: {known}.",
        ),
    ),
    "VERSION_NOT_ROUTED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "A rota {route} leva {transaction} na versão {known}, e não na {version}.",
            "Route {route} takes {transaction} in version {known}, and not in {version}.",
        ),
        remedy=Text(
            "Envie {transaction} na versão {known}; ou o administrador do barramento acrescenta "
            "{version} a `versions` da rota {route}.",
            "Send {transaction} in version {known}; or the administrator of the bus adds {version} "
            "to `versions` of route {route}.",
        ),
    ),
    # -- what a reader can hold --------------------------------------------------------------------
    "TOO_LONG_FOR_READER": FaultText(
        _SENDER,
        422,
        reason=Text(
            "{document}: {field} “{value}” tem {length} caracteres, e em {application} cabem "
            "{limit}.",
            "{document}: {field} “{value}” has {length} characters, and {application} holds "
            "{limit}.",
        ),
        remedy=Text(
            "Use na origem um valor de até {limit} caracteres; ou o administrador de {application} "
            "aumenta o campo, e o do barramento o declara em `limits` de {application}. Nada é "
            "cortado.",
            "Use at the origin a value of at most {limit} characters; or the administrator of "
            "{application} widens the field, and that of the bus declares it in `limits` of "
            "{application}. Nothing is cut.",
        ),
        allowed=Text("até {limit} caracteres", "at most {limit} characters"),
    ),
    "TOO_MANY_FOR_READER": FaultText(
        _SENDER,
        422,
        reason=Text(
            "{document}: {field} vem {count} vezes, e {application} aceita {limit}.",
            "{document}: {field} comes {count} times, and {application} takes {limit}.",
        ),
        remedy=Text("Envie no máximo {limit} de cada vez.", "Send no more than {limit} at a time."),
        allowed=Text("no máximo {limit}", "at most {limit}"),
    ),
    "VALUE_UNKNOWN_TO_READER": FaultText(
        _SENDER,
        422,
        reason=Text(
            "{document}: {application} não conhece {field} “{value}”.",
            "{document}: {application} does not know {field} “{value}”.",
        ),
        remedy=Text(
            "Use um destes: {known}; ou acrescente o valor em `limits` de {application}.",
            "Use one of these: {known}; or add the value in `limits` of {application}.",
        ),
        allowed=Text("{known}", "{known}"),
    ),
    "IGNORED_BY_READER": FaultText(
        _SENDER,
        200,
        reason=Text(
            "{document}: {application} não guarda {field}; o valor se perde lá.",
            "{document}: {application} does not keep {field}; the value is lost there.",
        ),
        remedy=Text(
            "Não conte com esse valor em {application}.",
            "Do not count on that value in {application}.",
        ),
    ),
    "REPAIRED": FaultText(
        _SENDER,
        200,
        reason=Text(
            "A mensagem só pôde ser lida com um conserto: {repair}.",
            "The message had to be mended to be read: {repair}.",
        ),
        remedy=Text("Corrija quem a escreve.", "Correct what writes it."),
        follows=Text(
            "O texto entregue pode não ser o que foi digitado.",
            "The text delivered may not be what was typed.",
        ),
    ),
    "CHARACTERS_LEFT_OUT": FaultText(
        _SENDER,
        200,
        reason=Text(
            "{application} não guarda os caracteres {characters}; a mensagem vai sem eles.",
            "{application} cannot hold the characters {characters}; the message goes without them.",
        ),
        remedy=Text(
            "Corrija na origem o texto que os contém.",
            "Correct at the origin the text that has them.",
        ),
    ),
    "READER_IS_FULL": FaultText(
        _RECEIVER,
        200,
        reason=Text(
            "{document}: {application} guarda {limit}, e já tem tantas. Nada foi enviado.",
            "{document}: {application} holds {limit}, and has as many. Nothing was sent.",
        ),
        remedy=Text(
            "Exclua uma que não se usa; ou o administrador de {application} abre lugar, e o do "
            "barramento o declara em `holds` de {application}.",
            "Delete one that is not used; or the administrator of {application} makes room, and "
            "that of the bus declares it in `holds` of {application}.",
        ),
    ),
    "DELIVERY_TYPE_REFUSED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "A rota {route} não aceita DeliveryType {mode}; aceita {allowed}.",
            "Route {route} does not accept DeliveryType {mode}; it accepts {allowed}.",
        ),
        remedy=Text(
            "Envie com DeliveryType {allowed}, ou mude `modes` da rota.",
            "Send it with DeliveryType {allowed}, or change `modes` of the route.",
        ),
        allowed=same("{allowed}"),
    ),
    "NO_ANSWERING_DESTINATION": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "A mensagem síncrona tem vários destinos e nenhum foi declarado para responder.",
            "The synchronous message has several destinations and none is declared to answer.",
        ),
        remedy=Text(
            "Declare `answers` na rota, com o destino que responde.",
            "Declare `answers` in the route, with the destination that answers.",
        ),
    ),
    # -- contracts ---------------------------------------------------------------------------------
    "UNKNOWN_CONTRACT": FaultText(
        _SENDER,
        422,
        reason=Text(
            "Não há contrato de {transaction} na versão {version}; versões conhecidas: {known}.",
            "There is no contract of {transaction} at version {version}; known versions: {known}.",
        ),
        remedy=Text("Envie uma das versões conhecidas.", "Send one of the known versions."),
        allowed=same("{known}"),
    ),
    "UNKNOWN_TRANSACTION": FaultText(
        _SENDER,
        422,
        reason=Text(
            "Não há contrato da transação “{value}”, em versão nenhuma.",
            "There is no contract of transaction “{value}”, at any version.",
        ),
        remedy=Text(
            "{question}Transações conhecidas: {known}.", "{question}Known transactions: {known}."
        ),
        allowed=same("{known}"),
    ),
    "VERSION_NOT_ACCEPTED": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "{application} não aceita {transaction} {version}, só {accepted}, e nenhuma "
            "ponte leva de "
            "uma à outra.",
            "{application} does not take {transaction} {version}, only {accepted}, and no "
            "bridge leads "
            "from one to the other.",
        ),
        remedy=Text(
            "Envie uma dessas versões, ou corrija `accepts` ou `product_version` de {application}; "
            "`bus schemas bridges` mostra as pontes.",
            "Send one of these versions, or correct `accepts` or `product_version` of "
            "{application}; "
            "`bus schemas bridges` shows the bridges.",
        ),
    ),
    "ANSWER_DIFFERS": FaultText(
        _RECEIVER,
        200,
        reason=Text(
            "O que {application} respondeu difere do contrato {contract}: {problem}",
            "What {application} answered differs from the contract {contract}: {problem}",
        ),
        remedy=Text(
            "A resposta valeu assim mesmo, e a origem a recebe como veio. Peça a quem mantém "
            "{application} que a escreva como o contrato diz.",
            "The answer counted all the same, and the origin gets it as it came. Ask who keeps "
            "{application} to write it as the contract says.",
        ),
    ),
    "TRANSFORMATION_INVALID": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "Transformada de {version} para {application}, a mensagem difere de {contract}: "
            "{problem}",
            "Transformed from {version} for {application}, the message differs from {contract}: "
            "{problem}",
        ),
        remedy=Text(
            "Nada foi enviado, e o remetente não errou: avise quem mantém o barramento, que "
            "corrige a "
            "ponte; depois reenvie.",
            "Nothing was sent, and the sender is not at fault: tell who maintains the bus, "
            "to correct "
            "the bridge; then replay it.",
        ),
    ),
    # -- contracts that others published -----------------------------------------------------------
    "CONTRACTS_FOLDER_MISSING": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "Não se sabe onde guardar os contratos importados: falta BUS_CONTRACTS.",
            "There is nowhere to keep imported contracts: BUS_CONTRACTS is not set.",
        ),
        remedy=Text(
            "Dê uma pasta desta instalação em BUS_CONTRACTS ou --contracts, ou use --dry-run.",
            "Give a folder of this installation in BUS_CONTRACTS or --contracts, or use --dry-run.",
        ),
    ),
    "NOTHING_TO_REPLACE": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "Nenhum arquivo da árvore é do contrato {contract}.",
            "No file of the tree is of contract {contract}.",
        ),
        remedy=Text(
            'Escreva o contrato como o arquivo se chama: "Order 3.002" para Order_3_002.xsd.',
            'Write the contract as its file is called: "Order 3.002" for Order_3_002.xsd.',
        ),
    ),
    "XSD_NAME": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O nome do arquivo, {file}, não é Transacao_1_000.xsd.",
            "The name of the file, {file}, is not Transaction_1_000.xsd.",
        ),
        remedy=Text(
            "Dê ao arquivo o nome da transação e da versão, se souber quais são.",
            "Name the file for its transaction and version, if you know them.",
        ),
    ),
    "XSD_UNREADABLE": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O arquivo não é um XSD que se possa ler: {problem}.",
            "The file is no XSD that can be read: {problem}.",
        ),
        remedy=Text(
            "Peça o arquivo de novo a quem o publicou.",
            "Ask whoever published the file for it again.",
        ),
    ),
    "XSD_NAMESPACE": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O XSD tem o namespace {namespace}; o conteúdo das mensagens não tem nenhum.",
            "The XSD has the namespace {namespace}; the content of messages has none.",
        ),
        remedy=Text(
            "Confira se é mesmo o XSD de uma mensagem padrão.",
            "Check that it is the XSD of a standard message.",
        ),
    ),
    "XSD_INCLUDE_MISSING": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O XSD inclui {location}, que não está na árvore nem entre os tipos do barramento.",
            "The XSD includes {location}, which is neither in the tree nor among the types "
            "of the bus.",
        ),
        remedy=Text(
            "Ponha o arquivo incluído na árvore e importe de novo.",
            "Put the included file into the tree and import again.",
        ),
    ),
    "XSD_INCLUDE_REFUSED": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O XSD traz xs:{kind} de {location}; o barramento só lê o que está na própria árvore.",
            "The XSD has an xs:{kind} of {location}; the bus reads only what is in its own tree.",
        ),
        remedy=Text(
            "Inclua por caminho relativo um arquivo da árvore.",
            "Include a file of the tree by a relative path.",
        ),
    ),
    "XSD_INVALID": FaultText(
        _ADMIN,
        422,
        reason=Text("O XSD não compila: {problem}.", "The XSD does not compile: {problem}."),
        remedy=Text(
            "Peça a correção a quem o publicou; o barramento não adivinha.",
            "Ask whoever published it to correct it; the bus does not guess.",
        ),
    ),
    "XSD_TOO_COSTLY": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O XSD passou do limite de {limit} ao ser compilado, e foi interrompido.",
            "Compiling the XSD went over the limit of {limit}, and was stopped.",
        ),
        remedy=Text(
            "Procure no XSD repetições ou padrões enormes.",
            "Look for huge repetitions or patterns in the XSD.",
        ),
    ),
    "XSD_NOT_READ": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O XSD não pôde ser lido: quem o lê falhou.",
            "The XSD could not be read: what reads it failed.",
        ),
        remedy=Text(
            "É uma falha do barramento: mande o arquivo a quem o mantém.",
            "This is a failure of the bus: send the file to those who maintain it.",
        ),
    ),
    "CONTRACT_BROKEN": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O contrato {contract}, importado nesta instalação, não pode ser usado: "
            "{file}: {problem}.",
            "Contract {contract}, imported in this installation, cannot be used: "
            "{file}: {problem}.",
        ),
        remedy=Text(
            "Importe o contrato de novo (bus schemas import) e reinicie o barramento.",
            "Import the contract again (bus schemas import) and restart the bus.",
        ),
    ),
    "XSD_PATTERN": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O padrão {pattern} repete repetições sem medida; conferir um valor poderia não "
            "terminar.",
            "Pattern {pattern} repeats repetitions without measure; checking a value might "
            "never end.",
        ),
        remedy=Text(
            "Escreva o padrão sem repetições dentro de repetições.",
            "Write the pattern without repetitions inside repetitions.",
        ),
    ),
    "XSD_NO_CONTENT": FaultText(
        _ADMIN,
        422,
        reason=Text("O XSD não declara BusinessContent.", "The XSD declares no BusinessContent."),
        remedy=Text(
            "Confira se é mesmo o XSD de uma mensagem padrão.",
            "Check that it is the XSD of a standard message.",
        ),
    ),
    "XSD_NO_SUBSTITUTION": FaultText(
        _ADMIN,
        200,
        reason=Text(
            "BusinessContent não declara substitutionGroup; o conteúdo é validado assim mesmo.",
            "BusinessContent declares no substitutionGroup; the content is validated all the same.",
        ),
        remedy=Text("Nada a fazer.", "Nothing to do."),
    ),
    "XSD_NO_RETURN": FaultText(
        _ADMIN,
        200,
        reason=Text(
            "O XSD não declara ReturnContent; uma resposta com conteúdo terá diferenças.",
            "The XSD declares no ReturnContent; an answer with content will differ from it.",
        ),
        remedy=Text(
            "Nada a fazer, se a mensagem não tem retorno.",
            "Nothing to do, if the message has no return.",
        ),
    ),
    "XSD_NOT_COMPARED": FaultText(
        _ADMIN,
        200,
        reason=Text(
            "As diferenças não puderam ser listadas: {problem}.",
            "The differences could not be listed: {problem}.",
        ),
        remedy=Text("Compare os dois arquivos à mão.", "Compare the two files by hand."),
    ),
    "EXAMPLE_MISSING": FaultText(
        _ADMIN,
        404,
        reason=Text(
            "O contrato {contract} não traz exemplo: foi importado por esta instalação.",
            "Contract {contract} has no example: this installation imported it.",
        ),
        remedy=Text("Guie-se pelo XSD importado.", "Go by the XSD that was imported."),
    ),
    "ELEMENT_UNEXPECTED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O elemento <{element}> não é permitido aqui; esperado: {expected}.",
            "Element <{element}> is not allowed here; expected: {expected}.",
        ),
        remedy=Text("{advice} Contrato: {contract}.", "{advice} Contract: {contract}."),
        allowed=same("{expected}"),
    ),
    "ELEMENT_REPEATED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O elemento <{element}> aparece mais de {limit} vez(es); o primeiro está na "
            "linha {first}.",
            "Element <{element}> appears more than {limit} time(s); the first is at line {first}.",
        ),
        remedy=Text(
            "Deixe só o que vale, conforme o contrato {contract}.",
            "Keep only the one that counts, as contract {contract} has it.",
        ),
        allowed=Text("{limit} vez(es)", "{limit} time(s)"),
    ),
    "ELEMENT_MISSING": FaultText(
        _SENDER,
        422,
        reason=Text("Falta em <{element}>: {expected}.", "<{element}> lacks: {expected}."),
        remedy=Text(
            "Inclua o que falta, na ordem do contrato {contract}.",
            "Add what is missing, in the order of contract {contract}.",
        ),
        allowed=same("{expected}"),
    ),
    "ATTRIBUTE_UNEXPECTED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O atributo “{attribute}” não é permitido em <{element}>.",
            "Attribute “{attribute}” is not allowed in <{element}>.",
        ),
        remedy=Text("Retire o atributo.", "Remove the attribute."),
        allowed=same("{expected}"),
    ),
    "TEXT_UNEXPECTED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "Há texto solto em <{element}>, que só pode ter elementos.",
            "There is loose text in <{element}>, which may hold only elements.",
        ),
        remedy=Text(
            "Retire o texto ou ponha-o no elemento certo.",
            "Remove the text, or put it in its element.",
        ),
        allowed=Text("só elementos", "elements only"),
    ),
    "VALUE_TOO_LONG": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O valor “{value}” de <{element}> tem {length} caracteres; o máximo é {limit}.",
            "The value “{value}” of <{element}> has {length} characters; the most is {limit}.",
        ),
        remedy=Text(
            "Encurte o valor no cadastro de origem; o barramento nunca corta.",
            "Shorten the value at its origin; the bus never cuts.",
        ),
        allowed=Text("até {limit} caracteres", "at most {limit} characters"),
    ),
    "VALUE_TOO_SHORT": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O valor “{value}” de <{element}> tem {length} caracteres; o mínimo é {limit}.",
            "The value “{value}” of <{element}> has {length} characters; the least is {limit}.",
        ),
        remedy=Text("Complete o valor no cadastro de origem.", "Complete the value at its origin."),
        allowed=Text("pelo menos {limit} caracteres", "at least {limit} characters"),
    ),
    "VALUE_NOT_LISTED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O valor “{value}” de <{element}> não é um dos permitidos: {expected}.",
            "The value “{value}” of <{element}> is none of those allowed: {expected}.",
        ),
        remedy=Text("Use um dos valores permitidos.", "Use one of the values allowed."),
        allowed=same("{expected}"),
    ),
    "VALUE_WRONG_TYPE": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O valor “{value}” de <{element}> não é do tipo {expected}.",
            "The value “{value}” of <{element}> is not of type {expected}.",
        ),
        remedy=Text("Envie {form}.{note}", "Send {form}.{note}"),
        allowed=same("{form}"),
    ),
    "VALUE_OUT_OF_RANGE": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O valor “{value}” de <{element}> está fora do permitido: {expected}.",
            "The value “{value}” of <{element}> is out of what is allowed: {expected}.",
        ),
        remedy=Text("Corrija o valor na origem.", "Correct the value at its origin."),
        allowed=same("{expected}"),
    ),
    "CONTRACT_VIOLATED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O conteúdo difere do contrato {contract}: {problem}.",
            "The content differs from contract {contract}: {problem}.",
        ),
        remedy=Text("Corrija o elemento indicado.", "Correct the element shown."),
    ),
    "NOT_EXPLAINED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O que mais difere do contrato {contract} não pôde ser explicado a tempo.",
            "What else differs from contract {contract} could not be explained in time.",
        ),
        remedy=Text(
            "Corrija o que está dito acima e envie de novo; se persistir, envie menos por "
            "mensagem.",
            "Correct what is told above and send again; if it persists, send less in each message.",
        ),
    ),
    # -- identity and answers ----------------------------------------------------------------------
    "UUID_REUSED": FaultText(
        _SENDER,
        409,
        reason=Text(
            "O UUID {uuid} já foi usado pela mensagem {message}, com outro conteúdo, que não "
            "falhou.",
            "UUID {uuid} was used by message {message}, with other content, which did not fail.",
        ),
        remedy=Text(
            "Gere um UUID novo para cada mensagem; se a origem repete UUIDs, o administrador pode "
            "mudar `identity` da aplicação.",
            "Make a new UUID for each message; if the origin repeats UUIDs, the admin can change "
            "`identity` of the application.",
        ),
    ),
    "REPEATS_PRUNED": FaultText(
        _SENDER,
        409,
        reason=Text(
            "Esta mensagem (UUID {uuid}) chegou em {day} como {message}, foi enviada e terminou; o "
            "prazo de guarda passou, e o que houve com ela não está mais no diário.",
            "This message (UUID {uuid}) came on {day} as {message}, was sent, and ended; it was "
            "kept for as long as it had to be, and what became of it is not in the journal any "
            "more.",
        ),
        remedy=Text(
            "Veja no destino se o documento está lá. Se é mesmo para enviá-la de novo, envie-a com "
            "um UUID novo.",
            "See at the destination whether the document is there. If it is to be sent again all "
            "the same, send it with a new UUID.",
        ),
    ),
    "CONTENT_ERASED": FaultText(
        _SENDER,
        409,
        reason=Text(
            "O conteúdo da mensagem {id} foi apagado a pedido (LGPD): dela ficam só o rastro e o "
            "que veio dela.",
            "The content of message {id} was erased on request (LGPD): its trace and what came of "
            "it are all that is left.",
        ),
        remedy=Text(
            "Não pode ser enviada de novo daqui. Se for preciso, quem a enviou faz outra, com um "
            "UUID novo.",
            "It cannot be sent again from here. If need be, whoever sent it makes another one, "
            "with a new UUID.",
        ),
    ),
    "ERASES_OPEN": FaultText(
        _SENDER,
        409,
        reason=Text(
            "{count} dessas mensagens ainda não terminaram, e nada foi apagado: {messages}.",
            "{count} of these messages are not finished yet, and nothing was erased: {messages}.",
        ),
        remedy=Text(
            "Veja com `bus trace` o que cada uma espera; o que ninguém vai consertar, dispense com "
            "`bus discard`; do que foi entregue sem efeito, diga com `bus settle --done` que está "
            "resolvido. Depois repita.",
            "See with `bus trace` what each waits for; what nobody will mend, give up with `bus "
            "discard`; of what was delivered without effect, say with `bus settle --done` that it "
            "is taken care of. Then do it again.",
        ),
    ),
    "ERASES_NOTHING": FaultText(
        _SENDER,
        404,
        reason=Text("Nenhuma mensagem do diário é disso.", "No message of the journal is of that."),
        remedy=Text(
            "Diga ids ou UUIDs, uma chave de negócio com --key, ou um CPF ou CNPJ com --holding.",
            "Name ids or UUIDs, a business key with --key, or a CPF or CNPJ with --holding.",
        ),
    ),
    "ERASES_AND_TELLS": FaultText(
        _SENDER,
        422,
        reason=Text(
            "Contém o CPF ou CNPJ que deve ser apagado, e este texto fica guardado com o registro "
            "do apagamento.",
            "It holds the CPF or CNPJ that is to be erased, and this text is kept with the fact of "
            "the erasure.",
        ),
        remedy=Text(
            "Escreva o número do pedido ou do processo, e nada que identifique a pessoa.",
            "Write the number of the request or the case, and nothing that tells who it is.",
        ),
    ),
    "NO_CPF_OR_CNPJ": FaultText(
        _SENDER,
        422,
        reason=Text(
            "“{value}” não é um CPF (11 dígitos) nem um CNPJ (14 caracteres).",
            "“{value}” is no CPF (11 digits) and no CNPJ (14 characters).",
        ),
        remedy=Text(
            "Escreva todos os dígitos, com ou sem pontuação.",
            "Write all of its digits, with or without points.",
        ),
    ),
    "RESPONSE_UNMATCHED": FaultText(
        _SENDER,
        422,
        reason=Text(
            "A resposta cita o UUID {uuid}, que não foi entregue a {application}.",
            "The response names UUID {uuid}, which was not delivered to {application}.",
        ),
        remedy=Text(
            "Responda com o UUID recebido em MessageInformation/UUID.",
            "Answer with the UUID that came in MessageInformation/UUID.",
        ),
    ),
    # -- delivery ----------------------------------------------------------------------------------
    "REFUSED": FaultText(
        _RECEIVER,
        200,
        reason=Text("{application} recusou: {problem}", "{application} refused: {problem}"),
        remedy=Text(
            "Corrija em {application} ou na origem o que a mensagem diz e repita.",
            "Correct, in {application} or at the origin, what the message says, and repeat.",
        ),
    ),
    "IMPOSSIBLE_THERE": FaultText(
        _SENDER,
        200,
        reason=Text(
            "O barramento não pode fazer isso em {application}: {problem}",
            "The bus cannot do this at {application}: {problem}",
        ),
        remedy=Text(
            "Corrija na origem, ou em {application}, o que a mensagem diz e repita.",
            "Correct, at the origin or in {application}, what the message says, and repeat.",
        ),
    ),
    "TABLES_DIFFER": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "As tabelas de {application} não são como o mapeamento diz: {problem}.",
            "The tables of {application} are not as the mapping says: {problem}.",
        ),
        remedy=Text(
            "Corrija o arquivo de mapeamento, ou a tabela.",
            "Correct the mapping file, or the table.",
        ),
    ),
    "UNREACHABLE": FaultText(
        _RECEIVER,
        503,
        reason=Text(
            "Não foi possível conectar a {application}: {problem}. Nada foi enviado.",
            "Could not connect to {application}: {problem}. Nothing was sent.",
        ),
        remedy=Text(
            "Verifique se {application} está no ar e se o endereço em routes.yaml está certo.",
            "Check that {application} is up and that its address in routes.yaml is right.",
        ),
        follows=_TRIED_AGAIN,
    ),
    "LOGIN_REFUSED_BY_RECEIVER": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "{application} não aceitou o barramento: {problem}. A mensagem não foi processada.",
            "{application} did not admit the bus: {problem}. The message was not processed.",
        ),
        remedy=Text(
            "Confira endereço e credenciais de {application} em routes.yaml.",
            "Check address and credentials of {application} in routes.yaml.",
        ),
        follows=_TRIED_AGAIN,
    ),
    "CALL_NOT_UNDERSTOOD": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "{application} não entendeu a chamada do barramento: {problem}. A mensagem não foi "
            "processada.",
            "{application} did not understand the bus's call: {problem}. The message was not "
            "processed.",
        ),
        remedy=Text(
            "Compare com o WSDL de {application} as opções `namespace`, `action`, `operation` e "
            "`parameter` em routes.yaml.",
            "Hold the options `namespace`, `action`, `operation` and `parameter` in routes.yaml "
            "against the WSDL of {application}.",
        ),
        follows=_TRIED_AGAIN,
    ),
    "MESSAGE_NOT_CONFIGURED_AT_RECEIVER": FaultText(
        _RECEIVER,
        200,
        reason=Text(
            "{application} não tem a mensagem configurada no EAI: {problem}",
            "{application} does not have the message configured in its EAI: {problem}",
        ),
        remedy=Text(
            "Cadastre a transação e a versão no EAI de {application} e repita.",
            "Register the transaction and version in the EAI of {application}, and repeat.",
        ),
    ),
    "NOT_SET_UP_AT_RECEIVER": FaultText(
        _RECEIVER,
        200,
        reason=Text(
            "{application} recusou, porque falta nela um cadastro ou parâmetro: {problem}",
            "{application} refused, since something is not set up there: {problem}",
        ),
        remedy=Text(
            "O administrador de {application} completa o que falta; depois, reenvie a mensagem.",
            "The administrator of {application} completes what is missing; then replay the "
            "message.",
        ),
    ),
    "FIELD_TOO_NARROW_AT_RECEIVER": FaultText(
        _RECEIVER,
        200,
        reason=Text(
            "{application} recusou um valor que não cabe no campo: {problem}",
            "{application} refused a value that does not fit its field: {problem}",
        ),
        remedy=Text(
            "Confira o valor na origem; se estiver certo, o administrador de {application} aumenta "
            "o campo, e depois reenvie a mensagem. Nada é cortado.",
            "Check the value at the origin; if it is right, the administrator of {application} "
            "widens the field; then replay the message. Nothing is cut.",
        ),
    ),
    "INVALID_FOR_RECEIVER": FaultText(
        _SENDER,
        200,
        reason=Text(
            "{application} recusou o conteúdo da mensagem: {problem}",
            "{application} refused the content of the message: {problem}",
        ),
        remedy=Text(
            "Corrija na origem o que a mensagem diz e envie de novo.",
            "Correct at the origin what the message says, and send it again.",
        ),
    ),
    "BUSY": FaultText(
        _RECEIVER,
        503,
        reason=Text(
            "{application} está ocupada: {problem}. A mensagem não foi processada.",
            "{application} is busy: {problem}. The message was not processed.",
        ),
        remedy=Text(
            "Se durar, veja em {application} o que a ocupa.",
            "If it lasts, see in {application} what keeps it busy.",
        ),
        follows=_TRIED_AGAIN,
    ),
    "CLOSED_HOURS": FaultText(
        _RECEIVER,
        503,
        reason=Text(
            "{application} não recebe nada antes de {until}: são as horas fechadas dela. Nada foi "
            "enviado.",
            "{application} is sent nothing before {until}: its hours are closed. Nothing was sent.",
        ),
        remedy=Text(
            "Espere até lá, ou mude `closed` de {application} em routes.yaml.",
            "Wait until then, or change `closed` of {application} in routes.yaml.",
        ),
    ),
    "LEASE_OVER": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O barramento esteve parado entre reservar o envio a {application} e começá-lo, e o "
            "prazo da reserva (BUS_LEASE) acabou. Nada foi enviado; isto não conta como tentativa.",
            "The bus stood still between reserving the delivery to {application} and beginning it, "
            "and the lease (BUS_LEASE) was over. Nothing was sent; it counts as no attempt.",
        ),
        remedy=Text(
            "Se acontecer de novo, veja por que a máquina ou o diário param por tanto tempo.",
            "If it happens again, see why the machine or the journal stand still for so long.",
        ),
    ),
    "APPLICATION_INACTIVE": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "Ninguém pôs {application} em vigor: nada vem dela e nada vai para ela.",
            "Nobody has put {application} in force: nothing comes from it, and nothing goes there.",
        ),
        remedy=Text(
            "Veja o que falta com `bus application preview {application}`, e ative-a com o código "
            "que vem no fim.",
            "See what is missing by `bus application preview {application}`, and activate it with "
            "the code at the end.",
        ),
    ),
    "APPLICATION_CHANGED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "A configuração de {application} não é mais a que {by} pôs em vigor: nada vem dela e "
            "nada vai para ela.",
            "The configuration of {application} is not the one that {by} put in force: nothing "
            "comes from it, and nothing goes there.",
        ),
        remedy=Text(
            "Veja como ela é agora com `bus application preview {application}`, e ative-a com o "
            "código que vem no fim.",
            "See what it is now by `bus application preview {application}`, and activate it with "
            "the code at the end.",
        ),
    ),
    "NOTHING_ARRIVED": FaultText(
        _RECEIVER,
        503,
        reason=Text(
            "{application} foi perguntada e não recebeu a mensagem.",
            "{application} was asked, and never got the message.",
        ),
        remedy=Text("Nada foi processado; envie de novo.", "Nothing was processed; send it again."),
    ),
    "OUTCOME_UNKNOWN": FaultText(
        _RECEIVER,
        504,
        reason=Text(
            "Enviada a {application}, sem resposta legível: {problem}. Não se sabe se foi "
            "processada.",
            "Sent to {application}, with no readable answer: {problem}. "
            "Whether it was processed is not known.",
        ),
        remedy=Text(
            "Confira em {application} se o documento existe antes de repetir.",
            "See in {application} if the document exists before repeating.",
        ),
    ),
    "SENDING_INTERRUPTED": FaultText(
        _ADMIN,
        504,
        reason=Text(
            "O barramento parou no meio do envio a {application}. Não se sabe se a mensagem foi "
            "processada.",
            "The bus stopped while it was sending to {application}. Whether the message was "
            "processed is not known.",
        ),
        remedy=LOOK_AND_SAY,
    ),
    "NO_RESPONSE": FaultText(
        _RECEIVER,
        504,
        reason=Text(
            "{application} recebeu a mensagem e não disse a tempo o que foi feito dela.",
            "{application} has the message, and did not say in time what came of it.",
        ),
        remedy=LOOK_AND_SAY,
    ),
    "MAYBE_SENT_BEFORE": FaultText(
        _ADMIN,
        504,
        reason=Text(
            "O diário foi restaurado: a mensagem pode já ter sido enviada a {application}.",
            "The journal was restored: the message may have been sent to {application} already.",
        ),
        remedy=LOOK_AND_SAY,
    ),
    "SAID_NOT_DONE": FaultText(
        _ADMIN,
        502,
        reason=Text(
            "Uma pessoa disse que {application} não a processou: {said}.",
            "A person said that {application} did not process it: {said}.",
        ),
        remedy=Text(
            "Reenvie-a com `bus replay {message}`, ou dispense-a com `bus discard {message}`: até "
            "lá as seguintes do documento esperam.",
            "Send it again by `bus replay {message}`, or give it up by `bus discard {message}`: "
            "until then those behind it in its document wait.",
        ),
    ),
    "LANE_BUSY": FaultText(
        _RECEIVER,
        503,
        reason=Text(
            "A mensagem {message}, que vem antes na mesma sequência, ainda não terminou em "
            "{application}. Nada foi enviado.",
            "Message {message}, which goes before it in the same lane, has not ended at "
            "{application}. Nothing was sent.",
        ),
        remedy=Text(
            "Aguarde a anterior terminar; `bus trace {message}` mostra o que a segura.",
            "Wait for the earlier one to end; `bus trace {message}` shows what holds it.",
        ),
        follows=NEVER_SENT,
    ),
    "LANE_STOPPED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "A mensagem {message}, que vem antes na mesma sequência, foi enviada a {application} e "
            "não se sabe o que foi feito dela; só uma pessoa pode dizê-lo. Nada foi enviado.",
            "Message {message}, which goes before it in the same lane, was sent to {application}, "
            "and what came of it is not known; only a person can tell. Nothing was sent.",
        ),
        remedy=Text(
            "Peça a quem cuida do barramento que olhe em {application} e diga `bus settle "
            "{message} --done`, ou `--not-done`.",
            "Ask who keeps the bus to look in {application} and to say `bus settle {message} "
            "--done`, or `--not-done`.",
        ),
        follows=NEVER_SENT,
    ),
    "NO_TURN": FaultText(
        _RECEIVER,
        503,
        reason=Text(
            "Dentro do prazo não houve vaga para enviar a {application}. Nada foi enviado.",
            "Within the deadline there was no room to send to {application}. Nothing was sent.",
        ),
        remedy=Text(
            "Repita mais tarde; `bus messages --to {application}` mostra o que está na fila.",
            "Repeat later; `bus messages --to {application}` shows what is queued.",
        ),
        follows=NEVER_SENT,
    ),
    "SEVERAL_MAIN_DOCUMENTS": FaultText(
        _SENDER,
        422,
        reason=Text(
            "A mensagem cita mais de uma ordem: segue a sequência de “{first}”, e não espera por "
            "{others}.",
            "The message names more than one order: it keeps the sequence of “{first}”, and does "
            "not wait for {others}.",
        ),
        remedy=Text(
            "Envie uma mensagem por ordem, para que cada uma siga a sequência da sua.",
            "Send one message for each order, so that each keeps the sequence of its own.",
        ),
    ),
    "IN_PROGRESS": FaultText(
        _RECEIVER,
        504,
        reason=Text(
            "A mensagem {message} ainda está em andamento.", "Message {message} is still under way."
        ),
        remedy=Text("Consulte a resposta em {address}.", "Ask for the answer at {address}."),
    ),
    "RETRIES_EXHAUSTED": FaultText(
        _RECEIVER,
        502,
        reason=Text(
            "O barramento desistiu de {application} depois de {attempts} tentativas: {problem}",
            "The bus gave up delivering to {application} after {attempts} attempts: {problem}",
        ),
        remedy=Text(
            "Resolva a causa em {application} e peça ao operador o reenvio.",
            "Resolve the cause at {application} and ask the operator for a replay.",
        ),
    ),
    "WITHDRAWN": FaultText(
        _RECEIVER,
        503,
        reason=Text(
            "A mensagem foi retirada: não foi processada por {application}.",
            "The message was withdrawn: {application} did not process it.",
        ),
        remedy=Text("Repita quando quiser.", "Repeat when you like."),
        follows=NEVER_SENT,
    ),
    "DEPARA_MISSING": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "{application} não tem, no de-para, o id de {entity} que {sender} chama de "
            "“{id}”.{others}",
            "The de-para has no id in {application} for {entity} “{id}” of {sender}.{others}",
        ),
        remedy=Text(
            "Envie antes o cadastro de {entity} a {application}, ou informe o par: `{command}`.",
            "Send the register of {entity} to {application} first, or enter the pair: `{command}`.",
        ),
        follows=Text(
            "A mensagem segue sozinha quando o par existir.",
            "The message goes on by itself once the pair is there.",
        ),
    ),
    "COMPANY_MISSING": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "{application} não tem par, no de-para, para a empresa {company}, filial {branch}, de "
            "{sender}.{others}",
            "The de-para has no pair in {application} for company {company}, branch {branch} of "
            "{sender}.{others}",
        ),
        remedy=Text(
            "Informe o par: `{command}`, ou envie antes a carga de de-para (InternalIdLoad) das "
            "empresas e filiais; se são iguais nas duas aplicações, declare `Company` em "
            "`shared_ids`.",
            "Enter the pair: `{command}`, or send the load of companies and branches "
            "(InternalIdLoad) first; if they are the same in both applications, declare `Company` "
            "under `shared_ids`.",
        ),
        follows=Text(
            "A mensagem segue sozinha quando o par existir.",
            "The message goes on by itself once the pair is there.",
        ),
    ),
    "SECOND_COMPANY_GROUP": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "“{id}” é do grupo de empresas {group}, e {application} tem um só grupo: {known}.",
            "“{id}” is of company group {group}, and {application} has one group only: {known}.",
        ),
        remedy=Text(
            "Informe a empresa de {application} no grupo {known}. Se o errado é {known}, retire "
            "antes os pares dele (`bus depara set Company {application}:ID --remove`); se "
            "{application} tem mesmo vários grupos, declare `one_company_group: false` nela.",
            "Give the company of {application} in group {known}. If {known} is the wrong one, take "
            "its pairs away first (`bus depara set Company {application}:ID --remove`); if "
            "{application} does have several groups, declare `one_company_group: false` in it.",
        ),
    ),
    "DEPARA_AMBIGUOUS": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "{application} tem vários ids para {entity} “{id}” de {sender}; nada diz qual.{others}",
            "{application} has several ids for {entity} “{id}” of {sender}; none is named.{others}",
        ),
        remedy=Text(
            "Veja os pares com `bus depara show` e deixe só o que vale, ou declare `qualifiers`.",
            "See the pairs with `bus depara show`; keep the one that counts, or declare "
            "`qualifiers`.",
        ),
    ),
    "DEPARA_MISSING_AT_RECEIVER": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "{application} não tem um id no de-para dele: {problem}",
            "{application} lacks an id in its own de-para: {problem}",
        ),
        remedy=Text(
            "Envie antes o cadastro a {application}.",
            "Send the register to {application} first.",
        ),
        follows=Text(
            "A entrega recomeça quando ele chegar lá.",
            "The delivery resumes when it has arrived there.",
        ),
    ),
    "DEPARA_TIMEOUT": FaultText(
        _ADMIN,
        502,
        reason=Text(
            "O id que faltava no de-para não chegou a tempo, e o barramento desistiu de "
            "{application}.",
            "The id that the de-para lacked did not come in time, and the bus gave "
            "{application} up.",
        ),
        remedy=Text(
            "Veja o que faltava com `bus trace {message}`, resolva e reenvie.",
            "See what was missing with `bus trace {message}`, resolve it and replay.",
        ),
    ),
    "NOTHING_TO_DELETE": FaultText(
        _SENDER,
        200,
        reason=Text(
            "Dispensada: {application} nunca teve o que esta mensagem exclui.",
            "Discarded: {application} never had what this message deletes.",
        ),
        remedy=Text("Nada a fazer.", "Nothing to do."),
    ),
    # -- echoes ------------------------------------------------------------------------------------
    "ECHO": FaultText(
        _SENDER,
        200,
        reason=Text(
            "Dispensada: é o eco da mensagem {message}, que {application} enviou e {sender} "
            "devolveu com o próprio id.",
            "Discarded: it is the echo of message {message}, which {application} sent and {sender} "
            "returned under its own id.",
        ),
        remedy=Text("Nada a fazer.", "Nothing to do."),
    ),
    "MAYBE_ECHO": FaultText(
        _SENDER,
        503,
        reason=Text(
            "Pode ser o eco da mensagem {message}, que {application} enviou: {sender} ainda não "
            "disse o que foi feito dela. Nada foi enviado.",
            "It may be the echo of message {message}, which {application} sent: {sender} has not "
            "said yet what came of it. Nothing was sent.",
        ),
        remedy=Text(
            "Veja o que foi feito dela com `bus trace {message}`; se {sender} não responder, olhe "
            "lá e diga-o com `bus settle`.",
            "See what came of it with `bus trace {message}`; if {sender} does not answer, look "
            "there and say so with `bus settle`.",
        ),
        follows=_TRIED_AGAIN,
    ),
    # -- sharing -----------------------------------------------------------------------------------
    "SAID_ALREADY": FaultText(
        _SENDER,
        200,
        reason=Text(
            "Dispensada: não há nada de novo para {application}; a mensagem {message} já dizia o "
            "mesmo.",
            "Discarded: there is nothing new for {application}; message {message} said the same.",
        ),
        remedy=Text("Nada a fazer.", "Nothing to do."),
    ),
    "SAYING_ALREADY": FaultText(
        _SENDER,
        503,
        reason=Text(
            "Talvez não haja nada de novo: a mensagem {message}, que diz o mesmo, ainda não "
            "terminou. Nada foi enviado.",
            "There may be nothing new: message {message}, which says the same, has not ended yet. "
            "Nothing was sent.",
        ),
        remedy=Text(
            "Veja em que ponto ela está com `bus trace {message}`.",
            "See how it stands with `bus trace {message}`.",
        ),
        follows=_TRIED_AGAIN,
    ),
    "OVERTAKEN": FaultText(
        _SENDER,
        200,
        reason=Text(
            "Dispensada: a mensagem {message}, de {sender}, é mais nova, e já foi entregue.",
            "Discarded: message {message}, of {sender}, is newer, and was delivered.",
        ),
        remedy=Text(
            "Nada a fazer, se a mudança mais nova é a certa; senão, repita a sua.",
            "Nothing to do, if the newer change is right; else make yours again.",
        ),
    ),
    "NOT_ACTIVE": FaultText(
        _ADMIN,
        200,
        reason=Text(
            "Dispensada: o compartilhamento {group} não está ativo entre {sender} e "
            "{application}, ou não estava quando a mensagem chegou.",
            "Discarded: the sharing {group} is not active between {sender} and {application}, or "
            "was not when the message came.",
        ),
        remedy=Text(
            "Se deve estar, veja o que mudaria com `bus sharing preview {group}` e ative-o com "
            "`bus sharing activate {group}`.",
            "If it is to be, see what would change with `bus sharing preview {group}` and activate "
            "it with `bus sharing activate {group}`.",
        ),
    ),
    "NO_DOCUMENT": FaultText(
        _SENDER,
        200,
        reason=Text(
            "Dispensada: o cadastro {id} não tem {path} válido, sem o qual não é compartilhado.",
            "Discarded: register {id} has no valid {path}, without which it is not shared.",
        ),
        remedy=Text(
            "Preencha-o em {sender}: então o cadastro é compartilhado.",
            "Fill it in at {sender}: then the register is shared.",
        ),
    ),
    "TAKEN_FOR_ANOTHER": FaultText(
        _SENDER,
        200,
        reason=Text(
            "{id} e {other}, de {sender}, têm o mesmo {path}: {application} tomaria um pelo outro, "
            "e já conhece {other} como {there}. Nada foi enviado.",
            "{id} and {other}, of {sender}, have the same {path}: {application} would take one for "
            "the other, and knows {other} as {there} already. Nothing was sent.",
        ),
        remedy=Text(
            "Una os dois em {sender}, ou corrija o {path} de um deles. Se {id} é outro cadastro em "
            "{application}, informe-o com `{command}` e reenvie.",
            "Unite the two at {sender}, or correct the {path} of one of them. If {id} is another "
            "register at {application}, say so with `{command}` and replay.",
        ),
    ),
    "MAYBE_TAKEN_FOR_ANOTHER": FaultText(
        _SENDER,
        503,
        reason=Text(
            "{id} e {other}, de {sender}, têm o mesmo {path}, e a mensagem {message}, de {other}, "
            "ainda não terminou em {application}. Nada foi enviado.",
            "{id} and {other}, of {sender}, have the same {path}, and message {message}, of "
            "{other}, has not ended yet at {application}. Nothing was sent.",
        ),
        remedy=Text(
            "Veja em que ponto ela está com `bus trace {message}`, e una os dois em {sender}.",
            "See how it stands with `bus trace {message}`, and unite the two at {sender}.",
        ),
        follows=_TRIED_AGAIN,
    ),
    "UNKNOWN_GROUP": FaultText(
        _ADMIN,
        422,
        reason=Text("Não há compartilhamento “{value}”.", "There is no sharing “{value}”."),
        remedy=Text(
            "{question}Compartilhamentos declarados: {known}.",
            "{question}Sharings declared: {known}.",
        ),
    ),
    "PREVIEW_CHANGED": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "Nada foi ativado: “{value}” não é o código da prévia de {name} como ela é agora.",
            "Nothing was activated: “{value}” is not the hash of the preview of {name} as it is "
            "now.",
        ),
        remedy=Text(
            "Leia a prévia de novo com `{command}`, e ative com o código dela.",
            "Read the preview again with `{command}`, and activate with its hash.",
        ),
    ),
    "ACTIVATION_REFUSED": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "{application} não foi posta em vigor: falta o que se diz a seguir. Nada foi gravado.",
            "{application} was not put in force: what is told below is missing. Nothing was kept.",
        ),
        remedy=Text(
            "Corrija isso, e ative de novo; `bus diagnose {application}` diz mais.",
            "Mend that, and activate again; `bus diagnose {application}` tells more.",
        ),
    ),
    "CREDENTIALS_UNCHECKED": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "Não se sabe se {application} aceita as credenciais: agora está ocupada, e não o "
            "disse.",
            "Whether {application} accepts the credentials is not known: it is busy now, and did "
            "not say.",
        ),
        remedy=Text(
            "Nada a corrigir: ative de novo daqui a um minuto; `bus application preview "
            "{application}` mostra se ainda falta.",
            "Nothing to mend: activate again in a minute; `bus application preview {application}` "
            "shows whether it is still missing.",
        ),
    ),
    "ACTIVE_AT_ONCE": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "{application} está em vigor desde que está em routes.yaml: não há o que ativar.",
            "{application} is in force as long as it is in routes.yaml: there is nothing to "
            "activate.",
        ),
        remedy=Text(
            "Se só deve começar quando uma pessoa a ativar, escreva `activation: by_hand` nela.",
            "If it is to begin only when a person activates it, write `activation: by_hand` there.",
        ),
    ),
    "NOT_READ_YET": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "Nada foi ativado: este barramento ainda não leu {application} até o fim, e o que ela "
            "já tinha seria tomado por novo.",
            "Nothing was activated: this bus has not read {application} to its end yet, and what "
            "it had before would be taken for new.",
        ),
        remedy=Text(
            "Ative com o barramento no ar, quando ele a tiver lido; o log diz por que uma leitura "
            "falha.",
            "Activate while the bus runs, when it has read it; the log tells why a reading fails.",
        ),
    ),
    "CHANGE_NOT_PERMITTED": FaultText(
        _SENDER,
        200,
        reason=Text(
            "Dispensada: no compartilhamento {group}, {sender} não pode {change} nos outros.",
            "Discarded: in the sharing {group}, {sender} may not {change} in the others.",
        ),
        remedy=Text(
            "Se deve poder, o administrador do barramento escreve a permissão em routes.yaml "
            "(sharing.{group}.permissions.{sender}); faça então a mudança de novo.",
            "If it is to, the bus admin writes the permission in routes.yaml "
            "(sharing.{group}.permissions.{sender}); then make the change again.",
        ),
    ),
    # -- effects -----------------------------------------------------------------------------------
    "EFFECT_ABSENT": FaultText(
        _RECEIVER,
        502,
        reason=Text(
            "{application} disse OK à mensagem, e não a mostra na resposta a {ask}.",
            "{application} said OK to the message, and does not show it in its answer to {ask}.",
        ),
        remedy=Text(
            "É trabalho de {owner}: veja em {application} por que não foi efetivada. O barramento "
            "não a envia de novo; depois, pergunte outra vez com `bus reconcile`, ou diga com "
            "`bus settle --done` que está resolvido.",
            "This is work for {owner}: see in {application} why it was not carried out. The bus "
            "does not send it again; then ask once more with `bus reconcile`, or say with `bus "
            "settle --done` that it is taken care of.",
        ),
    ),
    "EFFECT_NOT_CHECKABLE": FaultText(
        _ADMIN,
        502,
        reason=Text(
            "{application} disse OK à mensagem, e não se pôde saber por {ask} se foi efetivada: "
            "{problem}.",
            "{application} said OK to the message, and {ask} could not tell whether it was carried "
            "out: {problem}.",
        ),
        remedy=Text(
            "Confira `effect` na rota e o que {application} responde a essa consulta; depois, "
            "pergunte outra vez com `bus reconcile`. Nada é enviado de novo.",
            "Check `effect` in the route, and what {application} answers to that query; then ask "
            "once more with `bus reconcile`. Nothing is sent again.",
        ),
    ),
    "EFFECT_UNANSWERED": FaultText(
        _RECEIVER,
        502,
        reason=Text(
            "{application} disse OK à mensagem, e agora não respondeu a {ask}: {problem}.",
            "{application} said OK to the message, and has not answered {ask} now: {problem}.",
        ),
        remedy=Text(
            "Veja se {application} está no ar; depois, pergunte outra vez com `bus reconcile`. O "
            "que uma resposta anterior mostrou continua valendo, e nada é enviado de novo.",
            "See whether {application} is up; then ask once more with `bus reconcile`. What an "
            "earlier answer showed still stands, and nothing is sent again.",
        ),
    ),
    # -- what people do with the de-para -----------------------------------------------------------
    "UNKNOWN_ENTITY": FaultText(
        _ADMIN,
        422,
        reason=Text("Nenhum contrato tem ids de “{value}”.", "No contract has ids of “{value}”."),
        remedy=Text(
            "{question}Entidades conhecidas: {known}.", "{question}Known entities: {known}."
        ),
    ),
    "LOAD_NEEDS_BUS": FaultText(
        _ADMIN,
        503,
        reason=_NO_BUS,
        remedy=Text(
            "Ponha-o no ar com `bus serve` e repita o comando; `bus load --dry-run` confere sem "
            "ele.",
            "Start it by `bus serve`, and repeat the command; `bus load --dry-run` checks without "
            "it.",
        ),
    ),
    "RELOAD_NEEDS_BUS": FaultText(
        _ADMIN,
        503,
        reason=_NO_BUS,
        remedy=Text(
            "Nada a recarregar: `bus serve` lê o arquivo de rotas ao iniciar; `bus routes check` "
            "o confere antes.",
            "There is nothing to reload: `bus serve` reads the file of routes at start; `bus "
            "routes check` checks it before.",
        ),
    ),
    "APPLICATION_IN_USE": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "{application} não pode sair das rotas: {count} entregas a ela não terminaram. "
            "Continua valendo a configuração anterior.",
            "{application} cannot leave the routes: {count} deliveries to it have not ended. The "
            "configuration before stays in force.",
        ),
        remedy=Text(
            "Veja-as com `bus messages --to {application}`; espere que terminem, ou decida cada "
            "uma com `bus discard`, e recarregue com `bus routes reload`.",
            "See them by `bus messages --to {application}`; wait until they have ended, or "
            "decide each by `bus discard`, and reload by `bus routes reload`.",
        ),
    ),
    "BROKER_CHANGED": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "O que se diz em `broker` mudou, e isso só vale ao iniciar. Continua valendo a "
            "configuração anterior.",
            "What is said of `broker` changed, which counts only at start. The configuration "
            "before stays in force.",
        ),
        remedy=Text(
            "Reinicie o barramento, ou volte `broker` ao que era e recarregue com `bus routes "
            "reload`.",
            "Start the bus again, or put `broker` back as it was and reload by "
            "`bus routes reload`.",
        ),
    ),
    "LOAD_BEFORE_EVENTS": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "A carga não começou: nenhum webhook de {application} chegou até hoje, e o que muda "
            "durante a carga só se saberia na leitura seguinte.",
            "The load did not begin: no webhook of {application} ever came, and what changes "
            "during the load would be known at the next reading only.",
        ),
        remedy=Text(
            "Registre antes os webhooks em {application}, e altere um registro lá para vê-los "
            "chegar; ou repita o comando com --yes (na API, `yes`).",
            "Register the webhooks at {application} first, and change a record there to see them "
            "come; or repeat the command with --yes (`yes` in the API).",
        ),
    ),
    "LOAD_ELSEWHERE": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "A carga de {register} de {application} está com outro processo do barramento.",
            "Another process of the bus is at the load of {register} of {application}.",
        ),
        remedy=Text(
            "Repita o comando quando ela terminar ou esse processo parar: continua dali.",
            "Repeat the command when it has ended, or that process has stopped: it goes on there.",
        ),
    ),
    "REGISTER_NOT_READ": FaultText(
        _SENDER,
        422,
        reason=Text(
            "De {application} não se lê o cadastro “{value}” por si.",
            "The register “{value}” of {application} is not read by itself.",
        ),
        remedy=Text(
            "{question}Escolha um destes, ou ponha-o nas opções da aplicação: {known}.",
            "{question}Choose one of these, or put it into the options of the application: "
            "{known}.",
        ),
    ),
    "LOAD_EMPTY": FaultText(
        _SENDER,
        400,
        reason=Text("Não há mensagem em {file}.", "There is no message in {file}."),
        remedy=Text(
            "Indique arquivos, ou pastas e arquivos .zip ou .tar com uma mensagem em cada .xml ou "
            ".json.",
            "Name files, or folders and .zip or .tar archives with one message in each .xml or "
            ".json.",
        ),
    ),
    "LOAD_REGISTERS_ONLY": FaultText(
        _SENDER,
        422,
        reason=Text(
            "{contract} não é um cadastro: uma carga leva cadastros e pares (InternalIdLoad).",
            "{contract} is no register: a load takes registers and pairs (InternalIdLoad).",
        ),
        remedy=Text(
            "Retire esse arquivo da carga; mensagens de processo e consultas são enviadas por sua "
            "aplicação, ou com `bus send`.",
            "Take that file out of the load; messages of processes and queries are sent by their "
            "application, or by `bus send`.",
        ),
    ),
    "LOAD_UUID_TWICE": FaultText(
        _SENDER,
        409,
        reason=Text(
            "O UUID {uuid} está também no arquivo {other}, com outro conteúdo.",
            "UUID {uuid} stands in file {other} too, with other content.",
        ),
        remedy=Text(
            "Dê a cada mensagem um UUID seu, sempre o mesmo para o mesmo conteúdo.",
            "Give each message a UUID of its own, always the same for the same content.",
        ),
    ),
    "LOAD_HELD": FaultText(
        _SENDER,
        409,
        reason=Text(
            "A carga parou depois do nível {level}: {count} mensagens falharam, e o que vem depois "
            "pode depender delas.",
            "The load stopped behind level {level}: {count} messages failed, and what comes after "
            "may need them.",
        ),
        remedy=Text(
            "Corrija o que falhou e repita o comando, que continua dali; com --continue, ele segue "
            "mesmo assim.",
            "Correct what failed, and repeat the command, which goes on from there; with "
            "--continue it goes on all the same.",
        ),
    ),
    "LOAD_STOPPED": FaultText(
        _ADMIN,
        503,
        reason=Text("A carga parou no meio: {problem}", "The load stopped on its way: {problem}"),
        remedy=Text(
            "Quando isso estiver resolvido (o barramento no ar, o destino respondendo), repita o "
            "comando: ele continua de onde parou, sem repetir o que foi entregue.",
            "Once that is mended (the bus runs, the reader answers), repeat the command: it goes "
            "on where it stopped, and repeats nothing that was delivered.",
        ),
    ),
    "UNKNOWN_APPLICATION": FaultText(
        _ADMIN,
        422,
        reason=Text("Não há aplicação “{value}”.", "There is no application “{value}”."),
        remedy=Text(
            "{question}Aplicações declaradas: {known}.", "{question}Applications declared: {known}."
        ),
    ),
    "UNKNOWN_ROUTE": FaultText(
        _ADMIN,
        422,
        reason=Text("Não há rota “{value}”.", "There is no route “{value}”."),
        remedy=Text("{question}Rotas declaradas: {known}.", "{question}Routes declared: {known}."),
    ),
    "PAIR_SCOPE_WRONG": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "O escopo “{value}” não serve a ids de {entity} em {application}, que valem por "
            "{reach}.",
            "Scope “{value}” does not fit ids of {entity} in {application}, which count by "
            "{reach}.",
        ),
        remedy=Text(
            "Escreva o escopo assim: {expected}; em um arquivo CSV, nas colunas scope e "
            "other_scope. Ou diga em `id_scope`, em routes.yaml, até onde valem os ids de "
            "{application}.",
            "Write the scope like this: {expected}; in a CSV file, in the columns scope and "
            "other_scope. Or say in `id_scope`, in routes.yaml, how far the ids of {application} "
            "reach.",
        ),
    ),
    "PAIR_WITH_ITSELF": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "“{id}” de {application} não pode ser par de si mesmo.",
            "“{id}” of {application} cannot be a pair of itself.",
        ),
        remedy=Text("Informe os ids de duas coisas.", "Give the ids of two things."),
    ),
    "PAIR_OF_ONE_APPLICATION": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "“{id}” e “{other}” são ids de uma só aplicação, {application}.",
            "“{id}” and “{other}” are ids of one application, {application}.",
        ),
        remedy=Text(
            "Informe os ids de duas aplicações; se são dois registros de uma coisa, dê a cada um o "
            "seu qualificador (qualifier, other_qualifier).",
            "Give the ids of two applications; if they are two records of one thing, give each its "
            "qualifier (qualifier, other_qualifier).",
        ),
    ),
    "PAIR_UNKNOWN": FaultText(
        _ADMIN,
        404,
        reason=Text(
            "O de-para não conhece {entity} {id}.", "The de-para does not know {entity} {id}."
        ),
        remedy=Text(
            "Confira maiúsculas, brancos e zeros: o id é comparado letra por letra. {others}",
            "Check letter case, blanks and zeros: an id is compared letter by letter. {others}",
        ),
    ),
    "ID_IN_CONFLICT": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "O id não foi aprendido: {pair} contradiz {against}, que o de-para já tem "
            "(conflito {number}).",
            "The id was not learnt: {pair} contradicts {against}, which the de-para has already "
            "(conflict {number}).",
        ),
        remedy=Text(
            "Decida com `bus depara conflicts settle {number} --keep`, ou `--replace` se o id novo "
            "é o certo.",
            "Decide by `bus depara conflicts settle {number} --keep`, or `--replace` where the new "
            "id is the right one.",
        ),
    ),
    "PAIR_CONFLICT": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "{id} não pôde ser ligado: contra ele está {against}.",
            "{id} could not be joined: against it stands {against}.",
        ),
        remedy=Text(
            "Veja `bus depara show`; se o novo é que vale, repita com --replace.",
            "See `bus depara show`; if the new one counts, repeat it with --replace.",
        ),
    ),
    "CHANGE_NOT_FOUND": FaultText(
        _ADMIN,
        404,
        reason=Text(
            "Não há o que desfazer na alteração {number}.",
            "There is nothing to undo in change {number}.",
        ),
        remedy=Text(
            "Veja os números das alterações com `bus depara history`.",
            "See the numbers of changes with `bus depara history`.",
        ),
    ),
    "UNDO_CONFLICT": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "A alteração {number} não pode ser desfeita: contra isso está {against}.",
            "Change {number} cannot be undone: against it stands {against}.",
        ),
        remedy=Text(
            "Desfaça antes o que veio depois (`bus depara history`), ou corrija com `bus "
            "depara set`.",
            "Undo first what came later (`bus depara history`), or correct it with `bus "
            "depara set`.",
        ),
    ),
    "CONFLICT_NOT_FOUND": FaultText(
        _ADMIN,
        404,
        reason=Text("Não há conflito {number} em aberto.", "There is no open conflict {number}."),
        remedy=Text(
            "Veja os conflitos com `bus depara conflicts`.",
            "See the conflicts with `bus depara conflicts`.",
        ),
    ),
    "FILE_UNWRITABLE": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "Não foi possível gravar o arquivo {file}: {problem}.",
            "File {file} could not be written: {problem}.",
        ),
        remedy=Text(
            "Confira o caminho, o espaço e as permissões.", "Check its path, space and permissions."
        ),
    ),
    "FILE_TAKEN": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "O arquivo {file} não foi gravado: {problem}.",
            "File {file} was not written: {problem}.",
        ),
        remedy=same("{hint}"),
    ),
    "PAIR_FILE_INVALID": FaultText(
        _ADMIN,
        422,
        reason=same("{problem}"),
        remedy=same("{hint}"),
    ),
    "SUPERSEDED": FaultText(
        _SENDER,
        200,
        reason=Text(
            "Substituída pela mensagem mais nova {message} do mesmo documento.",
            "Superseded by the newer message {message} of the same document.",
        ),
        remedy=Text("Nada a fazer: vale a mais nova.", "Nothing to do: the newer one stands."),
    ),
    "DISCARDED": FaultText(
        _ADMIN,
        200,
        reason=Text("Dispensada por {actor}: {problem}", "Discarded by {actor}: {problem}"),
        remedy=Text(
            "Fale com quem dispensou, ou envie de novo com outro UUID.",
            "Speak to who discarded it, or send it again with another UUID.",
        ),
    ),
    "REPLAYED_ALREADY": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "Já foi enviada de novo, como mensagem {message}: {state}.",
            "It was sent again already, as message {message}: {state}.",
        ),
        remedy=Text(
            "Veja com `bus trace {message}`; nada foi enviado agora.",
            "See it by `bus trace {message}`; nothing was sent now.",
        ),
    ),
    "REPLAY_OVERWRITES": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "{application} já recebeu, ou receberá antes, a mensagem {message}, mais nova, deste "
            "documento.",
            "{application} has got the newer message {message} of this document already, or gets "
            "it first.",
        ),
        remedy=Text(
            "Se o conteúdo antigo deve valer mesmo assim, repita com --overwrite.",
            "If the old content is to hold all the same, repeat with --overwrite.",
        ),
    ),
    "SEVERAL_UNKNOWN": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "De várias entregas não se sabe o resultado: {numbers}.",
            "The outcome of several deliveries is unknown: {numbers}.",
        ),
        remedy=Text("Escolha uma com --number.", "Choose one with --number."),
    ),
    "SETTLED_AS_DONE": FaultText(
        _ADMIN,
        200,
        reason=Text(
            "{application} a processou, segundo {actor}: {problem}",
            "{application} processed it, says {actor}: {problem}",
        ),
        remedy=Text("Nada a fazer.", "Nothing to do."),
    ),
    "SETTLED_AS_NOT_DONE": FaultText(
        _ADMIN,
        200,
        reason=Text(
            "{application} não a processou, segundo {actor}: {problem}",
            "{application} did not process it, says {actor}: {problem}",
        ),
        remedy=Text("Corrija a causa e envie de novo.", "Mend the cause and send it again."),
    ),
    "FILTERED": FaultText(
        _ADMIN,
        200,
        reason=Text(
            "Aceita e dispensada: nenhuma condição das rotas {rule} se aplica.",
            "Accepted and discarded: no condition of routes {rule} applies.",
        ),
        remedy=Text(
            "Nada a fazer; se devia seguir, reveja `condition` da rota.",
            "Nothing to do; if it should have gone on, review `condition` of the route.",
        ),
    ),
    "ADAPTER_FAILED": FaultText(
        _ADMIN,
        502,
        reason=Text(
            "O adaptador de {application} falhou: {problem}.",
            "The adapter of {application} failed: {problem}.",
        ),
        remedy=Text(
            "Veja o registro do barramento e avise quem mantém o adaptador.",
            "See the log of the bus and tell who maintains the adapter.",
        ),
    ),
    "EVENT_REFUSED": FaultText(
        _SENDER,
        422,
        reason=Text("O evento não serve: {problem}.", "The event does not do: {problem}."),
        remedy=Text(
            "Confira em quem o envia o endereço registrado para o webhook, e de quem é.",
            "Check at its sender the address that the webhook is registered with, and whose it is.",
        ),
    ),
    "EVENT_REUSED": FaultText(
        _SENDER,
        409,
        reason=Text(
            "O evento difere do que já foi aceito como ele: {problem}.",
            "The event differs from what was taken as this one: {problem}.",
        ),
        remedy=Text(
            "Envie o que mudou como um evento novo, e não como repetição; nada deste foi aceito.",
            "Send what changed as a new event, and not as a repeat; none of this one was taken.",
        ),
    ),
    "NAME_INVALID": FaultText(
        _SENDER,
        400,
        reason=same("{value}: {problem}."),
        remedy=same("{hint}"),
    ),
    "ADAPTER_UNUSABLE": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "O adaptador {adapter} (pacote {package}) não pode ser usado: {problem}.",
            "Adapter {adapter} (package {package}) cannot be used: {problem}.",
        ),
        remedy=Text(
            "Corrija, reinstale ou desinstale o pacote; `bus adapters list` mostra todos.",
            "Mend, reinstall or uninstall the package; `bus adapters list` shows them all.",
        ),
    ),
    "PROFILE_UNUSABLE": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "O perfil do produto {product} (pacote {package}) não pode ser usado: {problem}.",
            "The profile of product {product} (package {package}) cannot be used: {problem}.",
        ),
        remedy=Text(
            "Corrija, reinstale ou desinstale o pacote; `bus adapters products` mostra todos.",
            "Mend, reinstall or uninstall the package; `bus adapters products` shows them all.",
        ),
    ),
    "PRODUCT_UNKNOWN": FaultText(
        _SENDER,
        404,
        reason=Text(
            "Nenhum pacote instalado descreve o produto {value}.",
            "No installed package describes the product {value}.",
        ),
        remedy=Text(
            "{question}Produtos descritos: {known}. Dos outros, o barramento traduz os ids.",
            "{question}Described products: {known}. For any other, the bus translates ids.",
        ),
    ),
    "DESTINATION_REMOVED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "A aplicação {application} não está na configuração em vigor.",
            "Application {application} is not in the configuration in force.",
        ),
        remedy=Text(
            "Recoloque a aplicação em routes.yaml ou dispense a entrega.",
            "Put the application back into routes.yaml, or discard the delivery.",
        ),
        follows=_TRIED_AGAIN,
    ),
    # -- what a diagnosis finds --------------------------------------------------------------------
    "TLS_FAILED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "Não há conexão segura com {application}: {problem}.",
            "There is no secure connection to {application}: {problem}.",
        ),
        remedy=Text(
            "Confira o certificado do servidor; o de uma autoridade própria entra em `ca_file`, "
            "nas opções de {application} em routes.yaml.",
            "Check the certificate of the server; that of an authority of your own goes into "
            "`ca_file`, among the options of {application} in routes.yaml.",
        ),
    ),
    "NOT_AN_EAI": FaultText(
        _ADMIN,
        502,
        reason=Text(
            "O que atende no endereço de {application} não responde como um EAI: {problem}.",
            "What listens at the address of {application} does not answer as an EAI does: "
            "{problem}.",
        ),
        remedy=Text(
            "Use o endereço que consta no WSDL do serviço; na nuvem ele tem outra porta que a "
            "da aplicação web.",
            "Use the address in the WSDL of the service; in the cloud its port is another than "
            "that of the web application.",
        ),
    ),
    "PRODUCT_TOO_OLD": FaultText(
        _RECEIVER,
        409,
        reason=Text(
            "{application} está na versão {version}; a integração pede {since} ou mais nova.",
            "{application} is at version {version}; the integration needs {since} or newer.",
        ),
        remedy=Text(
            "Atualize {application} antes de pôr a integração no ar.",
            "Update {application} before the integration goes live.",
        ),
    ),
    "MESSAGES_NOT_ENABLED": FaultText(
        _RECEIVER,
        409,
        reason=Text(
            "As rotas levam ao EAI de {application} o que ele não tem: {missing}.",
            "The routes bring the EAI of {application} what it does not have: {missing}.",
        ),
        remedy=Text(
            "Cadastre no EAI de {application} um adapter para cada uma, na versão e no sentido "
            "da rota.",
            "Register an adapter for each in the EAI of {application}, at the version and in the "
            "direction of the route.",
        ),
    ),
    "LOGIN_REFUSED_HERE": FaultText(
        _SENDER,
        401,
        reason=Text(
            "Alguém em {address} é recusado pelo barramento; apresenta {presented}.",
            "Somebody at {address} is refused by the bus; it presents {presented}.",
        ),
        remedy=Text(
            "Se é {application}, ponha lá o usuário e a senha do seu `login` em routes.yaml; "
            "se não é, veja quem chama desse endereço.",
            "If it is {application}, enter there the user and the password of its `login` in "
            "routes.yaml; if it is not, see who calls from that address.",
        ),
    ),
    "COMPANIES_UNPAIRED": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "Empresas de {application} sem par em {reader}: {missing}.",
            "Companies of {application} without a pair in {reader}: {missing}.",
        ),
        remedy=Text(
            "Faça os pares antes de qualquer carga, com `bus depara set Company` ou por "
            "INTERNALIDLOAD.",
            "Make the pairs before any load, by `bus depara set Company` or by INTERNALIDLOAD.",
        ),
    ),
    "CODES_DIFFER": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "{entity} não é igual em {application} e {reader}: {code}; {problem}.",
            "{entity} is not the same in {application} and {reader}: {code}; {problem}.",
        ),
        remedy=Text(
            "Dê o mesmo código dos dois lados e integre o cadastro de novo.",
            "Give the same code on both sides, and send the register again.",
        ),
    ),
    "PAIRS_TO_REVIEW": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "Ids de {application} que pedem revisão no de-para: {problem}.",
            "Ids of {application} to be reviewed in the de-para: {problem}.",
        ),
        remedy=Text(
            "Veja quais são com `bus depara orphans`.",
            "See which they are by `bus depara orphans`.",
        ),
    ),
    "PAIR_SUSPICIOUS": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "{entity} {one} e {other} são um par, mas {key} difere: “{mine}” e “{theirs}”.",
            "{entity} {one} and {other} are a pair, yet {key} differs: “{mine}” and “{theirs}”.",
        ),
        remedy=Text(
            "Confira os dois cadastros; se são de coisas diferentes, troque o par com `bus depara "
            "set`.",
            "Check both registers; where they are of different things, change the pair by `bus "
            "depara set`.",
        ),
    ),
    "PREREQUISITE_UNMET": FaultText(
        _RECEIVER,
        409,
        reason=Text(
            "Falta em {application}: {what} Sinal disso: {problem}.",
            "Missing in {application}: {what} A sign of it: {problem}.",
        ),
        remedy=Text(
            "Acerte isso em {application}; o sinal some daqui a {days} dias, se não houver outro.",
            "Put that right in {application}; the sign is gone in {days} days, if no other comes.",
        ),
    ),
    "PREREQUISITE_UNCONFIRMED": FaultText(
        _RECEIVER,
        409,
        reason=Text(
            "Ninguém confirmou ainda em {application}: {what}",
            "Nobody has confirmed yet in {application}: {what}",
        ),
        remedy=Text(
            "Confira lá e registre: `bus diagnose {application} --confirm {rule} --by NOME`.",
            "Check it there, and record it: `bus diagnose {application} --confirm {rule} --by "
            "NAME`.",
        ),
    ),
    "TOPIC_NEVER_HEARD": FaultText(
        _RECEIVER,
        409,
        reason=Text(
            "A integração está degradada: {application} nunca avisou por webhook de {topic}.",
            "The integration is degraded: {application} has never told by webhook of {topic}.",
        ),
        remedy=Text(
            "Cadastre lá o webhook desse tópico, com o endereço /webhooks/{application}/ e a senha "
            "do seu login, e mude algo que ele conte.",
            "Register the webhook of that topic there, with the address /webhooks/{application}/ "
            "and the password of its login, and change something that it tells of.",
        ),
    ),
    "PREREQUISITE_UNKNOWN": FaultText(
        _SENDER,
        404,
        reason=Text(
            "{application} não tem o pré-requisito “{value}”.",
            "{application} has no prerequisite “{value}”.",
        ),
        remedy=Text("{question}Os que tem: {known}.", "{question}Those that it has: {known}."),
    ),
    "NOT_CONFIRMED": FaultText(
        _SENDER,
        409,
        reason=Text(
            "O pré-requisito {rule} de {application} não está confirmado.",
            "The prerequisite {rule} of {application} is not confirmed.",
        ),
        remedy=Text(
            "Veja o que está com `bus diagnose {application}`.",
            "See what is by `bus diagnose {application}`.",
        ),
    ),
    # -- the bus itself ----------------------------------------------------------------------------
    "MESSAGE_NOT_FOUND": FaultText(
        _SENDER,
        404,
        reason=Text(
            "Não há mensagem com o identificador “{id}”.", "There is no message with the id “{id}”."
        ),
        remedy=Text(
            "Use o id do barramento ou o UUID da mensagem. O que terminou há mais tempo do que se "
            "guarda (BUS_KEEP_FOR, BUS_KEEP_SIZE) já não está no diário.",
            "Use the bus's id or the message's UUID. What ended longer ago than is kept "
            "(BUS_KEEP_FOR, BUS_KEEP_SIZE) is no longer in the journal.",
        ),
    ),
    "ANSWER_NOT_READY": FaultText(
        _RECEIVER,
        404,
        reason=Text(
            "A mensagem {message} ainda não tem resposta.", "Message {message} has no answer yet."
        ),
        remedy=Text("Pergunte de novo mais tarde em {address}.", "Ask again later at {address}."),
    ),
    "MESSAGE_AMBIGUOUS": FaultText(
        _SENDER,
        409,
        reason=Text(
            "O UUID {id} pertence a várias mensagens: {candidates}.",
            "UUID {id} belongs to several messages: {candidates}.",
        ),
        remedy=Text("Use o id do barramento de uma delas.", "Use the bus's id of one of them."),
    ),
    "STEP_NOT_ALLOWED": FaultText(
        _SENDER,
        409,
        reason=Text(
            "Não é possível: a entrega está em “{state}”.",
            "Not possible: the delivery is in “{state}”.",
        ),
        remedy=Text(
            "Veja a situação atual com `bus trace`.", "See where it stands with `bus trace`."
        ),
    ),
    "DELIVERY_NOT_FOUND": FaultText(
        _SENDER,
        404,
        reason=Text(
            "A mensagem não tem a entrega {number}; as que tem são: {numbers}.",
            "The message has no delivery {number}; those it has are: {numbers}.",
        ),
        remedy=Text(
            "Informe uma destas com --number, ou nenhuma para todas.",
            "Give one of these with --number, or none for all.",
        ),
    ),
    "NO_DELIVERIES": FaultText(
        _SENDER,
        409,
        reason=Text("A mensagem não tem entregas.", "The message has no deliveries."),
        remedy=Text("Veja o porquê com `bus trace`.", "See why with `bus trace`."),
    ),
    "PAGE_NOT_FOUND": FaultText(
        _SENDER,
        404,
        reason=Text("Não existe o endereço {path}.", "There is no address {path}."),
        remedy=Text(
            "Envie mensagens com POST para /messages.", "Send messages by POST to /messages."
        ),
    ),
    "METHOD_NOT_ALLOWED": FaultText(
        _SENDER,
        405,
        reason=Text(
            "O método {method} não vale para {path}.", "Method {method} does not apply to {path}."
        ),
        remedy=Text(
            "Chame {path} com o método que ele recebe.", "Call {path} by the method that it takes."
        ),
    ),
    "REQUEST_INVALID": FaultText(
        _SENDER,
        422,
        reason=Text(
            "O pedido não serve em {field}: {problem}.",
            "The request does not do at {field}: {problem}.",
        ),
        remedy=Text(
            "Veja em /api/v1/openapi.json o que este endereço recebe.",
            "See in /api/v1/openapi.json what this address takes.",
        ),
    ),
    # -- connections and logins --------------------------------------------------------------------
    "BODY_DAMAGED": FaultText(
        _SENDER,
        400,
        reason=Text(
            "O corpo não é {compression}, embora Content-Encoding o diga, ou está danificado.",
            "The body is no {compression}, though Content-Encoding says so, or it is damaged.",
        ),
        remedy=Text(
            "Comprima o corpo, ou envie-o sem Content-Encoding.",
            "Compress the body, or send it without Content-Encoding.",
        ),
    ),
    "LENGTH_INVALID": FaultText(
        _SENDER,
        400,
        reason=Text(
            "Não se sabe quanto o corpo mede: Content-Length não é um número de bytes, ou veio com "
            "Transfer-Encoding.",
            "How long the body is cannot be told: Content-Length is no number of bytes, or came "
            "with Transfer-Encoding.",
        ),
        remedy=Text(
            "Envie um só dos dois: Content-Length com os bytes do corpo, ou Transfer-Encoding: "
            "chunked.",
            "Send one of the two alone: Content-Length with the bytes of the body, or "
            "Transfer-Encoding: chunked.",
        ),
    ),
    "HTTP_INVALID": FaultText(
        _SENDER,
        400,
        reason=Text("O que chegou não é HTTP/1.1.", "What arrived is no HTTP/1.1."),
        remedy=Text(
            "Confira o endereço e o protocolo: sem TLS nem HTTP/2 nesta porta.",
            "Check address and protocol: neither TLS nor HTTP/2 at this port.",
        ),
    ),
    "HEAD_TOO_LARGE": FaultText(
        _SENDER,
        431,
        reason=Text(
            "A primeira linha e os cabeçalhos passam de {limit} bytes.",
            "The first line and the headers exceed {limit} bytes.",
        ),
        remedy=Text(
            "Envie menos cabeçalhos ou mais curtos; a mensagem vai no corpo.",
            "Send fewer or shorter headers; the message goes into the body.",
        ),
    ),
    "HEAD_TIMEOUT": FaultText(
        _SENDER,
        408,
        reason=Text(
            "Nenhum pedido inteiro chegou por esta conexão em {seconds} segundos.",
            "No whole request came over this connection within {seconds} seconds.",
        ),
        remedy=Text(
            "Abra a conexão só quando houver o que enviar.",
            "Open the connection only when there is something to send.",
        ),
    ),
    "BODY_UNWANTED": FaultText(
        _SENDER,
        408,
        reason=Text(
            "O corpo ainda chegava {seconds} segundos depois de o pedido ser respondido.",
            "The body was still arriving {seconds} seconds after the request was answered.",
        ),
        remedy=Text(
            "Leia a resposta antes de enviar o resto.", "Read the answer before sending the rest."
        ),
    ),
    "TOO_MANY_CONNECTIONS": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O barramento já tem {limit} conexões abertas.",
            "The bus has {limit} open connections already.",
        ),
        remedy=Text(
            "Repita mais tarde; quem administra o barramento vê em BUS_MAX_CONNECTIONS o limite.",
            "Repeat later; the bus admin finds the limit in BUS_MAX_CONNECTIONS.",
        ),
    ),
    "TOO_MANY_LOGINS": FaultText(
        _SENDER,
        429,
        reason=Text(
            "Houve senhas erradas demais deste usuário e endereço.",
            "There were too many wrong passwords of this user and address.",
        ),
        remedy=Text(
            "Corrija a senha e repita depois do tempo indicado em Retry-After.",
            "Correct the password and repeat after the time in Retry-After.",
        ),
    ),
    "OVERLOADED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O barramento está no limite de mensagens simultâneas.",
            "The bus is at its limit of simultaneous messages.",
        ),
        remedy=Text(
            "Repita depois do tempo indicado em Retry-After.",
            "Repeat after the time in Retry-After.",
        ),
    ),
    "STOPPING": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O barramento está parando e não recebe mais mensagens.",
            "The bus is stopping and takes no more messages.",
        ),
        remedy=Text(
            "Repita quando ele estiver de volta.",
            "Repeat when it is back.",
        ),
    ),
    "JOURNAL_FAILED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O diário não gravou: {problem}. Nada foi aceito.",
            "The journal did not record: {problem}. Nothing was accepted.",
        ),
        remedy=Text(
            "Verifique espaço e permissões do arquivo do diário; no PostgreSQL, o disco e o log do "
            "servidor, e os direitos do usuário de BUS_JOURNAL (o dono do banco tem todos).",
            "Check the space and permissions of the journal file; on PostgreSQL, the disk and log "
            "of the server, and the rights of the user of BUS_JOURNAL (the database's owner has "
            "all).",
        ),
    ),
    "DISK_NEARLY_FULL": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "No disco de {folder} restam {free}, menos que os {reserve} de BUS_DISK_RESERVE: nada "
            "novo é aceito. O que já foi aceito segue.",
            "On the disk of {folder} {free} are left, less than the {reserve} of BUS_DISK_RESERVE: "
            "nothing new is accepted. What was accepted goes on.",
        ),
        remedy=Text(
            "Libere espaço nesse disco ou aumente-o; o barramento volta a aceitar sozinho.",
            "Free space on that disk or enlarge it; the bus accepts again by itself.",
        ),
    ),
    "JOURNAL_OF_ANOTHER_ENVIRONMENT": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "O diário {path} é de {environment}: as aplicações da última configuração dele são "
            "{known}. Este barramento é de {bus}, e não o abre.",
            "Journal {path} is for {environment}: the applications of its last configuration are "
            "{known}. This bus is for {bus}, and does not open it.",
        ),
        remedy=Text(
            "Use um diário de {bus}: BUS_JOURNAL. Para cruzar mesmo assim, escreva {known} em "
            "BUS_ACROSS: o que espera no diário será enviado.",
            "Use a journal for {bus}: BUS_JOURNAL. To cross all the same, type {known} into "
            "BUS_ACROSS: what waits in the journal will be sent.",
        ),
    ),
    "SOURCE_LOST": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "A leitura de {application} está com outro processo ({worker}). Nada foi gravado.",
            "Another process ({worker}) reads {application} by now. Nothing was recorded.",
        ),
        remedy=Text(
            "Nada a fazer: o outro processo lê a mensagem.",
            "Nothing needs doing: the other process reads the message.",
        ),
    ),
    "RETENTION_UNSET": FaultText(
        _ADMIN,
        422,
        reason=Text(
            "Não se diz por quanto tempo, nem até quanto, se guarda o que terminou.",
            "Nothing says for how long, or up to how much, what is finished is kept.",
        ),
        remedy=Text(
            "Diga --keep-for ou --keep-size, ou configure BUS_KEEP_FOR ou BUS_KEEP_SIZE.",
            "Say --keep-for or --keep-size, or set BUS_KEEP_FOR or BUS_KEEP_SIZE.",
        ),
    ),
    "JOURNAL_IN_USE": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O diário {path} está em uso por outro processo.",
            "Journal {path} is in use by another process.",
        ),
        remedy=Text(
            "Use o barramento que já está no ar, ou pare-o antes.",
            "Use the bus that is running, or stop it first.",
        ),
    ),
    "JOURNAL_UNREACHABLE": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "Não há caminho até o diário {path}: {problem}. Nada foi aceito.",
            "There is no way to journal {path}: {problem}. Nothing was accepted.",
        ),
        remedy=same("{hint}"),
    ),
    "JOURNAL_NEWER": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "Um barramento mais novo gravou o diário: as tabelas dele são da versão {version}, e "
            "este programa conhece até a {newest}. Nada foi mudado.",
            "A newer bus has written the journal: its tables are version {version}, and this "
            "program knows those up to {newest}. Nothing was changed.",
        ),
        remedy=Text(
            "Use o programa mais novo; para voltar ao anterior, um backup de antes "
            "(`bus restore`).",
            "Use the newer program; to go back to the one before, a backup of then "
            "(`bus restore`).",
        ),
    ),
    "JOURNAL_FOREIGN": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "No banco de dados {path} o esquema “{schema}” tem tabelas que não são de um diário: "
            "{tables}. Nada foi mudado.",
            "In database {path} the schema “{schema}” has tables that are no journal's: {tables}. "
            "Nothing was changed.",
        ),
        remedy=Text(
            "Dê ao diário um banco de dados só dele (BUS_JOURNAL).",
            "Give the journal a database of its own (BUS_JOURNAL).",
        ),
    ),
    "JOURNAL_TAKEN": FaultText(
        _ADMIN,
        409,
        reason=Text(
            "Já há mensagens, de-para ou confirmações no diário {path}. Nada foi copiado.",
            "Journal {path} has messages, a de-para or confirmations already. Nothing was copied.",
        ),
        remedy=Text(
            "Dê um banco de dados vazio. Um backup no lugar do que está ali: `bus restore`.",
            "Give an empty database. A backup in place of what is there: `bus restore`.",
        ),
    ),
    "JOURNAL_UNCERTAIN": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "A conexão com o diário {path} se perdeu durante a gravação: ainda não se sabe se "
            "ficou gravado.",
            "The connection to journal {path} was lost while it recorded: nobody knows yet whether "
            "it did.",
        ),
        remedy=Text(
            "Repita com o mesmo UUID quando o diário estiver de volta: o que já foi aceito é "
            "reconhecido e não é enviado duas vezes.",
            "Repeat with the same UUID when the journal is back: what was accepted already is "
            "recognised, and not sent twice.",
        ),
    ),
    "JOURNAL_CHANGED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O diário {path} não é mais aquele em que este barramento começou: outro servidor "
            "assumiu, ou um backup foi posto no lugar. Nada mais é aceito nem enviado.",
            "Journal {path} is no longer the one that this bus began on: another server took over, "
            "or a backup was put in its place. Nothing more is accepted or sent.",
        ),
        remedy=Text(
            "Reinicie o barramento: ele pergunta aos destinos o que pode já ter sido enviado.",
            "Start the bus again: it asks the destinations what may have been sent already.",
        ),
    ),
    "JOURNAL_LOST": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O diário se perdeu com o barramento no ar: {problem}. Nada mais é aceito nem enviado.",
            "The journal was lost while the bus runs: {problem}. Nothing more is accepted or sent.",
        ),
        remedy=Text(
            "Pare o barramento e ponha o diário de volta: o próprio arquivo com o -wal dele, ou um "
            "backup com `bus restore`. Antes, guarde o que restou.",
            "Stop the bus and put the journal back: the file itself with its -wal, or a backup by "
            "`bus restore`. Keep what is left first.",
        ),
    ),
    "JOURNAL_GONE": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O diário {path} não está mais aqui, ou está vazio; havia mensagens nele.",
            "Journal {path} is no longer here, or is empty; it had messages.",
        ),
        remedy=Text(
            "Ponha-o de volta, ou um backup com `bus restore`. Se ele se perdeu de vez: "
            "`bus serve --accept-loss` começa um novo.",
            "Put it back, or a backup by `bus restore`. If it is lost for good: "
            "`bus serve --accept-loss` begins a new one.",
        ),
    ),
    "JOURNAL_LOG_MISSING": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "Falta ao diário {path} o que foi gravado por último: o -wal dele sumiu, ou o arquivo "
            "é mais antigo.",
            "Journal {path} lacks what was recorded last: its -wal is gone, or the file is older.",
        ),
        remedy=Text(
            "Ponha de volta o -wal que estava ao lado dele. Se não existe mais, ou se este é um "
            "backup: `bus serve --accept-loss` segue sem o que falta, e o que pode já ter sido "
            "enviado fica em dúvida.",
            "Put back the -wal that was beside it. If that is no more, or if this is a backup: "
            "`bus serve --accept-loss` goes on without what is missing, and what may have been "
            "sent already is in doubt.",
        ),
    ),
    "JOURNAL_LOG_FOREIGN": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O arquivo {path}-wal é de outro diário: {path} foi posto no lugar do que estava aqui.",
            "File {path}-wal belongs to another journal: {path} was put in place of the one here.",
        ),
        remedy=Text(
            "Mova o -wal e o -shm para outro lugar, e comece de novo; `bus restore` faz isso.",
            "Move the -wal and the -shm away and start again; `bus restore` does that.",
        ),
    ),
    "JOURNAL_RESTORED": FaultText(
        _ADMIN,
        503,
        reason=Text(
            "O diário {path} não é o que esteve no ar aqui por último: {why}. Em dúvida, se foram "
            "enviadas ou não: {count} entrega(s).",
            "Journal {path} is not the one that ran here last: {why}. In doubt, whether sent or "
            "not: {count} delivery(ies).",
        ),
        remedy=Text(
            "O destino é perguntado onde pode; senão, a entrega fica como não entregue quando "
            "chega a vez dela: olhe no destino e use `bus settle`. Mensagens aceitas depois do "
            "backup não estão no diário: peça-as às origens.",
            "The destination is asked where it can be; else the delivery is unknown once its turn "
            "comes: look at the destination and use `bus settle`. Messages accepted after the "
            "backup are not in the journal: ask their senders for them.",
        ),
    ),
    "JOURNAL_UNREADABLE": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "O diário {path} não pode ser lido: {problem}.",
            "The journal {path} cannot be read: {problem}.",
        ),
        remedy=Text(
            "Confira o caminho; se o arquivo está danificado, volte a um backup (`bus restore`).",
            "Check the path; where the file is damaged, go back to a backup (`bus restore`).",
        ),
    ),
    "BACKUP_FAILED": FaultText(
        _ADMIN,
        500,
        reason=Text("O backup {file} não foi feito: {problem}.", "No backup {file}: {problem}."),
        remedy=same("{hint}"),
    ),
    "BACKUP_UNUSABLE": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "{file} não serve de diário: {problem}. Nada foi mudado.",
            "{file} cannot be a journal: {problem}. Nothing was changed.",
        ),
        remedy=Text(
            "Escolha outro backup; `bus verify --journal ARQUIVO` diz o que está errado num.",
            "Choose another backup; `bus verify --journal FILE` tells what is wrong with one.",
        ),
    ),
    "BODY_UNREADABLE": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "O corpo guardado da mensagem não pode ser lido, ou não é o que foi recebido. Nada foi "
            "enviado.",
            "The body kept of the message cannot be read, or is not the one received. Nothing was "
            "sent.",
        ),
        remedy=Text(
            "Rode `bus verify`: o disco estragou o diário. Peça a mensagem de novo à origem, com "
            "outro UUID.",
            "Run `bus verify`: the disk has damaged the journal. Ask the sender for the message "
            "again, with another UUID.",
        ),
    ),
    "CONFIGURATION_INVALID": FaultText(
        _ADMIN,
        500,
        reason=same("{problem}"),
        remedy=same("{hint}"),
    ),
    "INTERNAL": FaultText(
        _ADMIN,
        500,
        reason=Text(
            "Erro interno do barramento ({problem}).", "Internal error of the bus ({problem})."
        ),
        remedy=Text(
            "Avise quem mantém o barramento, e mande o que o registro dele diz desta hora.",
            "Tell who maintains the bus, and send what its log says of this time.",
        ),
    ),
}
