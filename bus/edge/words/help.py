"""What the commands say of themselves: one row a command, by its path below `bus`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bus.core.text import NOTHING, Text, same


class CommandHelp(NamedTuple):
    """What a command is for in one sentence, what else to know, and its parameters, options "
    "by what is typed after `--`.
    """

    does: Text
    more: Text = NOTHING
    params: Mapping[str, Text] = {}


_REPLACE = Text("O que está contra cede.", "What stands against it gives way.")
_AT = Text(
    "Como era nesse momento, ou há tanto tempo.", "As it was then, or so long ago: 30m, 2h, 3d."
)
_OF_ENTITY = Text("Desta entidade, como Item.", "Of this entity, such as Item.")
_FILES = Text(
    "Uma mensagem em cada; - é a entrada padrão.", "One message in each; - is standard input."
)
_A_TRANSACTION = Text("A transação, como Currency.", "The transaction, such as Currency.")

SHARED: dict[str, Text] = {
    "language": Text(
        "idioma da ajuda e dos comandos, pt ou en [BUS_LANGUAGE; pt]",
        "language of the help and the commands, pt or en [BUS_LANGUAGE; pt]",
    ),
    "help": Text("Mostra esta ajuda.", "Show this message and exit."),
    "version": Text("Mostra a versão.", "Show the version and exit."),
    "json": Text("Escreve JSON, um objeto por linha.", "Print JSON, one object a line."),
    "number": Text(
        "Uma só entrega da mensagem, pelo número em `bus trace`; sem isso, todas.",
        "One delivery of the message, by its number in `bus trace`; without it, all.",
    ),
    "reason": Text("O motivo; fica no diário.", "Why; it is kept in the journal."),
    "message": Text(
        "O id que o barramento deu à mensagem, ou o UUID de quem a enviou.",
        "The id that the bus gave the message, or its sender's UUID.",
    ),
    "entity": Text("O que o id nomeia, como Item.", "What the id names, such as Item."),
    "id_": Text(
        "Um id de uma aplicação, entre aspas: 'protheus:01|000001|01|C'.",
        "An id of an application, in quotes: 'protheus:01|000001|01|C'.",
    ),
    "address": Text(
        "O endereço que `bus simulate` mostrou; dele só contam servidor e porta.",
        "The one that `bus simulate` printed; of it only host and port count.",
    ),
}
"""The parameters that mean the same in each command that has them."""

_IN_FORCE = Text(
    "A aplicação, que tem `activation: by_hand` em routes.yaml.",
    "The application, which has `activation: by_hand` in routes.yaml.",
)

HELP: dict[str, CommandHelp] = {
    "": CommandHelp(
        Text(
            "Um barramento de mensagens para ERPs: recebe mensagens padrão, entrega-as em ordem e "
            "o prova.",
            "A message bus for ERPs: takes standard messages, delivers them in order, and proves "
            "it.",
        )
    ),
    # -- running -----------------------------------------------------------------------------------
    "serve": CommandHelp(
        Text("Põe o barramento no ar.", "Run the bus."),
        Text(
            "Fica no ar até Ctrl+C ou SIGTERM; então termina o que começou.",
            "It runs until Ctrl+C or SIGTERM; then it ends what it began.",
        ),
        {
            "json": Text(
                "Escreve o endereço e os registros em JSON.",
                "Print the address and the log as JSON.",
            ),
            "accept-loss": Text(
                "Começa embora falte o diário, ou o que foi gravado nele por último.",
                "Start though the journal is missing, or what was recorded in it last.",
            ),
            "moved": Text(
                "O diário foi movido para cá com o barramento parado, e nenhum barramento usou o "
                "original desde então: nada fica em dúvida.",
                "The journal was moved here while the bus was stopped, and no bus has used the "
                "original since: nothing is in doubt.",
            ),
        },
    ),
    "demo": CommandHelp(
        Text(
            "Mostra o barramento entre aplicações simuladas.",
            "Run a bus with simulated applications and show what happens.",
        ),
        Text("Depois segue no ar até Ctrl+C.", "Afterwards it goes on running until Ctrl+C."),
        {
            "once": Text("Termina depois da demonstração.", "Play the scenario and stop."),
            "scenario": Text(
                "O que é mostrado; rm-protheus, se não for dito.",
                "What is shown; rm-protheus where it is not given.",
            ),
        },
    ),
    "send": CommandHelp(
        Text(
            "Envia mensagens a um barramento no ar e mostra as respostas.",
            "Post messages to a running bus and show its answers.",
        ),
        Text(
            "Código de saída 0 se todas foram aceitas, 1 se uma foi recusada, 2 se não foi "
            "possível falar com o barramento ou ler um arquivo. O que o barramento responde vem no "
            "idioma dele: BUS_LANGUAGE onde ele roda.",
            "Exit code 0 when all were taken, 1 when one was refused, 2 when the bus could not be "
            "reached or a file not be read. What the bus answers comes in its own language: "
            "BUS_LANGUAGE where it runs.",
        ),
        {
            "files": _FILES,
            "url": Text("O barramento no ar. [BUS_URL]", "The running bus. [BUS_URL]"),
            "user": Text(
                "O usuário da aplicação que envia. [BUS_USER]",
                "The application's login. [BUS_USER]",
            ),
            "password": Text(
                "A senha; melhor em BUS_PASSWORD, onde ninguém a vê.",
                "Its password; better in BUS_PASSWORD, where nobody sees it.",
            ),
            "timeout": Text(
                "Quanto tempo esperar pela resposta.", "How long an answer is waited for."
            ),
        },
    ),
    "load-from": CommandHelp(
        Text(
            "Lê de novo um cadastro inteiro de uma aplicação e o põe em dia nos destinos.",
            "Read a whole register of an application again, and bring its readers up to date.",
        ),
        Text(
            "Vai página por página até a última, atrás do tráfego do dia. O que não mudou é "
            "reconhecido e não vai de novo; o que chega por si durante a carga vale. Onde parou, o "
            "mesmo comando continua; quando terminou, ele começa outra. Código de saída 1 se algo "
            "foi rejeitado.",
            "It goes page by page to the last, behind live traffic. What did not change is "
            "recognised, and not sent again; what comes by itself during the load stands. Where it "
            "stopped, the same command goes on; once it has ended, that begins another. Exit code "
            "1 where something was rejected.",
        ),
        {
            "application": Text(
                "A aplicação que se lê, como em routes.yaml.",
                "The application that is read, as in routes.yaml.",
            ),
            "transaction": Text("O cadastro, como Warehouse.", "The register, such as Warehouse."),
            "yes": Text(
                "Também se nenhum aviso por webhook da aplicação chegou até hoje.",
                "Though no webhook of the application ever came.",
            ),
        },
    ),
    "load": CommandHelp(
        Text(
            "Envia todos os cadastros de uma aplicação, na ordem em que dependem uns dos outros.",
            "Send all registers of an application, in the order in which they need each other.",
        ),
        Text(
            "Tudo é conferido antes. Depois vai nível por nível ao barramento no ar; o tráfego do "
            "dia passa à frente. Onde parou, o mesmo comando continua: o que foi entregue não é "
            "enviado de novo. No fim mostra o que difere em cada lado. Código de saída 1 quando "
            "algo falhou ou ficou sem par.",
            "All of it is checked first. Then it goes level by level to the bus that runs; live "
            "traffic goes first. Where it stopped, the same command goes on: what was delivered is "
            "not sent again. In the end it shows what differs on each side. Exit code 1 where "
            "something failed or has no pair.",
        ),
        {
            "paths": Text(
                "Arquivos, pastas, .zip ou .tar com uma mensagem em cada arquivo; - é a entrada "
                "padrão.",
                "Files, folders, .zip or .tar with one message a file; - is standard input.",
            ),
            "as": Text(
                "A aplicação de quem são os cadastros, como rm.",
                "The application that the registers are of, such as rm.",
            ),
            "dry-run": Text(
                "Só confere e mostra a ordem; nada é enviado.",
                "Only check, and show the order; nothing is sent.",
            ),
            "rate": Text(
                "Mensagens por segundo, no máximo; sem isso, tão logo as anteriores sejam "
                "respondidas.",
                "Messages a second, at most; without it, as soon as those before are answered.",
            ),
            "continue": Text(
                "Envia o que é válido e segue ao nível seguinte, embora algo tenha falhado.",
                "Send what is valid and go on to the next level, though something failed.",
            ),
        },
    ),
    "validate": CommandHelp(
        Text(
            "Confere mensagens com os contratos, sem barramento no ar.",
            "Check messages against their contracts, without a running bus.",
        ),
        Text(
            "Cada diferença aparece abaixo da linha da mensagem. A mensagem pode estar numa "
            "chamada SOAP, ou em JSON: um objeto com Header e Content. Se há um arquivo de rotas "
            "(BUS_ROUTES), diz quais delas a deixam passar assim mesmo. Código de saída 1 se uma "
            "mensagem não é válida, 2 se um arquivo não pôde ser lido como mensagem.",
            "Each difference is shown below its line of the message. A message may stand in a SOAP "
            "call, or be in JSON: an object with Header and Content. Where there is a file of "
            "routes (BUS_ROUTES), it is told which of them let one pass all the same. Exit code 1 "
            "where a message is not valid, 2 where a file could not be read as one.",
        ),
        {
            "files": _FILES,
            "errors": Text(
                "Conta as primeiras N diferenças de cada mensagem.",
                "Tell the first N differences of each message.",
            ),
        },
    ),
    "convert": CommandHelp(
        Text(
            "Escreve mensagens na outra forma: XML em JSON, JSON em XML; sem barramento no ar.",
            "Write messages in their other form: XML in JSON, JSON in XML; without a running bus.",
        ),
        Text(
            "O contrato diz o que é lista, número ou booleano; docs/json.md conta como. O que a "
            "outra forma não leva é recusado, com o caminho. Código de saída 1 se uma mensagem foi "
            "recusada, 2 se um arquivo não pôde ser lido como uma, ou gravado.",
            "The contract says what is a list, a number or a boolean; docs/json.md tells how. What "
            "the other form cannot carry is refused, with its path. Exit code 1 where a message is "
            "refused, 2 where a file could not be read as one, or not be written.",
        ),
        {
            "files": _FILES,
            "to": Text(
                "A forma desejada; sem isso, a que a mensagem não tem.",
                "The form wanted; without it, the one that the message has not.",
            ),
            "out": Text(
                "O arquivo a gravar, ou a pasta; vários arquivos precisam de uma pasta.",
                "The file to write, or the folder; several files need a folder.",
            ),
        },
    ),
    # -- messages ----------------------------------------------------------------------------------
    "messages": CommandHelp(
        Text(
            "Lista mensagens, as mais novas antes, com a situação das entregas.",
            "List messages, newest first, each with how its deliveries stand.",
        ),
        params={
            "transaction": Text(
                "Desta transação, como Currency.", "Of this transaction, such as Currency."
            ),
            "from": Text("Enviadas por esta aplicação.", "Sent by this application."),
            "to": Text("Com uma entrega a esta aplicação.", "With a delivery to this application."),
            "state": Text(
                "Com uma entrega nesta situação; ou recusadas (rejected).",
                "With a delivery in this state; or rejected.",
            ),
            "effect": Text(
                "Com uma entrega de cujo efeito se sabe isto.",
                "With a delivery whose effect is known to be so.",
            ),
            "differs": Text(
                "Com uma resposta do destino que difere do contrato.",
                "With an answer of the destination that differs from its contract.",
            ),
            "key": Text(
                "Com este valor numa chave de negócio, como um código.",
                "With this value in any business key, such as a code.",
            ),
            "since": Text(
                "Recebidas desde então: 2026-01-31T10:00, ou há tanto tempo: 30m, 2h, 3d.",
                "Received since then: 2026-01-31T10:00, or so long ago: 30m, 2h, 3d.",
            ),
            "until": Text("Recebidas antes disso.", "Received before then."),
            "before": Text("Continua abaixo desta mensagem.", "Go on below this message."),
            "limit": Text("No máximo tantas.", "At most so many."),
        },
    ),
    "trace": CommandHelp(
        Text(
            "Conta a história de uma mensagem: o que houve, quando, por quê e o que fazer.",
            "Tell the story of a message: what happened when, why, and what to do.",
        ),
        Text(
            "Se várias mensagens têm o UUID, são listadas.",
            "Where several messages have the UUID, they are listed.",
        ),
    ),
    "replay": CommandHelp(
        Text(
            "Envia de novo o que parou; o que já foi ou está a caminho não vai duas vezes.",
            "Send again what stopped; what went or is under way by now does not go twice.",
        ),
        params={
            "overwrite": Text(
                "Mesmo que uma mensagem mais nova do documento já tenha sido entregue.",
                "Even though a newer message of its document was delivered.",
            )
        },
    ),
    "settle": CommandHelp(
        Text(
            "Diz o que houve com uma entrega de que ninguém sabe.",
            "Say what became of a delivery of which nobody knows.",
        ),
        Text(
            "Como feita: quem enviou recebe OK, as cópias seguem e os ids são aprendidos. Como não "
            "feita: quem enviou recebe o erro, e a mensagem pode ser enviada de novo.",
            "As done: the sender is told OK, copies go on and ids are learnt. As not done: the "
            "sender is told the error, and the message may be sent again.",
        ),
        params={
            "done": Text("O destino a processou.", "The destination processed it."),
            "not-done": Text("O destino não a processou.", "The destination did not process it."),
            "id": Text(
                "O id que o destino deu ao documento.", "The id that the destination gave it."
            ),
            "reason": Text(
                "Como se sabe; fica no diário.", "How it is known; the journal keeps it."
            ),
        },
    ),
    "block": CommandHelp(
        Text(
            "Segura entregas que esperam, até alguém as liberar.",
            "Hold deliveries that wait, until somebody unblocks them.",
        )
    ),
    "unblock": CommandHelp(
        Text("Deixa seguir entregas bloqueadas.", "Let blocked deliveries go on.")
    ),
    "discard": CommandHelp(
        Text(
            "Desiste de entregas, com um motivo; o que espera atrás delas segue.",
            "Give deliveries up for good, with a reason; what waits behind them goes on.",
        ),
        params={
            "reason": Text(
                "O motivo; quem enviou é avisado, e ele fica no diário.",
                "Why; the sender is told, and the journal keeps it.",
            )
        },
    ),
    "diagnose": CommandHelp(
        Text(
            "Mostra o que falta em volta das aplicações para as mensagens fluírem, e quem resolve.",
            "Show what is missing around the applications for messages to flow, and who mends it.",
        ),
        Text(
            "Nada disso tem efeito numa aplicação: ela recebe uma mensagem vazia e um WhoIs. O que "
            "o barramento não pode ver, uma pessoa confirma. Código de saída 1 quando há algo a "
            "fazer.",
            "Nothing of it has an effect in an application: it gets an empty message and a WhoIs. "
            "What the bus cannot see, a person confirms. Exit code 1 where there is something to "
            "do.",
        ),
        {
            "application": Text(
                "Só esta aplicação; sem isso, todas.", "This application alone; without it, all."
            ),
            "confirm": Text(
                "Registra que este pré-requisito está atendido, como T-57.",
                "Record that this prerequisite is met, such as T-57.",
            ),
            "withdraw": Text(
                "Retira essa confirmação; o diário guarda as duas.",
                "Take that confirmation back; the journal keeps both.",
            ),
            "by": Text("Quem conferiu.", "Who checked it."),
            "note": Text("O que mais dizer disso.", "What else to say of it."),
        },
    ),
    "reconcile": CommandHelp(
        Text(
            "Pergunta aos destinos se mostram aquilo a que disseram OK.",
            "Ask destinations whether they show what they said OK to.",
        ),
        Text(
            "Só das rotas que declaram `effect`. Nada é enviado de novo, e a situação das entregas "
            "não muda. Código de saída 1 quando um efeito está ausente ou não pôde ser verificado.",
            "Of the routes that declare an `effect` alone. Nothing is sent again, and no state of "
            "a delivery changes. Exit code 1 where an effect is absent or could not be checked.",
        ),
        {
            "since": Text(
                "Mensagens recebidas desde então: 2026-01-31T10:00, ou há tanto tempo: 2h, 3d.",
                "Messages received since then: 2026-01-31T10:00, or so long ago: 2h, 3d.",
            ),
            "until": Text("Recebidas antes disso.", "Received before then."),
            "transaction": Text(
                "Desta transação, como Request.", "Of this transaction, such as Request."
            ),
            "to": Text("Entregues a esta aplicação.", "Delivered to this application."),
            "route": Text("Que foram por esta rota.", "That went by this route."),
            "limit": Text("No máximo tantas perguntas.", "At most so many questions."),
        },
    ),
    "application": CommandHelp(
        Text(
            "As aplicações que uma pessoa põe em vigor.",
            "Applications that a person puts in force.",
        ),
    ),
    "application preview": CommandHelp(
        Text(
            "Mostra o que seria posto em vigor, e o que falta; nada muda.",
            "Show what would be put in force, and what is missing; nothing is changed.",
        ),
        Text(
            "Pergunta à aplicação se ela responde e se aceita as credenciais. No fim vem o código "
            "que confirma. Código de saída 1 se falta algo.",
            "Asks the application whether it answers, and whether it accepts the credentials. At "
            "the end stands the code that confirms. Exit code 1 where something is missing.",
        ),
        {"application": _IN_FORCE},
    ),
    "application activate": CommandHelp(
        Text(
            "Põe uma aplicação em vigor, como a prévia a mostra.",
            "Put an application in force, as its preview shows it.",
        ),
        Text(
            "Recusado, e nada é gravado, enquanto ela não responde, recusa as credenciais ou tem "
            "pré-requisito por confirmar.",
            "Refused, and nothing is kept, while it does not answer, refuses the credentials or "
            "has a prerequisite to be confirmed.",
        ),
        {
            "application": _IN_FORCE,
            "confirm": Text("O código no fim da prévia.", "The code at the end of the preview."),
        },
    ),
    "application deactivate": CommandHelp(
        Text("Tira uma aplicação de vigor, já.", "Take an application out of force, at once."),
        Text(
            "Nada mais vem dela. O que está na fila para ela espera até que volte a valer.",
            "Nothing more comes from it. What is queued for it waits until it is in force again.",
        ),
        {"application": _IN_FORCE},
    ),
    "sharing": CommandHelp(
        Text(
            "Os grupos de aplicações que compartilham cadastros.",
            "Groups of applications that share registers.",
        ),
    ),
    "sharing list": CommandHelp(
        Text(
            "Mostra os grupos, o que cada aplicação pode e como está.",
            "Show the groups, what each application may, and how it stands.",
        ),
    ),
    "sharing preview": CommandHelp(
        Text(
            "Mostra o que a ativação de um grupo faria; nada muda.",
            "Show what activating a group would do; nothing is changed.",
        ),
        Text(
            "Lê a origem e os destinos. O que coincide por CNPJ, CPF ou código seria sobrescrito; "
            "o que só existe num destino fica. No fim vem o código que confirma a ativação.",
            "Reads the origin and the destinations. What matches by CNPJ, CPF or code would be "
            "overwritten; what only a destination has is kept. At the end stands the hash that "
            "confirms the activation.",
        ),
        {"group": Text("O grupo, como em routes.yaml.", "The group, as in routes.yaml.")},
    ),
    "sharing activate": CommandHelp(
        Text("Ativa um grupo, como a prévia diz.", "Activate a group, as its preview says."),
        Text(
            "Não pode ser desfeito. Com o barramento no ar; interrompida, a ativação continua com "
            "o mesmo comando, e nada vai duas vezes.",
            "It cannot be undone. While the bus runs; interrupted, an activation goes on with the "
            "same command, and nothing goes twice.",
        ),
        {
            "group": Text("O grupo, como em routes.yaml.", "The group, as in routes.yaml."),
            "confirm": Text("O código no fim da prévia.", "The hash at the end of the preview."),
        },
    ),
    "sharing stop": CommandHelp(
        Text(
            "Para uma aplicação de um grupo, ou todas.",
            "Stop one application of a group, or all.",
        ),
        Text(
            "Os cadastros ficam como estão, e as outras aplicações continuam.",
            "Registers stay as they are, and the other applications go on.",
        ),
        {
            "group": Text("O grupo, como em routes.yaml.", "The group, as in routes.yaml."),
            "application": Text(
                "A aplicação que sai; sem ela, todas.", "The one that leaves; without it, all."
            ),
            "queued": Text(
                "O que ainda não saiu: cancel cancela, drain deixa ir.",
                "What has not left yet: cancel gives it up, drain lets it go on.",
            ),
        },
    ),
    "verify": CommandHelp(
        Text(
            "Prova que o diário nada perdeu nem duplicou.",
            "Prove that the journal lost and doubled nothing.",
        ),
        Text(
            "Compara os fatos do diário com as tabelas: cada mensagem recebida foi recusada, "
            "repetida ou aceita, e cada aceita tem exatamente as entregas planejadas. Confere o "
            "hash de cada corpo e o próprio arquivo, e diz quando o diário foi restaurado. Código "
            "de saída 1 se algo difere.",
            "Compares the journal's facts with its tables: every message received is rejected, a "
            "repeat or accepted, and every accepted one has exactly its planned deliveries. Checks "
            "the hash of each body and the file itself, and tells when the journal was restored. "
            "Exit code 1 where something differs.",
        ),
    ),
    "backup": CommandHelp(
        Text("Copia o diário para um arquivo novo.", "Copy the journal into a new file."),
        Text(
            "Com o barramento no ar, é ele quem copia, ao lado do tráfego, como tudo estava num só "
            "momento; o caminho é visto por ele. Só o dono pode ler a cópia.",
            "Where a bus runs, the bus copies, beside its traffic, as all was at one moment; it "
            "is the bus that must see the path. Only the owner may read the copy.",
        ),
        {"file": Text("O arquivo, que ainda não existe.", "The file, which is not there yet.")},
    ),
    "erase": CommandHelp(
        Text(
            "Apaga o que mensagens dizem de alguém (LGPD); hashes e rastro ficam.",
            "Erase what messages say of somebody (LGPD); hashes and trace stay.",
        ),
        Text(
            "De cada mensagem somem o corpo recebido, as respostas, as palavras das falhas, as "
            "chaves de negócio e o que foi traduzido. Ficam quem a enviou a quem, quando, o que "
            "houve, os ids e o hash; um fato diz quem pediu e por quê. Ou todas, ou nenhuma: o que "
            "não terminou impede, e é dito. Ids, --key e --holding somam-se: vale o que um deles "
            "encontra. Backups não mudam.",
            "Of each message the body received, the answers, the words of faults, the business "
            "keys and what was translated go. Who sent it to whom, when, what came of it, the ids "
            "and the hash stay; a fact tells who asked for it and why. All of them or none: what "
            "is not finished is told, and nothing is erased. Ids, --key and --holding add up: what "
            "any of them finds is meant. Backups do not change.",
        ),
        {
            "messages": Text("Ids ou UUIDs de mensagens.", "Ids or UUIDs of messages."),
            "key": Text(
                "Todas com este valor de uma chave de negócio.",
                "All with this value of a business key.",
            ),
            "holding": Text(
                "Todas que contêm este CPF ou CNPJ, com ou sem pontuação. Lê o diário inteiro.",
                "All that hold this CPF or CNPJ, with points or without. Reads all of the journal.",
            ),
            "by": Text(
                "Quem pediu; vazio: quem dá o comando.",
                "Who asked for it; empty: whoever gives the command.",
            ),
            "dry-run": Text(
                "Diz quais seriam apagadas e quais não terminaram; nada é apagado.",
                "Say which would be erased and which are not finished; nothing is erased.",
            ),
        },
    ),
    "journal": CommandHelp(
        Text(
            "Muda o diário de lugar, ou o poda.",
            "Move the journal, or let go of what is finished.",
        )
    ),
    "journal prune": CommandHelp(
        Text(
            "Deixa sair do diário o que terminou e é antigo, ou é demais.",
            "Let go of what is finished, and old or too much.",
        ),
        Text(
            "É o que o barramento faz sozinho com BUS_KEEP_FOR e BUS_KEEP_SIZE, agora. O que está "
            "aberto fica: entregas que não terminaram, o que espera por uma pessoa, e tudo de que "
            "isso depende. Um backup antes guarda o que sai.",
            "What the bus does by itself with BUS_KEEP_FOR and BUS_KEEP_SIZE, now. What is open "
            "stays: deliveries that have not ended, what waits for a person, and all that this "
            "depends on. A backup before keeps what goes.",
        ),
        {
            "dry-run": Text(
                "Diz quantas mensagens sairiam pela idade; nenhuma sai.",
                "Say how many messages would be let go of for their age; none is.",
            ),
        },
    ),
    "journal copy": CommandHelp(
        Text(
            "Copia o diário, que é um arquivo, para um banco de dados PostgreSQL vazio.",
            "Copy the journal, which is a file, into an empty database of PostgreSQL.",
        ),
        Text(
            "Pare o barramento antes. Tudo vai numa só gravação: mensagens, entregas, fatos e "
            "de-para. Depois, o barramento segue no banco de dados; o arquivo passa a valer como "
            "cópia, e quem o abrisse não reenviaria o que já pode ter sido enviado.",
            "Stop the bus first. All goes in one commit: messages, deliveries, facts and de-para. "
            "Then the bus goes on in the database; the file counts as a copy from then on, and "
            "whoever opened it would not send again what may have been sent.",
        ),
        {
            "target": Text(
                "O banco de dados: postgresql://usuário:senha@host:5432/banco.",
                "The database: postgresql://user:password@host:5432/database.",
            )
        },
    ),
    "restore": CommandHelp(
        Text("Põe um backup no lugar do diário.", "Put a backup in the place of the journal."),
        Text(
            "Pare o barramento antes. O diário que estava lá fica ao lado, com outro nome. O que o "
            "original pode ter enviado depois do backup fica em dúvida: o destino é perguntado, ou "
            "uma pessoa decide; só vai de novo sozinho o que não faz mal repetir.",
            "Stop the bus first. The journal that was there stays beside it, by another name. What "
            "the original may have sent since the backup is in doubt: its destination is asked, or "
            "a person decides; only what may be repeated without harm goes again by itself.",
        ),
        {"file": Text("Um backup.", "A backup.")},
    ),
    # -- the de-para -------------------------------------------------------------------------------
    "depara": CommandHelp(
        Text(
            "O de-para: quais ids de quais aplicações nomeiam a mesma coisa.",
            "The de-para: which ids of which applications name the same thing.",
        ),
        Text(
            "Um id se escreve APLICAÇÃO:ID, como 'protheus:01|000001|01|C', entre aspas. O que vem "
            "depois dos primeiros dois-pontos é o id, letra por letra.",
            "An id is written APPLICATION:ID, such as 'protheus:01|000001|01|C'; put it in quotes. "
            "What is after the first colon is the id, letter by letter.",
        ),
    ),
    "depara list": CommandHelp(
        Text(
            "Lista ids, cada um com os nomes da mesma coisa nas outras aplicações.",
            "List ids, each with what the other applications call the same thing.",
        ),
        params={
            "entity": _OF_ENTITY,
            "application": Text("Que esta aplicação conhece.", "That this application knows."),
            "id": Text(
                "Com exatamente este id, em qualquer aplicação.",
                "With exactly this id, in any application.",
            ),
            "at": _AT,
            "after": Text("Continua depois deste número.", "Go on after this number."),
            "limit": Text("No máximo tantos ids.", "At most so many ids."),
        },
    ),
    "depara show": CommandHelp(
        Text(
            "Mostra a coisa que um id nomeia: todos os ids dela, desde quando e de onde.",
            "Show the thing that an id names: all its ids, since when, and whence.",
        ),
        params={"at": _AT},
    ),
    "depara history": CommandHelp(
        Text(
            "Conta tudo o que houve com um id: cada alteração, quem a fez, de onde e por quê.",
            "Tell all that happened to an id: each change, by whom, whence and why.",
        ),
        params={
            "scope": Text(
                "A empresa e a filial dele, onde elas distinguem ids.",
                "Its company and branch, where they tell ids apart.",
            )
        },
    ),
    "depara set": CommandHelp(
        Text(
            "Diz que dois ids nomeiam a mesma coisa, ou retira um id com --remove.",
            "Say that two ids name the same thing, or take an id away with --remove.",
        ),
        Text(
            "O que esperava por isso segue. Código de saída 1 se algo está contra.",
            "What waited for it goes on. Exit code 1 where something stands against it.",
        ),
        {
            "other": Text("O outro id, da mesma forma.", "The other id, in the same form."),
            "remove": Text(
                "Retira o id da coisa; o outro id não é informado.",
                "Take the id away from its thing; the other id is not given.",
            ),
            "scope": Text(
                "Empresa, ou empresa/filial, do primeiro id.",
                "Company, or company/branch, of the first id.",
            ),
            "qualifier": Text(
                "Qual dos ids da coisa o primeiro é.", "Which of the thing's ids the first is."
            ),
            "other-scope": Text(
                "Empresa, ou empresa/filial, do outro id.",
                "Company, or company/branch, of the other id.",
            ),
            "other-qualifier": Text(
                "Qual dos ids da coisa o outro é.", "Which of the thing's ids the other is."
            ),
            "replace": _REPLACE,
        },
    ),
    "depara import": CommandHelp(
        Text(
            "Lê pares de um arquivo CSV, um por linha.", "Take pairs from a CSV file, one a line."
        ),
        Text(
            "Colunas: entity;application;id;other;other_id e, onde são precisas, "
            "scope;qualifier;other_scope;other_qualifier. Um arquivo com erro é recusado inteiro; "
            "sem erro, é uma só alteração, que `bus depara undo` desfaz. Se for interrompido, o "
            "mesmo comando com o mesmo arquivo continua. "
            "Código de saída 1 se algo está contra uma linha; as outras são aceitas.",
            "Columns: entity;application;id;other;other_id and, where they are needed, "
            "scope;qualifier;other_scope;other_qualifier. A file with a mistake is refused as a "
            "whole; else it is one change, which `bus depara undo` takes back. Where it was "
            "interrupted, the same command with the same file goes on. Exit code 1 where something "
            "stands against a line; the other lines are taken.",
        ),
        {
            "file": Text("O arquivo; - é a entrada padrão.", "The file; - is standard input."),
            "dry-run": Text(
                "Diz o que aconteceria, e nada grava.",
                "Say what would come of it, and record nothing.",
            ),
            "replace": _REPLACE,
        },
    ),
    "depara export": CommandHelp(
        Text(
            "Escreve os pares num CSV que `bus depara import` lê.",
            "Write the pairs as CSV that `bus depara import` takes.",
        ),
        Text(
            "O arquivo é UTF-8, com a marca pela qual uma planilha o reconhece.",
            "The file is UTF-8 with the mark by which a spreadsheet knows it.",
        ),
        {
            "file": Text(
                "O arquivo; sem ele, vai para a tela.", "The file; without it, they are printed."
            ),
            "entity": _OF_ENTITY,
            "application": Text(
                "Que esta aplicação conhece; os ids dela vêm antes.",
                "That this application knows; its ids go first.",
            ),
        },
    ),
    "depara orphans": CommandHelp(
        Text(
            "Mostra ids que não servem: só uma aplicação os conhece, sumiram, ou são iguais para "
            "um leitor.",
            "Show ids that will not do: known to one application alone, gone, or alike to a "
            "reader.",
        ),
        params={
            "against": Text(
                "Compara com esta lista dos ids da própria aplicação, um por linha ou na primeira "
                "coluna.",
                "Compare with this list of the application's own ids, one a line or the first "
                "column.",
            ),
            "application": Text(
                "A aplicação de quem é a lista.", "The application whose list it is."
            ),
            "entity": Text("Só desta entidade, como Item.", "Of this entity alone, such as Item."),
        },
    ),
    "depara conflicts": CommandHelp(
        Text(
            "Lista os conflitos que precisam de uma pessoa; `bus depara conflicts settle` decide "
            "um.",
            "List the conflicts that need a person; `bus depara conflicts settle` decides one.",
        )
    ),
    "depara conflicts settle": CommandHelp(
        Text(
            "Decide um conflito: fica o que havia, ou vale o par novo.",
            "Decide a conflict: what was known stays, or the new pair counts.",
        ),
        params={
            "number": Text("O número do conflito.", "The number of the conflict."),
            "keep": Text("Fica o que havia.", "What was known stays."),
            "replace": Text("Vale o par novo.", "The new pair counts."),
        },
    ),
    "depara undo": CommandHelp(
        Text(
            "Desfaz uma alteração e diz quais mensagens usaram os ids dela.",
            "Take a change back; say which messages used its ids.",
        ),
        Text(
            "Código de saída 1 se o que veio depois o impede. Se for interrompido, o mesmo comando "
            "continua.",
            "Exit code 1 where what came later stands in the way. Where it was interrupted, the "
            "same command goes on.",
        ),
        {
            "change": Text(
                "O número dela em `bus depara history`.", "Its number in `bus depara history`."
            )
        },
    ),
    "depara purge": CommandHelp(
        Text(
            "Encerra os pares de uma lista de movimentos; nada é enviado.",
            "Close the pairs of a list of movements; nothing is sent.",
        ),
        Text(
            "Uma linha é entity;application;id. O que só uma aplicação ficaria conhecendo encerra "
            "também.",
            "A line is entity;application;id. What one application alone would be left to know "
            "closes too.",
        ),
        {
            "file": Text("A lista; - é a entrada padrão.", "The list; - is standard input."),
            "dry-run": Text(
                "Diz o que encerraria, e nada grava.", "Say what would close, and record nothing."
            ),
        },
    ),
    "depara waiting": CommandHelp(
        Text(
            "Lista quem espera por qual id e o que o traria; marca o que nunca acaba sozinho.",
            "List who waits for which id, and what would bring it; what never ends by itself is "
            "marked.",
        )
    ),
    # -- routes, adapters, contracts ---------------------------------------------------------------
    "routes": CommandHelp(
        Text(
            "Confere o arquivo de aplicações e rotas.", "Check the file of applications and routes."
        )
    ),
    "routes check": CommandHelp(
        Text(
            "Mostra cada erro do arquivo, com linha e remédio, ou a tabela das rotas.",
            "Show every mistake of the file with its line and remedy, or the table of its routes.",
        ),
        Text(
            "Código de saída 0 se está certo, 1 se tem erros, 2 se não pôde ser lido.",
            "Exit code 0 when it is right, 1 when it has mistakes, 2 when it could not be read.",
        ),
        {
            "file": Text(
                "O arquivo; sem ele, o que o barramento usaria.",
                "The file; without it, the one that the bus would run.",
            )
        },
    ),
    "routes reload": CommandHelp(
        Text(
            "Faz o barramento no ar pôr em vigor o arquivo de rotas dele, como está agora.",
            "Have the bus that runs put its file of routes in force, as it is now.",
        ),
        Text(
            "Código de saída 0 se entrou em vigor, 1 se foi recusado: vale o que valia.",
            "Exit code 0 when it is in force, 1 when it is refused: what was in force stays.",
        ),
    ),
    "adapters": CommandHelp(
        Text(
            "Mostra a que o barramento entrega e os produtos, ou começa um adaptador seu.",
            "Show what the bus can deliver to and the products, or begin an adapter of your own.",
        )
    ),
    "adapters list": CommandHelp(
        Text(
            "Lista os adaptadores instalados, com as opções e as aplicações que usam cada um.",
            "List the adapters that are installed: options, and the applications that use each.",
        ),
        Text(
            "Também o que cada um faz além de entregar, e os textos de erro que entende seja qual "
            "for o produto. Um que não pode ser usado aparece com o motivo, e também o que o "
            "arquivo de rotas cita mas ninguém instalou. Para isso o arquivo não precisa estar "
            "certo; para --probe, sim. Código de saída 1 quando uma aplicação não responde.",
            "Also what each can do beside delivering, and the error texts that it understands "
            "whatever the product. One that cannot be used is shown with the reason, and so is one "
            "that the file of routes names but nobody installed. The file need not be right for "
            "this; for --probe it must. Exit code 1 where an application does not answer.",
        ),
        {
            "probe": Text(
                "Pergunta a cada aplicação se responde, sem enviar mensagem; até 2 s.",
                "Ask each application whether it answers, without a message; up to 2 s.",
            ),
        },
    ),
    "adapters new": CommandHelp(
        Text(
            "Começa um adaptador seu: escreve um pacote pronto para instalar e testar.",
            "Begin an adapter of your own: writes a package, ready to install and test.",
        ),
        Text(
            "Ele troca mensagens por arquivos JSON numa pasta, nos dois sentidos; "
            "docs/write-an-adapter.md explica as linhas dele.",
            "It exchanges messages by JSON files in a folder, both ways; docs/write-an-adapter.md "
            "explains its lines.",
        ),
        {
            "name": Text("O nome do adaptador e do pacote.", "The name of adapter and package."),
            "folder": Text("Onde fica a pasta do pacote.", "Where the package's folder goes."),
        },
    ),
    "adapters products": CommandHelp(
        Text(
            "Mostra os produtos que o barramento conhece: o que vale para uma aplicação que não "
            "diz outra coisa.",
            "Show the products that the bus knows: what holds for an application that does not "
            "say.",
        ),
        Text(
            "Quem traduz, até onde os ids alcançam e que tamanho podem ter, os textos de erro "
            "entendidos e o que preparar lá; com NAME, tudo. O que a aplicação diz em "
            "routes.yaml vale antes do produto.",
            "Who translates by default, how far ids reach, how long they may be, the error texts "
            "that are understood, and what must be set up there; with NAME all of it. What an "
            "application says in routes.yaml goes before its product.",
        ),
        {"product": Text("O produto; sem ele, todos.", "The product; without it, all of them.")},
    ),
    "schemas": CommandHelp(
        Text(
            "Mostra, compara e importa os contratos: cada transação numa versão.",
            "Show, compare and import the contracts: each transaction at a version.",
        )
    ),
    "schemas list": CommandHelp(
        Text(
            "Lista os contratos que o barramento conhece.", "List the contracts that the bus knows."
        )
    ),
    "schemas example": CommandHelp(
        Text(
            "Escreve uma mensagem de exemplo de um contrato, válida e pronta para enviar.",
            "Print an example message of a contract: it is valid, and may be sent as it is.",
        ),
        Text(
            "Empresas e pessoas nela são inventadas. Cada uma tem um UUID próprio.",
            "Companies and people in it are invented. Each has a UUID of its own.",
        ),
        {
            "transaction": _A_TRANSACTION,
            "version": Text("A versão, como 2.001.", "The version, such as 2.001."),
            "full": Text(
                "Com todos os elementos, não só os obrigatórios.",
                "With every element, not only what its reader needs.",
            ),
            "from": Text(
                "A aplicação que a envia, para SourceApplication; vazio não alega nenhuma.",
                "The application that sends it, for SourceApplication; empty claims none.",
            ),
        },
    ),
    "schemas diff": CommandHelp(
        Text(
            "Compara dois contratos e diz quem cada mudança quebra.",
            "Compare two contracts, and say whom each change breaks.",
        ),
        Text(
            "Uma mudança quebra quem envia se o que ele pode escrever deixa de valer, e quem "
            "recebe "
            "se pode vir algo que não valia; numa resposta, o contrário. Código de saída 1 se "
            "mensagens do diário quebrariam, senão 0.",
            "A change breaks the sender where what it may write is no longer valid, and the "
            "receiver where something may come that was not valid; of an answer, the other way "
            "round. Exit code 1 where messages of the journal would break, 0 otherwise.",
        ),
        {
            "before": Text(
                'Um contrato, como "Order 3.002", ou o arquivo de um XSD.',
                'A contract, such as "Order 3.002", or a file of an XSD.',
            ),
            "after": Text("O outro, da mesma forma.", "The other, in the same form."),
            "traffic": Text(
                "Diz quais mensagens do diário o segundo quebraria.",
                "Say which messages of the journal the second would break.",
            ),
            "since": Text(
                "Com --traffic: das recebidas desde então, ou há tanto tempo.",
                "With --traffic: of those received since then, or so long ago.",
            ),
        },
    ),
    "schemas bridges": CommandHelp(
        Text(
            "Mostra os caminhos entre versões de uma transação e o que se perde em cada um.",
            "Show the ways between versions of a transaction, and what is lost on each.",
        ),
        Text(
            "Uma mensagem passa por um onde o destino aceita outra versão (`accepts` e "
            "`product_version` em routes.yaml).",
            "A message goes over one where its destination takes another version (`accepts` and "
            "`product_version` in routes.yaml).",
        ),
    ),
    "schemas import": CommandHelp(
        Text(
            "Importa os XSDs publicados de uma pasta e diz o que houve com cada um.",
            "Import the published XSDs of a folder, and tell what came of each.",
        ),
        Text(
            "Os arquivos podem incluir o que está na própria árvore; o envelope que falte e os "
            "tipos que o barramento tem são completados. Um contrato vigente só muda se "
            "--replace o "
            "nomeia. Código de saída 1 se um arquivo falhou.",
            "The files may include what is in their own tree; a missing envelope, and types that "
            "the bus has, are filled in. A contract in force never changes unless --replace names "
            "it. Exit code 1 where a file failed.",
        ),
        {
            "folder": Text("A pasta dos XSDs.", "The folder of the XSDs."),
            "replace": Text(
                'Um contrato vigente que o arquivo dele pode mudar, como "Order 3.002"; pode ser '
                "repetida.",
                'A contract in force that its file may change, such as "Order 3.002"; may be '
                "repeated.",
            ),
            "dry-run": Text(
                "Diz o que aconteceria, e nada muda.", "Tell what would happen, and change nothing."
            ),
        },
    ),
    # -- simulated applications --------------------------------------------------------------------
    "simulate": CommandHelp(
        Text(
            "Faz o papel de uma aplicação até Ctrl+C: rm, protheus, omie, keepfy, ou uma simples.",
            "Play an application until Ctrl+C: rm, protheus, omie, keepfy, or a plain one.",
        ),
        Text(
            "Com o nome rm ou protheus, é esse produto, com o web service EAIService, as "
            "tabelas, o "
            "de-para e os limites dele. Com o nome omie, são os serviços JSON da Omie em "
            "/api/v1/: --user é a App Key de um aplicativo, a senha o App Secret, e os "
            "webhooks vão ao endereço em --bus.\n\n"
            "Com o nome keepfy, é uma filial do Keepfy, que "
            "recebe mensagens unificadas, responde GraphQL em /graphql e posta eventos em --bus. "
            "Com qualquer outro, uma aplicação que aceita tudo "
            "por HTTP simples; o nome é uma palavra do endereço.\n\n"
            "A senha que ela exige vem de BUS_SIMULATE_PASSWORD; a que ela apresenta ao "
            "barramento, "
            "de BUS_SIMULATE_BUS_PASSWORD. `bus instruct` lhe diz o que fazer enquanto está no ar.",
            "By the name rm or protheus: that product, with its web service EAIService, its "
            "tables, its de-para and its limits. By the name omie: Omie's JSON services below "
            "/api/v1/; --user is the App Key of an app, the password its App Secret, and --bus "
            "where webhooks go.\n\n"
            "By the name keepfy: a branch of Keepfy, which takes unified "
            "messages, answers GraphQL at /graphql and posts events to --bus. By any other: an "
            "application that takes everything over plain HTTP; the name is a word of its "
            "address.\n\n"
            "The password that it demands is read from BUS_SIMULATE_PASSWORD, the one that it "
            "presents to the bus from BUS_SIMULATE_BUS_PASSWORD. `bus instruct` tells it what to "
            "do while it runs.",
        ),
        {
            "name": Text(
                "rm, protheus, omie, keepfy, ou outro nome.",
                "rm, protheus, omie, keepfy, or another name.",
            ),
            "host": Text("Onde escuta.", "Where to listen."),
            "port": Text("A porta; 0 é uma livre.", "The port; 0 is any that is free."),
            "ledger": Text("O arquivo do que ela processou.", "The file of what it processed."),
            "behaviour": Text(
                "Uma conduta (answer, refuse, busy, ...) ou JSON com sequence, chances, always, "
                "seed.",
                "A conduct (answer, refuse, busy, ...) or JSON with sequence, chances, always, "
                "seed.",
            ),
            "register": Text(
                "Uma transação cuja inclusão se repete.", "A transaction whose upsert repeats."
            ),
            "user": Text("O usuário que ela exige.", "The user that it demands."),
            "bus": Text(
                "Para onde envia: o /messages do barramento; rm e protheus, o /EAIService.",
                "Where it sends: the bus's /messages; for rm and protheus, its /EAIService.",
            ),
            "bus-user": Text(
                "O usuário que ela apresenta ao barramento.",
                "The user that it presents to the bus.",
            ),
            "source": Text(
                "O SourceApplication dela, se não for o nome.",
                "Its SourceApplication, if not its name.",
            ),
            "receipts": Text(
                "Responde às assíncronas com um recibo e, mais tarde, com a resposta.",
                "Answer asynchronous messages by a receipt, later by a response.",
            ),
        },
    ),
    "instruct": CommandHelp(
        Text(
            "Diz a uma aplicação simulada o que fazer, e mostra o que ela guarda.",
            "Tell a simulated application what to do, and see what it keeps.",
        )
    ),
    "instruct behave": CommandHelp(
        Text("Muda a conduta dela com as mensagens.", "Change how it meets messages."),
        params={
            "behaviour": Text(
                "Uma conduta (answer, busy, ...) ou JSON, como em `bus simulate --behaviour`.",
                "A conduct (answer, busy, ...) or JSON, as in `bus simulate --behaviour`.",
            )
        },
    ),
    "instruct leave": CommandHelp(
        Text(
            "Tira-a do ar por um tempo: as conexões são recusadas.",
            "Be gone for a time: connections are refused.",
        ),
        params={"seconds": Text("Quantos segundos.", "How many seconds.")},
    ),
    "instruct send": CommandHelp(
        Text(
            "Guarda um documento nela e o envia ao barramento.",
            "Keep a document there and post it to the bus.",
        ),
        Text(
            "Por exemplo: UnitOfMeasure CX Description=Caixa.",
            "For example: UnitOfMeasure CX Description=Caixa.",
        ),
        {
            "transaction": _A_TRANSACTION,
            "code": Text("O código do documento.", "The code of the document."),
            "fields": Text("Elementos e os valores deles.", "Elements and their values."),
            "delete": Text("Uma exclusão, não uma inclusão.", "A delete, not an upsert."),
            "async": Text("Não espera pelo destino.", "Do not wait for the destination."),
            "times": Text(
                "Envia a mesma mensagem tantas vezes.", "Post the same message so often."
            ),
        },
    ),
    "instruct show": CommandHelp(
        Text(
            "Mostra as tabelas e o de-para dela, e o que não coube.",
            "Show its tables, its de-para, and what did not fit there.",
        )
    ),
}

METAVARS: dict[str, Text] = {
    "OPTIONS": Text("OPÇÕES", "OPTIONS"),
    "COMMAND": Text("COMANDO", "COMMAND"),
    "ARGS": Text("ARGUMENTOS", "ARGS"),
    "ADDRESS": Text("ENDEREÇO", "ADDRESS"),
    "APPLICATION": Text("APLICAÇÃO", "APPLICATION"),
    "BEHAVIOUR": Text("CONDUTA", "BEHAVIOUR"),
    "CHANGE": Text("ALTERAÇÃO", "CHANGE"),
    "CODE": Text("CÓDIGO", "CODE"),
    "CONTRACT": Text("CONTRATO", "CONTRACT"),
    "GROUP": Text("GRUPO", "GROUP"),
    "RULE": Text("REGRA", "RULE"),
    "DIR": Text("PASTA", "DIR"),
    "ELEMENT": Text("ELEMENTO", "ELEMENT"),
    "ENTITY": Text("ENTIDADE", "ENTITY"),
    "FILE": Text("ARQUIVO", "FILE"),
    "FILES": Text("ARQUIVOS", "FILES"),
    "TARGET": Text("DESTINO", "TARGET"),
    "FLOAT": Text("NÚMERO", "FLOAT"),
    "INTEGER": Text("INTEIRO", "INTEGER"),
    "NAME": Text("NOME", "NAME"),
    "NUMBER": Text("NÚMERO", "NUMBER"),
    "OTHER": Text("OUTRA", "OTHER"),
    "PATH": Text("CAMINHO", "PATH"),
    "PATHS": Text("CAMINHOS", "PATHS"),
    "SECONDS": Text("SEGUNDOS", "SECONDS"),
    "TEXT": Text("TEXTO", "TEXT"),
    "TIME": Text("MOMENTO", "TIME"),
    "TRANSACTION": Text("TRANSAÇÃO", "TRANSACTION"),
    "VALUE": Text("VALOR", "VALUE"),
    "VERSION": Text("VERSÃO", "VERSION"),
    **{name: same(name) for name in ("ID", "A", "B", "N")},
}
"""The words that stand for what is to be given."""

ARGUMENTS = Text("Argumentos", "Arguments")
"""The heading above the arguments of a command."""
