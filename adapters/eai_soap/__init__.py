"""Applications that take standard messages by the web service EAIService."""

from adapters.eai_soap.kind import EaiSoapKind

ADAPTER = EaiSoapKind()
