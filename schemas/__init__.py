"""The contracts: an XSD each, and beside it a catalog page (TOML) with what an XSD cannot say.

A contract is added with `messages/<Transaction>_<major>_<minor>.xsd` and the page of that name:

    title.pt, title.en   what people call it
    aliases              what else senders call the transaction, where they do
    shape                event | request
    lifecycle            register | process | query
    entity               what its own internal id names
    natural_key          paths that name the document where it has no internal id
    recognised_by        paths of what every application calls it by, such as a CNPJ
    target               of a cancellation: the path of the reference to what it cancels
    belongs_to           of a process: paths of references to the document that it is a part of, as
                         a request is of its work order; with the first filled one it shares a lane
    owner                who keeps the register, to know whom to ask
    module               the module of it that does, where its people are told apart by modules
    provisional          true where no published definition was found
    [business_keys]      name = "path", for people who search
    [ids]                path = the role of each id: "own" | "own part" | "reference ENTITY" |
                         "opaque"; "reference CustomerVendor vendor" where an application may have
                         several ids of a thing and one of them is meant;
                         or { by = "Type", cases = { "000" = "ENTITY" } } where a sibling says
    [alike]              by what two messages do the same, whoever sends them, where one may be the
                         echo of the other: the paths that agree `always`, and those that agree
                         `where_told` by both; "A|B" is an id, and the code that stands for it

Paths are below BusinessContent: `Code`, `ListOfItem/Item/InternalId`.

Its examples are in `examples/<Transaction>_<major>_<minor>/`: `minimal.xml` and `full.xml` are a
BusinessContent, `answer.xml` a full ReturnContent. Companies and people in them are invented.

A bridge is a declared way from a version of a transaction to another, for readers that take only
that: `bridges/<Transaction>_<major>_<minor>_to_<major>_<minor>.toml`, carried out in this order:

    lost                 paths that the other version has no place for
    [moved]              "path" = "path in the other version"
    [values."path"]      "value" = "value in the other version"; others stay
    [defaults]           "path" = "text", where the element is missing and its parent is not

`products.toml` says which versions of a transaction follow from the version of a product.
"""

from importlib.resources import files

_FOLDER = files(__name__)


def contract_names() -> tuple[str, ...]:
    """The contracts that have an XSD, as their files are called: `Currency_2_001`."""
    names = (file.name for file in (_FOLDER / "messages").iterdir())
    return tuple(sorted(name.removesuffix(".xsd") for name in names if name.endswith(".xsd")))


def contract_xsd(name: str) -> bytes:
    """The XSD of a contract: global elements BusinessContent and ReturnContent, no namespace."""
    return (_FOLDER / "messages" / f"{name}.xsd").read_bytes()


def type_names() -> tuple[str, ...]:
    """The files of shared types, in order of name."""
    return tuple(sorted(file.name for file in (_FOLDER / "types").iterdir()))


def included_xsd(location: str) -> bytes:
    """The XSD of shared types that a contract includes as `../types/<name>.xsd`."""
    return (_FOLDER / "types" / location.rpartition("/")[2]).read_bytes()


def catalog_page(name: str) -> str:
    """The catalog page of a contract, as TOML."""
    return (_FOLDER / "messages" / f"{name}.toml").read_text(encoding="utf-8")


def contract_example(name: str, kind: str) -> bytes:
    """An example of a contract: `minimal` or `full` BusinessContent, or `answer`."""
    return (_FOLDER / "examples" / name / f"{kind}.xml").read_bytes()


def content_xsd() -> bytes:
    """The abstract elements that published contracts expect of the envelope."""
    return (_FOLDER / "envelope" / "AbstractContent.xsd").read_bytes()


def envelope_xsd() -> bytes:
    """The XSD of the envelope as the bus writes it; what it reads is not held to it."""
    return (_FOLDER / "envelope" / "TOTVSMessage_1_000.xsd").read_bytes()


def bridge_names() -> tuple[str, ...]:
    """The bridges between versions, as their files are called: `Order_4_010_to_3_002`."""
    names = (file.name for file in (_FOLDER / "bridges").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def bridge_page(name: str) -> str:
    """The declaration of a bridge, as TOML."""
    return (_FOLDER / "bridges" / f"{name}.toml").read_text(encoding="utf-8")
