"""What the JSON APIs answer where they refuse: `{"errors": [...]}`, in the language of the bus."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bus.core.errors import Fault, Refusal
from bus.core.text import Language
from bus.edge.faults import fault_to_dict

NO_METHOD = 405


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
    """What pydantic complains of; its sentences are English, its kinds are words of neither."""
    field = ".".join(str(part) for part in place)
    return Fault("REQUEST_INVALID", field, details={"field": field, "problem": kind})
