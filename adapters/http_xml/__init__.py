"""Applications that take standard messages as XML over plain HTTP."""

from adapters.http_xml.kind import HttpXmlKind

ADAPTER = HttpXmlKind()
