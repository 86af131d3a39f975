"""Standard messages in XML: the only home of lxml and xmlschema."""
