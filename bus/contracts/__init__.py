"""The contracts: registry, validation, bridges. A home of lxml and xmlschema."""
