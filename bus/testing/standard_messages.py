"""A standard message, and what a destination may answer to it; all synthetic."""

UUID = "6b0d7f2e-1a4c-4f0e-9f43-0c7d3a1b2c4d"
OTHER_UUID = "11111111-2222-4333-8444-555555555555"

MESSAGE = f"""<?xml version="1.0" encoding="UTF-8"?>
<TOTVSMessage><MessageInformation version="2.000"><UUID>{UUID}</UUID><Type>BusinessMessage</Type>\
<Transaction>UnitOfMeasure</Transaction><StandardVersion>1.0</StandardVersion>\
<SourceApplication>P12</SourceApplication><CompanyId>01</CompanyId><BranchId>01</BranchId>\
<Product name="PROTHEUS" version="12"/><GeneratedOn>2026-01-31T10:00:00</GeneratedOn>\
<DeliveryType>Sync</DeliveryType></MessageInformation><BusinessMessage><BusinessEvent>\
<Entity>UnitOfMeasure</Entity><Event>upsert</Event><Identification><key name="InternalId">01| |UN\
</key></Identification></BusinessEvent><BusinessContent><Code>UN</Code>\
<InternalId>01| |UN</InternalId><Description>Unidade</Description></BusinessContent>\
</BusinessMessage></TOTVSMessage>""".encode()


def response(status: str = "OK", text: str = "", uuid: str = UUID) -> bytes:
    """A destination's ResponseMessage about a message."""
    notes = f'<ListOfMessages><Message type="ERROR" code="1">{text}</Message></ListOfMessages>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TOTVSMessage><MessageInformation version="2.000"><UUID>{OTHER_UUID}</UUID><Type>Response</Type>\
<Transaction>UnitOfMeasure</Transaction><StandardVersion>1.0</StandardVersion>\
<SourceApplication>RM</SourceApplication><Product name="RM" version="12"/>\
<GeneratedOn>2026-01-31T10:00:01</GeneratedOn></MessageInformation><ResponseMessage>\
<ReceivedMessage><SentBy>P12</SentBy><UUID>{uuid}</UUID></ReceivedMessage><ProcessingInformation>\
<ProcessedOn>2026-01-31T10:00:01</ProcessedOn><Status>{status}</Status>{notes if text else ""}\
</ProcessingInformation></ResponseMessage></TOTVSMessage>""".encode()


def receipt(uuid: str = UUID) -> bytes:
    """A destination's ReceiptMessage about a message."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TOTVSMessage><MessageInformation version="2.000"><UUID>{OTHER_UUID}</UUID><Type>Receipt</Type>\
<Transaction>UnitOfMeasure</Transaction><StandardVersion>1.0</StandardVersion>\
<SourceApplication>RM</SourceApplication><Product name="RM" version="12"/>\
<GeneratedOn>2026-01-31T10:00:01</GeneratedOn></MessageInformation><ReceiptMessage>\
<ReceivedMessage><SentBy>P12</SentBy><UUID>{uuid}</UUID></ReceivedMessage><ReceiptData>\
<ReceivedOn>2026-01-31T10:00:01</ReceivedOn></ReceiptData></ReceiptMessage></TOTVSMessage>""".encode()
