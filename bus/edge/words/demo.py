"""What the demonstration says."""

from __future__ import annotations

from bus.core.text import Language, Text

_TEXTS: dict[str, Text] = {
    "companies": Text(
        "0. Antes de tudo, o administrador informa de qual empresa e filial do RM é a do WMS.",
        "0. First of all, the admin enters which company and branch of RM is that of the WMS.",
    ),
    "currency": Text(
        "1. O RM inclui a moeda BRL: o Protheus e o WMS respondem cada um com o seu id.",
        "1. RM upserts currency BRL: Protheus and the WMS each answer with an id of their own.",
    ),
    "unit": Text(
        "2. O RM inclui a unidade CAIXA: no Protheus só cabem duas letras, e ele gera um código.",
        "2. RM upserts unit CAIXA: Protheus has room for two letters, and makes a code of its own.",
    ),
    "partner": Text(
        "3. O RM inclui um cliente e fornecedor (“Both”): no Protheus são dois ids, C e F.",
        "3. RM upserts a customer and vendor (“Both”): in Protheus these are two ids, C and F.",
    ),
    "item": Text(
        (
            "4. O RM inclui um produto que os nomeia: o Protheus o recebe intacto, pois traduz "
            "sozinho; o WMS, com os ids dele."
        ),
        (
            "4. RM upserts an item that names them: Protheus gets it untouched, for it translates "
            "by itself; the WMS, in its own ids."
        ),
    ),
    "missing": Text(
        (
            "5. Um produto nomeia uma unidade que ninguém conhece ainda: as entregas esperam pelo "
            "par que falta ..."
        ),
        (
            "5. An item names a unit that nobody knows yet: the deliveries wait for the missing "
            "pair ..."
        ),
    ),
    "provided": Text(
        "   ... o RM envia a unidade, e o produto segue sozinho.",
        "   ... RM sends the unit, and the item goes on by itself.",
    ),
    "down": Text(
        "6. O Protheus sai do ar, o RM envia a unidade KG; nada se perde; o Protheus volta.",
        "6. Protheus goes down, RM sends unit KG; nothing is lost; Protheus comes back.",
    ),
    "invalid": Text(
        "7. O RM envia uma unidade com código longo demais: recusada, com o que corrigir.",
        "7. RM sends a unit whose code is too long: refused, with what to correct.",
    ),
    "order": Text(
        (
            "8. No outro sentido: o Protheus abre uma ordem de serviço no RM, síncrona; a resposta "
            "do RM vem na mesma chamada."
        ),
        (
            "8. The other way: Protheus opens a work order in RM, synchronously; the answer of RM "
            "comes in the same call."
        ),
    ),
    "pairs": Text("O de-para que o barramento aprendeu:", "The de-para that the bus learnt:"),
    "omie_registers": Text(
        "0. A Omie é dona de locais e materiais: o Keepfy os recebe, e lhes dá ids próprios.",
        "0. Omie owns locations and materials: Keepfy gets them, and gives them ids of its own.",
    ),
    "forecast": Text(
        "1. Previsão confirmada, duas mãos de obra com dois materiais: duas requisições de compra.",
        "1. A forecast is confirmed, two labours with two materials each: two requisitions.",
    ),
    "change": Text(
        "2. A quantidade de um material muda: a requisição é alterada e uma nova é gerada.",
        "2. The quantity of a material changes: its requisition is altered and a new one is made.",
    ),
    "report": Text(
        "3. Reporte confirmado: uma saída para cada material de cada mão de obra, na data dela.",
        "3. A report is confirmed: an exit for each material of each labour, on its day.",
    ),
    "removal": Text(
        "4. Um material reportado é removido: a saída dele é excluída, e as outras ficam.",
        "4. A reported material is removed: its exit is deleted, and the others stay.",
    ),
    "cancel": Text(
        "5. A ordem de serviço é cancelada: nenhuma requisição dela fica.",
        "5. The service order is cancelled: none of its requisitions stays.",
    ),
    "wrong": Text(
        "6. Um material integrado sem local de estoque: o evento é recusado, com o que corrigir.",
        "6. An integrated material without a stock location: refused, with what to correct.",
    ),
    "preview": Text(
        "7. Uma filial com aplicativo Omie próprio compartilha os produtos: a prévia diz o que "
        "seria feito.",
        "7. A branch with an Omie app of its own shares the products: the preview says what would "
        "be done.",
    ),
    "activation": Text(
        "8. A ativação, confirmada: o que coincide é sobrescrito, o que falta é criado.",
        "8. The activation, confirmed: what matches is overwritten, what is missing is created.",
    ),
    "shared_product": Text(
        "9. Um produto novo na matriz: chega à filial, com id próprio.",
        "9. A new product at the head office: it comes to the branch, under an id of its own.",
    ),
    "shared_edit": Text(
        "10. A filial, que pode alterar, muda o nome: a matriz o recebe, e nada volta.",
        "10. The branch, which may edit, changes its name: the head office gets it, and nothing "
        "comes back.",
    ),
    "books": Text("Na Omie:", "In Omie:"),
    "requisition": Text("requisição", "requisition"),
    "exit": Text("saída", "exit"),
    "running": Text(
        "O barramento segue no ar. Pare com Ctrl+C. Experimente em outro terminal:",
        "The bus goes on running. Stop it with Ctrl+C. Try in another terminal:",
    ),
}


def say(title: str, language: Language) -> str:
    """A text in a language."""
    return _TEXTS[title].told(language)
