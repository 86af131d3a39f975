"""What each setting is for: read by `bus COMMAND --help`, and in English by the documentation."""

from __future__ import annotations

from bus.core.text import Text

SETTING_TEXTS: dict[str, Text] = {
    "journal": Text(
        "O arquivo do diário, criado se faltar, ou um banco de dados PostgreSQL, que vários "
        "barramentos podem dividir: `postgresql://usuário:senha@host:5432/banco`. `memory:` não "
        "guarda nada.",
        "The file of the journal, made if missing, or a database of PostgreSQL, which several "
        "buses may share: `postgresql://user:password@host:5432/database`. `memory:` keeps "
        "nothing.",
    ),
    "environment": Text(
        "Para que é este barramento: “production” ou “test”. Com aplicações ou com um diário de "
        "outro ambiente ele não inicia.",
        "What this bus is for: “production” or “test”. It does not start with applications, or "
        "with a journal, of another environment.",
    ),
    "across": Text(
        "Os nomes, por extenso e separados por vírgulas, das aplicações de outro ambiente que este "
        "barramento alcança mesmo assim.",
        "The names, typed out, with commas between them, of applications of another environment "
        "that this bus reaches all the same.",
    ),
    "routes": Text("O arquivo de aplicações e rotas.", "The file of applications and routes."),
    "contracts": Text(
        "A pasta dos contratos que esta instalação importou dos seus próprios XSDs "
        "(`bus schemas import`). São lidos no início e vêm antes dos que acompanham o barramento.",
        "The folder of the contracts that this installation imported from its own XSDs "
        "(`bus schemas import`). They are read at start, and go before those that ship.",
    ),
    "broker": Text(
        "O servidor de mensagens, com usuário e senha: "
        "`amqp://usuário:senha@host:5672/virtual-host`. Vale no lugar do endereço e do login que "
        "routes.yaml diz em `broker`; o que mais se diz ali continua a valer.",
        "The message broker, with user and password: "
        "`amqp://user:password@host:5672/virtual-host`. It stands in place of the address and the "
        "login that routes.yaml says in `broker`; what else is said there stays in force.",
    ),
    "host": Text(
        "O endereço em que escuta; 0.0.0.0 para todos.",
        "The address to listen on; 0.0.0.0 for all.",
    ),
    "port": Text("A porta em que escuta.", "The port to listen on."),
    "language": Text(
        "A língua de comandos, respostas e páginas.",
        "The language of commands, answers and pages.",
    ),
    "log_level": Text(
        "As linhas de registro menos importantes que aparecem.",
        "The least important log lines shown.",
    ),
    "log_format": Text(
        "Como se escrevem as linhas de registro: para pessoas, ou um objeto JSON por linha.",
        "How log lines are written: for people, or one JSON object a line.",
    ),
    "max_body": Text("O maior corpo que é lido.", "The largest body that is read."),
    "max_answer": Text(
        "A maior resposta de um destino que é lida; uma mais longa é cortada, e não se sabe o que "
        "houve.",
        "The largest answer of a destination that is read; a longer one is cut, and its outcome "
        "unknown.",
    ),
    "body_timeout": Text(
        "Quanto tempo um corpo pode levar para chegar.", "How long a body may take to arrive."
    ),
    "max_in_flight": Text(
        "Quantos pedidos são atendidos ao mesmo tempo; mais um recebe 503. Metade dos lugares é "
        "guardada, em partes iguais, para as aplicações que se identificam.",
        "How many requests are served at once; one more is answered 503. Half of the places are "
        "kept, in equal shares, for the applications that log in.",
    ),
    "max_connections": Text(
        "Quantas conexões podem estar abertas ao mesmo tempo; mais uma recebe 503.",
        "How many connections may be open at once; one more is answered 503.",
    ),
    "head_timeout": Text(
        "Quanto tempo podem levar os cabeçalhos de um pedido, e uma conexão ficar sem pedidos.",
        "How long the headers of a request may take, and a connection be without a request.",
    ),
    "public_address": Text(
        "O endereço que o barramento diz aos outros, onde não é aquele em que escuta: atrás de um "
        "proxy, ou com `BUS_HOST` 0.0.0.0.",
        "The address that the bus tells others, where it is not the one that it listens on: behind "
        "a proxy, or with `BUS_HOST` 0.0.0.0.",
    ),
    "proxies": Text(
        "Os endereços ou redes dos proxies diante do barramento, separados por vírgulas: o que "
        "eles dizem em `X-Forwarded-For` é o endereço de quem chama, e o deles não é de ninguém.",
        "The addresses or networks of the proxies before the bus, with commas between them: what "
        "they say in `X-Forwarded-For` is the address of a caller, and their own is nobody's.",
    ),
    "max_in_memory": Text(
        "Quantos bytes de mensagens que chegam podem estar na memória ao mesmo tempo; a que passa "
        "disso recebe 503, mas a que está sozinha é lida mesmo que seja maior. Quando são lidas, "
        "ocupam várias vezes isso.",
        "How many bytes of arriving messages may be in memory at once; one more is answered 503, "
        "but one that is alone is read though it be larger. While they are read they take several "
        "times that.",
    ),
    "disk_reserve": Text(
        "Quanto deve ficar livre no disco do arquivo do diário: com menos, nada novo é aceito "
        "(503), e o que já foi aceito segue. De um banco de dados o servidor cuida.",
        "How much is to stay free on the disk of the journal file: with less nothing new is "
        "accepted (503), and what was accepted goes on. Of a database the server takes care.",
    ),
    "keep_for": Text(
        "Por quanto tempo o que terminou fica no diário; depois sai aos poucos. Vazio: para "
        "sempre. O que está aberto nunca sai.",
        "For how long what is finished stays in the journal; then it is let go of bit by bit. "
        "Empty: for ever. What is open is never let go of.",
    ),
    "keep_size": Text(
        "Quanto o diário pode ocupar: acima disso sai o que terminou, do mais antigo, menos o do "
        "último dia. Vazio: sem limite. Com `BUS_KEEP_FOR` vale o que vier primeiro.",
        "How much the journal may take: beyond that what is finished is let go of, the oldest "
        "first, but for that of the last day. Empty: without limit. With `BUS_KEEP_FOR`, whichever "
        "comes first.",
    ),
    "lease": Text(
        "Por quanto tempo quem envia tem direito ao que tomou; depois de uma queda, é o que isso "
        "espera. Um `timeout` maior de uma aplicação o prolonga.",
        "For how long a worker has the right to send what it took; after a crash, what it had "
        "waits that long. A longer `timeout` of an application lengthens it.",
    ),
}
