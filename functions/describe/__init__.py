"""Read-only routes: models, OpenAPI documents, the documentation page, health."""
