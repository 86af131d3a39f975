"""What the JSON APIs answer where they refuse: `{"errors": [...]}`, in the language of the bus."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bus.core.errors import Fault, Refusal
from bus.core.text import Language, Text
from bus.edge.faults import fault_to_dict

NO_METHOD = 405
_PROBLEMS = {
    "missing": Text("falta", "it is missing"),
    "extra_forbidden": Text("não existe aqui", "there is no such key here"),
    "json_invalid": Text("o corpo não é JSON", "the body is no JSON"),
    "model_attributes_type": Text("deve ser um objeto", "it must be an object"),
    "dict_type": Text("deve ser um objeto", "it must be an object"),
    "list_type": Text("deve ser uma lista", "it must be a list"),
    "string_type": Text("deve ser um texto", "it must be a text"),
    "string_too_short": Text("é curto demais", "it is too short"),
    "string_too_long": Text("é longo demais", "it is too long"),
    "int_type": Text("deve ser um número inteiro", "it must be a whole number"),
    "int_parsing": Text("deve ser um número inteiro", "it must be a whole number"),
    "bool_type": Text("deve ser true ou false", "it must be true or false"),
    "bool_parsing": Text("deve ser true ou false", "it must be true or false"),
    "greater_than_equal": Text("é pequeno demais", "it is too small"),
    "less_than_equal": Text("é grande demais", "it is too large"),
    "literal_error": Text("não é um dos valores possíveis", "it is none of the possible values"),
    "enum": Text("não é um dos valores possíveis", "it is none of the possible values"),
}
"""What pydantic complains of, by its kinds."""


def tell_refusals(api: FastAPI, language: Language) -> None:
    """Make an API tell in that language what it refuses, and what FastAPI refuses before it."""

    def told(*faults: Fault) -> JSONResponse:
        errors = [fault_to_dict(fault, language) | fault.plain() for fault in faults]
        return JSONResponse({"errors": errors}, status_code=faults[0].status)

    @api.exception_handler(Refusal)
    async def refuse(_: Request, refusal: Refusal) -> JSONResponse:
        return told(*refusal.faults)

    @api.exception_handler(RequestValidationError)
    async def refuse_request(_: Request, invalid: RequestValidationError) -> JSONResponse:
        return told(*(_fault_of(each["loc"], each["type"]) for each in invalid.errors()))

    @api.exception_handler(HTTPException)
    async def refuse_address(request: Request, refused: HTTPException) -> JSONResponse:
        code = "METHOD_NOT_ALLOWED" if refused.status_code == NO_METHOD else "PAGE_NOT_FOUND"
        return told(Fault(code, details={"path": request.url.path, "method": request.method}))


def _fault_of(place: tuple[str | int, ...], kind: str) -> Fault:
    """What pydantic complains of, in our words: its own are English."""
    field = ".".join(str(part) for part in place)
    return Fault("REQUEST_INVALID", field, details={"field": field, "problem": _problem_of(kind)})


def _problem_of(kind: str) -> Text:
    return _PROBLEMS.get(kind) or Text(f"não serve ({kind})", f"it does not do ({kind})")
